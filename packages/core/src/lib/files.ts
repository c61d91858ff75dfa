import { randomUUID } from 'node:crypto';
import { access, constants, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { TrojanscopeError } from './errors.js';

/**
 * A name beside a place for what is not whole yet. It holds the number of the process that writes, so that what a kill
 * left can be told from what is being written.
 */
export const partOf = (place: string) => `${place}.${process.pid}.${randomUUID().slice(0, 8)}.part`;

/**
 * Writes beside the file, flushes, renames: a reader sees the old bytes or the new ones, also after a power cut. Where
 * that fails, as on a full disk, nothing stays.
 * @param content whole, or in pieces that are written one behind the other
 */
export async function writeWhole(
  file: string,
  content: Uint8Array | string | readonly Uint8Array[],
): Promise<void> {
  const temporary = partOf(file);
  const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
  const handle = await open(temporary, 'w');
  try {
    for (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @throws TrojanscopeError DATA_MISSING */
export async function readWhole(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TrojanscopeError('DATA_MISSING', `${file} is not there.`);
  }
}

/**
 * Whether a file, or a folder, that somebody named is there and may be read.
 * @throws TrojanscopeError BAD_USER_INPUT
 */
export async function expectPlace(place: string, kind: 'file' | 'folder'): Promise<void> {
  const refuse = (what: string) => new TrojanscopeError('BAD_USER_INPUT', what);
  try {
    const found = await stat(place);
    const came = found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'device';
    if (came !== kind) throw refuse(`Expected a ${kind}; ${place} is a ${came}.`);
    await access(place, constants.R_OK);
  } catch (error) {
    if (error instanceof TrojanscopeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw refuse(`There is no ${kind} ${place}.`);
    throw refuse(`The ${kind} ${place} may not be read (${code}): the server's user needs the right to.`);
  }
}
