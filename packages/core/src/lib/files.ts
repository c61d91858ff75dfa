import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { TrojanscopeError } from './errors.js';

/**
 * A name beside a place for what is not whole yet. It holds the number of the process that writes, so that what a kill
 * left can be told from what is being written.
 */
export const partOf = (place: string) => `${place}.${process.pid}.${randomUUID().slice(0, 8)}.part`;

/**
 * Writes beside the file, flushes, renames: a reader sees the old bytes or the new ones, also after a power cut. Where
 * that fails, as on a full disk, nothing stays.
 */
export async function writeWhole(file: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = partOf(file);
  const handle = await open(temporary, 'w');
  try {
    await handle.writeFile(bytes);
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
