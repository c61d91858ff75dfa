import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readZip, withoutOuterFolder, type ZipLimits } from '../archives/readZip.js';
import { count, MAX_FILE_BYTES, type SourceFile, several } from '../archives/sourceFile.js';
import { listFolder } from './folder.js';

/** The files to make a data set of. */
export interface Source {
  files: SourceFile[];
  /** How errors name it. */
  where: string;
  /** The archive's path; undefined where it is a folder. */
  archive?: string;
  /** What was passed over or assumed, in sentences. */
  notes: string[];
  close(): Promise<void>;
}

/** GTSRB has 51,882 files. Images hardly get smaller in an archive, so what unpacks to more is none of images. */
const LIMITS: ZipLimits = {
  maxEntries: 60_000,
  maxFileBytes: MAX_FILE_BYTES,
  maxTotalBytes: 2 ** 30,
};

/**
 * A folder, or a zip archive of one; also one that has the folder itself in it, as file managers pack it.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function openSource(from: string, limits = LIMITS): Promise<Source> {
  const isFile = await stat(from).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    const { files, litter } = await listFolder(from);
    return { files, where: from, notes: leftOut(litter, LITTER), close: async () => {} };
  }
  const { files, litter, encoding, close } = await readZip(from, limits);
  const notes = [...leftOut(litter, LITTER), ...(encoding ? [encoding] : [])];
  return { files: withoutOuterFolder(files), where: path.basename(from), archive: from, notes, close };
}

const LITTER = 'of file systems and tools';

/** "Left out: 3 files of file systems and tools (a, b, c).", or nothing where there are none. */
export const leftOut = (names: readonly string[], kind: string): string[] =>
  names.length === 0
    ? []
    : [
        `Left out: ${count(names.length)} ${names.length === 1 ? 'file' : 'files'} ${kind} (${several(names, 3)}).`,
      ];
