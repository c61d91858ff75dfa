import { constants } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isLitter, normalName, TrojanscopeError } from '@trojanscope/core';
import { count, damaged, MAX_FILE_BYTES, type SourceFile } from '../archives/sourceFile.js';

/** A data set has as many; a mistaken `--from /` has more. */
const MAX_FILES = 500_000;
const MAX_DEPTH = 8;

export interface Listing {
  files: SourceFile[];
  /** Names of what file systems and tools left there, a folder of it as one. */
  litter: string[];
}

/**
 * All files below `folder`, in the order of their names. A link is followed where it stays in the folder; one that leads
 * out of it, or round in a circle, is refused: left out without a word, what it stands for would be missed.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function listFolder(folder: string): Promise<Listing> {
  const files: SourceFile[] = [];
  const litter: string[] = [];
  let seen = 0;
  const root = await realpath(folder).catch((error: NodeJS.ErrnoException) => cannotRead(folder, error));
  await walk('', folder, root, []);
  return { files, litter };

  /** @param here its path as errors name it @param real without links @param around the folders that it is in */
  async function walk(below: string, here: string, real: string, around: readonly string[]): Promise<void> {
    if (around.length > MAX_DEPTH)
      throw damaged(here, `expected at most ${MAX_DEPTH} folders inside one another.`);
    const entries = await readdir(real, { withFileTypes: true }).catch((error) => cannotRead(here, error));
    const named = entries.map((entry) => ({ entry, name: normalName(entry.name) })).sort(byName);
    for (const [i, { entry, name: own }] of named.entries()) {
      const name = below ? `${below}/${own}` : own;
      const where = path.join(here, entry.name);
      if (isLitter(own)) {
        litter.push(name);
        continue;
      }
      if (named[i - 1]?.name === own)
        throw damaged(where, 'it is there twice, once with composed and once with decomposed letters.');
      // Folders count too: links from one to the other could multiply without a single file.
      if (++seen > MAX_FILES)
        throw damaged(folder, `expected at most ${count(MAX_FILES)} files. Is this the right folder?`);
      const itself = path.join(real, entry.name);
      const target = entry.isSymbolicLink() ? await follow(itself, where, [...around, real]) : itself;
      const found = target === itself ? entry : await stat(target);
      if (found.isDirectory()) await walk(name, where, target, [...around, real]);
      else if (!found.isFile()) throw damaged(where, 'expected only files and folders, got a device.');
      else files.push({ name, where, read: () => readFileOf(target, where) });
    }
  }

  /** Where a link leads. */
  async function follow(link: string, where: string, around: readonly string[]): Promise<string> {
    const target = await realpath(link).catch((error: NodeJS.ErrnoException) => {
      throw damaged(where, `this link leads nowhere (${error.code}).`);
    });
    if (around.includes(target))
      throw damaged(where, 'this link leads back into a folder that it is in, and so round in a circle.');
    if (!target.startsWith(root.endsWith(path.sep) ? root : root + path.sep))
      throw damaged(where, 'this link leads out of the folder. Put what it stands for in its place.');
    return target;
  }

  async function readFileOf(file: string, where: string): Promise<Buffer> {
    // Between listing and reading, a file may have become a link.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(
      (error: NodeJS.ErrnoException) => {
        throw damaged(where, `it cannot be read (${error.code}).`);
      },
    );
    try {
      const { size } = await handle.stat();
      if (size > MAX_FILE_BYTES)
        throw damaged(where, `expected at most ${count(MAX_FILE_BYTES)} bytes, got ${count(size)}.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }
}

function cannotRead(folder: string, { code }: NodeJS.ErrnoException): never {
  throw new TrojanscopeError('DATA_MISSING', `${folder}: expected a folder that can be read, got ${code}.`);
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
