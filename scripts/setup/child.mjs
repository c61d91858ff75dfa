import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { identify } from './lock.mjs';
import { root, state } from './places.mjs';

/** A step that failed, in words for the person at the terminal, and the exit status that this ends with. */
export class StepError extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/** The same start would fail again: EX_CONFIG of sysexits.h, after which a service is not started anew. */
export const EXIT_CONFIG = 78;

export const lockFile = join(state, 'lock');
const children = new Set();

/** Runs a program with its output in a log file; throws a StepError with the log's end when it fails. */
export async function run(command, args, { log, cwd = root, env = {}, hint = '' }) {
  mkdirSync(join(state, 'logs'), { recursive: true });
  const logFile = join(state, 'logs', `${log}.log`);
  const output = openSync(logFile, 'w');
  // A process group of its own, so that stopping set-up also stops what the program has started itself.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    detached: process.platform !== 'win32',
  });
  closeSync(output);
  children.add(child);
  if (child.pid) appendFileSync(lockFile, `${identify(child.pid)}\n`);
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  children.delete(child);
  if (outcome === 0) return;
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-30);
  throw new StepError(
    [
      `This failed (${outcome}). The end of ${relative(root, logFile)}:`,
      ...lines.map((line) => `    ${line}`),
      hint,
    ].join('\n'),
  );
}

export function stopChildren() {
  for (const { pid } of children) {
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM');
    } catch {} // already gone
  }
}
