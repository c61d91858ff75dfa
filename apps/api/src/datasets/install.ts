import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { datasets, TrojanscopeError } from '@trojanscope/core';
import type { Blobs } from '../blobs/blobs.js';
import { isBeingWritten, leftoverName } from '../blobs/leftovers.js';

/** Where all are kept. */
export const DATASETS = 'datasets';
export const datasetKey = (id: string) => `${DATASETS}/${id}`;

/** @throws TrojanscopeError BAD_USER_INPUT */
export function checkId(id: string, field = 'id'): void {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(id))
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `Expected an id of small letters, digits and hyphens, a letter first, at most 40, got ${JSON.stringify(id)}.`,
      [field],
    );
}

/** @throws TrojanscopeError BAD_USER_INPUT for the id of a data set that trojanscope knows by itself */
export function checkOwnId(id: string, field = 'id'): void {
  checkId(id, field);
  if (Object.hasOwn(datasets, id))
    throw new TrojanscopeError('BAD_USER_INPUT', `${id} is the id of a built-in data set. Choose another.`, [
      field,
    ]);
}

export const throwIfAborted = (signal?: AbortSignal) => {
  if (signal?.aborted) throw new TrojanscopeError('ABORTED', 'The import was stopped; nothing was changed.');
};

export interface Place {
  blobs: Blobs;
  id: string;
  /** Put the new data set in the place of one that is there. */
  replace?: boolean;
}

const isThere = (id: string) =>
  new TrojanscopeError(
    'CONFLICT',
    `The data set ${id} is there already (\`data show ${id}\`). Add --replace to import it anew.`,
    ['id'],
  );

/** Refuses before any work is done. @throws TrojanscopeError CONFLICT */
export async function checkFree({ blobs, id, replace }: Place): Promise<void> {
  if (!replace && (await blobs.version(datasetKey(id)))) throw isThere(id);
}

/**
 * Has `write` fill a folder beside the place of the data set, and moves it there when it is whole. A kill at any moment
 * leaves the old data set or the new one; what it leaves beside is cleared by the next import.
 */
export async function install<T>(place: Place, write: (folder: string) => Promise<T>): Promise<T> {
  await checkFree(place);
  return place.blobs.put(datasetKey(place.id), (folder) => installAt(folder, place, write));
}

async function installAt<T>(
  folder: string,
  { id, replace }: Place,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  const all = path.dirname(folder);
  await clearLeftovers(all);
  const part = path.join(all, leftoverName(id, 'part'));
  const old = path.join(all, leftoverName(id, 'old'));
  working.add(part);
  try {
    await mkdir(part);
    const result = await write(part);
    if (replace && existsSync(folder)) await rename(folder, old);
    // A rename onto a folder with files in it fails: of two imports at once, the second finds out here.
    await rename(part, folder).catch((error) => {
      throw existsSync(folder) ? isThere(id) : error;
    });
    await rm(old, { recursive: true, force: true });
    return result;
  } finally {
    await rm(part, { recursive: true, force: true });
    working.delete(part);
  }
}

/** Folders that imports of this process are writing. */
const working = new Set<string>();

/** What a killed import left. */
async function clearLeftovers(all: string): Promise<void> {
  for (const name of await readdir(all)) {
    const [, id, pid, , what] = /^\.([a-z0-9-]+)\.(\d+)\.(\w+)\.(part|old)$/.exec(name) ?? [];
    const folder = path.join(all, name);
    if (!id || !pid || working.has(folder)) continue;
    if (await isBeingWritten(folder, Number(pid))) continue;
    // Killed between the two renames: the old data set is whole, the new one is not known to be.
    if (what === 'old' && !existsSync(path.join(all, id))) await rename(folder, path.join(all, id));
    else await rm(folder, { recursive: true, force: true });
  }
}
