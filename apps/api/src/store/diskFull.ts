import { setTimeout as sleep } from 'node:timers/promises';
import { TrojanscopeError } from '@trojanscope/core';
import { log } from '../log.js';

/** What the system and SQLite say. */
const CODES = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
const AGAIN_MS = 2_000;

export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && CODES.has(String(error.code));

export const diskFull = () =>
  new TrojanscopeError(
    'DISK_FULL',
    'The server’s disk has no room for this. Ask an administrator to free space, then retry.',
  );

/** What may be said of an error: our own refusals as they are, a full disk; undefined for an internal error. */
export function refusalOf(error: unknown): TrojanscopeError | undefined {
  if (error instanceof TrojanscopeError) return error;
  return isDiskFull(error) ? diskFull() : undefined;
}

/** For what may as well not be written. */
export async function ifThereIsRoom(write: Promise<unknown>): Promise<void> {
  await write.catch((error) => {
    if (!isDiskFull(error)) throw error;
  });
}

/** Does again what a full disk refuses, until there is room: for what must be written sooner or later. */
export async function onceThereIsRoom<T>(work: () => Promise<T>): Promise<T> {
  for (let told = false; ; told = true) {
    try {
      return await work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      if (!told) log.error({ err: error }, 'the disk is full: what has to be written waits for room');
      await sleep(AGAIN_MS);
    }
  }
}
