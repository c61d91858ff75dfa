import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readZip, type ZipLimits } from '../archives/readZip.js';
import { isLitter, MAX_FILE_BYTES, type SourceFile } from '../archives/sourceFile.js';
import { listFolder } from './folder.js';

/** The files to make a data set of. */
export interface Source {
  files: SourceFile[];
  /** How errors name it. */
  where: string;
  /** The archive's path; undefined where it is a folder. */
  archive?: string;
  close(): Promise<void>;
}

/** GTSRB has 51,882 files. Images hardly get smaller in an archive, so what unpacks to more is none of images. */
const LIMITS: ZipLimits = {
  maxEntries: 60_000,
  maxFileBytes: MAX_FILE_BYTES,
  maxTotalBytes: 2 ** 30,
  wants: (name) => !name.endsWith('/') && !isLitter(name),
};

/**
 * A folder, or a zip archive of one; also one that has the folder itself in it, as file managers pack it.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function openSource(from: string): Promise<Source> {
  const isFile = await stat(from).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) return { files: await listFolder(from), where: from, close: async () => {} };
  const { files, close } = await readZip(from, LIMITS);
  return { files: withoutOuterFolder(files), where: path.basename(from), archive: from, close };
}

function withoutOuterFolder(files: SourceFile[]): SourceFile[] {
  const outer = `${files[0]?.name.split('/')[0]}/`;
  if (!files.every(({ name }) => name.startsWith(outer))) return files;
  return files.map((file) => ({ ...file, name: file.name.slice(outer.length) }));
}
