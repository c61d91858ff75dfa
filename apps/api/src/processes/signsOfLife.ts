import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

const EVERY_MS = 5_000;
/** Below a minute together with the time until somebody looks. */
const SILENCE_MS = 45_000;
export const PIPE = 4;

/**
 * Has a thread of its own say that this process is running, and how much memory it has: a step that keeps the main thread busy for long is no death,
 * a process that was stopped or swapped out is silent.
 */
export function giveSignsOfLife(): void {
  const say = `require('node:fs').writeSync(${PIPE}, process.memoryUsage.rss() + '\\n')`;
  const code = `const say = () => ${say}; say(); setInterval(say, ${EVERY_MS})`;
  new Worker(code, { eval: true }).unref();
}

/**
 * Calls `onSilence` once when `child` has given no sign of life for 45 seconds.
 * @returns the memory it last said it has, in bytes; 0 before
 */
export function watchSignsOfLife(child: ChildProcess, onSilence: () => void): () => number {
  let heard = performance.now();
  let bytes = 0;
  (child.stdio[PIPE] as Readable).on('data', (said: Buffer) => {
    heard = performance.now();
    bytes = Number(said.toString().trim().split('\n').at(-1)) || 0;
  });
  const watch = setInterval(() => {
    if (performance.now() - heard < SILENCE_MS) return;
    clearInterval(watch);
    onSilence();
  }, EVERY_MS);
  child.once('exit', () => clearInterval(watch));
  return () => bytes;
}
