import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { isLitter, normalName, TrojanscopeError } from '@trojanscope/core';
import tar from 'tar-stream';
import { count, damaged, type SourceFile } from './sourceFile.js';

export interface TarLimits {
  maxEntries: number;
  /** Of all files unpacked: they are held in memory. */
  maxTotalBytes: number;
}

/**
 * Reads the files of a tar archive that is packed with gzip into memory: a tar has no directory to look them up in.
 * Nothing is written anywhere, so no name can lead out of anywhere. Folders and litter are left out.
 * @throws TrojanscopeError DATA_DAMAGED for anything but a well-formed archive of plain files, naming the entry
 */
export async function readTarGz(
  file: string,
  { maxEntries, maxTotalBytes }: TarLimits,
  signal?: AbortSignal,
): Promise<SourceFile[]> {
  const archive = path.basename(file);
  const contents = new Map<string, Buffer>();
  let [entries, total] = [0, 0];
  const extract = tar.extract();
  extract.on('entry', ({ name: given, type, size = 0 }, stream, next) => {
    const name = normalName(given);
    const where = `${archive}/${name}`;
    const refuse = (what: string) => void extract.destroy(damaged(where, what));
    if (++entries > maxEntries) return refuse(`expected at most ${count(maxEntries)} entries.`);
    if (type !== 'file' && type !== 'directory')
      return refuse(`expected only files and folders, got one of the kind ${type}.`);
    total += size;
    if (total > maxTotalBytes) return refuse(`expected at most ${count(maxTotalBytes)} bytes unpacked.`);
    if (contents.has(name)) return refuse('it is there twice.');
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('end', () => {
      if (type === 'file' && !name.split('/').some(isLitter)) contents.set(name, Buffer.concat(pieces));
      next();
    });
  });
  try {
    await pipeline(createReadStream(file), createGunzip(), extract, { signal });
  } catch (error) {
    if (error instanceof TrojanscopeError || signal?.aborted) throw error;
    throw damaged(
      archive,
      `this is not a complete tar archive packed with gzip (${(error as Error).message}).`,
    );
  }
  return [...contents].map(([name, content]) => ({
    name,
    where: `${archive}/${name}`,
    read: async () => content,
  }));
}
