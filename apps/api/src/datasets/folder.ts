import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import { count, damaged, isLitter, MAX_FILE_BYTES, type SourceFile } from '../archives/sourceFile.js';

/** A data set has as many; a mistaken `--from /` has more. */
const MAX_FILES = 500_000;
const MAX_DEPTH = 8;

/**
 * All files below `folder`, in the order of their names. Links are refused: they could lead out of the folder or round
 * in a circle, and left out without a word they would be missed in the data set.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function listFolder(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  await walk('', 0);
  return files;

  async function walk(below: string, depth: number): Promise<void> {
    const here = path.join(folder, below);
    if (depth > MAX_DEPTH) throw damaged(here, `expected at most ${MAX_DEPTH} folders inside one another.`);
    const entries = await readdir(here, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      throw new TrojanscopeError(
        'DATA_MISSING',
        `${here}: expected a folder that can be read, got ${error.code}.`,
      );
    });
    for (const entry of entries.sort(byName)) {
      const name = below ? `${below}/${entry.name}` : entry.name;
      if (isLitter(name)) continue;
      if (entry.isDirectory()) await walk(name, depth + 1);
      else if (!entry.isFile())
        throw damaged(path.join(folder, name), 'expected only files and folders, got a link or a device.');
      else files.push({ name, where: path.join(folder, name), read: () => readFileOf(name) });
      if (files.length > MAX_FILES)
        throw damaged(folder, `expected at most ${count(MAX_FILES)} files. Is this the right folder?`);
    }
  }

  async function readFileOf(name: string): Promise<Buffer> {
    const file = path.join(folder, name);
    // Between listing and reading, a file may have become a link.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
      (error: NodeJS.ErrnoException) => {
        throw damaged(file, `it cannot be read (${error.code}).`);
      },
    );
    try {
      const { size } = await handle.stat();
      if (size > MAX_FILE_BYTES)
        throw damaged(file, `expected at most ${count(MAX_FILE_BYTES)} bytes, got ${count(size)}.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
