import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TrojanscopeError } from '@trojanscope/core';
import yauzl from 'yauzl';
import { count, damaged } from '../archives/sourceFile.js';
import { throwIfAborted } from '../datasets/install.js';
import { makeFolder, refusalToUse } from '../store/dataFolder.js';
import { BACKUP_FORMAT, MANIFEST, type Manifest } from './backup.js';

/** What a backup may hold; nothing else is ever written. */
const NAMES =
  /^(trojanscope\.sqlite|artifacts\/[0-9a-f]{64}\.png|models\/mod_[0-9a-z]{26}\/[a-z-]+\.(json|safetensors)|datasets\/[a-z][a-z0-9-]{0,39}\/[a-z]+\.(json|pixels))$/;
const MAX_MANIFEST_BYTES = 2 ** 28;

export interface RestoreJob {
  /** The archive. */
  from: string;
  /** Where to: a folder that is not there or is empty. */
  dataFolder: string;
  /** Whether it has to survive a power cut, which takes a little for every file; true when left out. */
  lasting?: boolean;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Makes a data folder of a backup, every file checked against its hash. It is there whole or not at all.
 * @throws TrojanscopeError CONFLICT where the folder is not empty, DATA_MISSING, DATA_DAMAGED, ABORTED
 */
export async function restore({
  from,
  dataFolder,
  lasting = true,
  signal,
  onProgress,
}: RestoreJob): Promise<Manifest> {
  const there = await readdir(dataFolder).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw refusalToUse(dataFolder, error);
  });
  if (there.length > 0)
    throw new TrojanscopeError(
      'CONFLICT',
      `${dataFolder} is not empty. Restore into a folder of its own: --data ./restored`,
      ['data'],
    );
  const name = path.basename(from);
  const zip = await yauzl.openPromise(from, { autoClose: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code) throw new TrojanscopeError('DATA_MISSING', `${from} cannot be read (${error.code}).`);
    throw damaged(name, `this is not a complete zip archive (${error.message}).`);
  });
  const part = `${dataFolder}.part`;
  try {
    const entries = new Map<string, yauzl.Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const manifest = await readManifest(name, zip, entries.get(MANIFEST));
    const files = Object.entries(manifest.files);
    await rm(part, { recursive: true, force: true });
    makeFolder(part);
    let done = 0;
    for (const [file, { bytes, sha256 }] of files) {
      throwIfAborted(signal);
      if (!NAMES.test(file)) throw damaged(name, `its ${MANIFEST} names a file that no backup has.`);
      const entry = entries.get(file);
      if (!entry) throw damaged(`${name}/${file}`, 'it is not there.');
      if (entry.uncompressedSize !== bytes)
        throw damaged(
          `${name}/${file}`,
          `expected ${count(bytes)} bytes, got ${count(entry.uncompressedSize)}.`,
        );
      const to = path.join(part, file);
      await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
      const hash = createHash('sha256');
      await pipeline(
        await zip.openReadStreamPromise(entry),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(to, { flags: 'wx', flush: lasting }),
        { signal },
      );
      if (hash.digest('hex') !== sha256)
        throw damaged(`${name}/${file}`, `its hash is not the one in ${MANIFEST}.`);
      onProgress?.(++done, files.length);
    }
    await rm(dataFolder, { recursive: true, force: true });
    await rename(part, dataFolder);
    return manifest;
  } catch (error) {
    if (error instanceof TrojanscopeError) throw error;
    throwIfAborted(signal);
    if ((error as NodeJS.ErrnoException).syscall) throw error;
    throw damaged(name, `it cannot be unpacked (${(error as Error).message}).`);
  } finally {
    zip.close();
    await rm(part, { recursive: true, force: true });
  }
}

async function readManifest(
  name: string,
  zip: yauzl.ZipFile,
  entry: yauzl.Entry | undefined,
): Promise<Manifest> {
  if (!entry || entry.uncompressedSize > MAX_MANIFEST_BYTES)
    throw damaged(name, `expected a backup of trojanscope, with a ${MANIFEST}.`);
  const chunks: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
  let manifest: Manifest;
  try {
    manifest = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw damaged(`${name}/${MANIFEST}`, 'expected JSON.');
  }
  if (manifest.format !== BACKUP_FORMAT)
    throw damaged(`${name}/${MANIFEST}`, `expected ${BACKUP_FORMAT}, got ${manifest.format}.`);
  return manifest;
}
