import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { log } from '../log.js';

/** Starts a process of ours on the drivers of this one: its first argument tells which. */
export type Fork = (module: URL, args?: string[], env?: NodeJS.ProcessEnv) => ChildProcess;

/** What TensorFlow says of itself whenever it is loaded, before any setting could keep it quiet. */
const STARTUP_NOTE =
  /^WARNING: All log messages before absl|^I\d{4} .*(oneDNN custom operations|cpu_feature_guard)|^To enable the following instructions/;

/**
 * Forks a process of ours that loads the engine; its errors come out here, but for TensorFlow's start-up notes. Its
 * signs of life, where it gives any (see signsOfLife.ts), can be read from `stdio[4]`.
 */
export function forkQuietly(module: URL, args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = fork(fileURLToPath(module), args, {
    serialization: 'advanced',
    // What is set for the whole server comes first.
    env: { ...env, ...process.env },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc', 'pipe'],
  });
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!STARTUP_NOTE.test(line)) log.warn({ process: path.basename(module.pathname) }, line);
  });
  return child;
}
