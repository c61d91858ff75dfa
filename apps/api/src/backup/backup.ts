import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TrojanscopeError, VERSION } from '@trojanscope/core';
import yazl from 'yazl';
import { hashFile } from '../datasets/hashes.js';
import { throwIfAborted } from '../datasets/install.js';
import { DATABASE, refusalToUse } from '../store/dataFolder.js';
import { idsWithFiles, takeSnapshot } from '../store/snapshot.js';

export const BACKUP_FORMAT = 'trojanscope-backup/1';
export const MANIFEST = 'backup.json';

/** `backup.json`: what is in a backup, to check it by. */
export interface Manifest {
  format: typeof BACKUP_FORMAT;
  /** Of trojanscope. */
  version: string;
  /** ISO time. */
  at: string;
  files: Record<string, { bytes: number; sha256: string }>;
}

export interface BackupJob {
  dataFolder: string;
  /** The archive to write, a .zip. */
  to: string;
  replace?: boolean;
  /** Leave out imported data sets, which can be imported again. */
  withoutData?: boolean;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Writes everything into one archive while the server may be at work: the database as it is at one moment, then the
 * pictures and models that it knows, which never change. The archive is there whole or not at all, readable by its owner
 * alone.
 * @returns its size in bytes
 * @throws TrojanscopeError DATA_MISSING, CONFLICT, ABORTED
 */
export async function backup(job: BackupJob): Promise<number> {
  const { dataFolder, to, replace, signal } = job;
  const source = path.join(dataFolder, DATABASE);
  if (!existsSync(source))
    throw new TrojanscopeError('DATA_MISSING', `There is nothing to back up in ${dataFolder}.`);
  if (existsSync(to) && !replace)
    throw new TrojanscopeError('CONFLICT', `${to} is there already. Add --replace to write it anew.`, ['to']);
  const temporary = `${to}.${randomUUID().slice(0, 8)}.part`;
  const snapshot = `${temporary}.sqlite`;
  try {
    await open(temporary, 'wx', 0o600).then((file) => file.close(), refuseTarget(to));
    await takeSnapshot(source, snapshot).catch((error) => {
      throw refusalToUse(dataFolder, error);
    });
    const files = await filesOf(job, snapshot);
    const manifest: Manifest = {
      format: BACKUP_FORMAT,
      version: VERSION,
      at: new Date().toISOString(),
      files: {},
    };
    const zip = new yazl.ZipFile();
    for (const [i, [name, file]] of files.entries()) {
      throwIfAborted(signal);
      const { bytes, sha256 } = await hashFile(file);
      manifest.files[name] = { bytes, sha256 };
      // Pictures and weights hardly get smaller.
      zip.addFile(file, name, { compress: name === DATABASE, mode: 0o100600 });
      job.onProgress?.(i + 1, files.length);
    }
    zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), MANIFEST);
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(temporary, { mode: 0o600, flush: true }), { signal });
    await rename(temporary, to);
    return (await stat(to)).size;
  } finally {
    await rm(temporary, { force: true });
    await rm(snapshot, { force: true });
  }
}

const refuseTarget = (to: string) => (error: NodeJS.ErrnoException) => {
  throw new TrojanscopeError(
    'BAD_USER_INPUT',
    `--to: ${to} cannot be written (${error.code}). Name a file in a folder that is there and may be written to.`,
    ['to'],
  );
};

/** Name in the archive and place on the disk. Whatever the snapshot knows is there: files come before their rows. */
async function filesOf(
  { dataFolder, withoutData }: BackupJob,
  snapshot: string,
): Promise<[string, string][]> {
  const files: [string, string][] = [[DATABASE, snapshot]];
  const add = (name: string) => files.push([name, path.join(dataFolder, name)]);
  const { artifacts, models } = idsWithFiles(snapshot);
  for (const id of artifacts) add(`artifacts/${id}.png`);
  for (const id of models)
    for (const name of await readdir(path.join(dataFolder, 'models', id))) add(`models/${id}/${name}`);
  if (withoutData) return files;
  const datasets = await readdir(path.join(dataFolder, 'datasets')).catch(() => []);
  for (const id of datasets.filter((name) => !name.startsWith('.')))
    for (const name of await readdir(path.join(dataFolder, 'datasets', id))) add(`datasets/${id}/${name}`);
  return files;
}
