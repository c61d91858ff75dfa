import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import { readZip, type ZipLimits } from '../archives/readZip.js';
import { damaged, MAX_FILE_BYTES, type SourceFile } from '../archives/sourceFile.js';
import { openSource } from './source.js';

/**
 * The three official archives. The MD5s are those that public projects pin for the official address; the training
 * archive's, too, stands in several that are independent of each other.
 */
export const GTSRB_ARCHIVES = {
  training: { name: 'GTSRB_Final_Training_Images.zip', md5: 'f33fd80ac59bff73c82d25ab499e03a3' },
  testImages: { name: 'GTSRB_Final_Test_Images.zip', md5: 'c7e4e6327067d32654124b0fe9e82185' },
  testTruth: { name: 'GTSRB_Final_Test_GT.zip', md5: 'fe31e9c9270bbcd7b84b7f21a9d9d9e5' },
} as const;

/** The training archive has 39,339 entries and about 0.3 GB; a directory of millions would fill the memory. */
export const GTSRB_LIMITS: ZipLimits = {
  maxEntries: 50_000,
  maxFileBytes: MAX_FILE_BYTES,
  maxTotalBytes: 4 * 2 ** 30,
};

/** Kaggle's archive has every image twice, in `Train` and in `train`. */
const SOURCE_LIMITS: ZipLimits = { ...GTSRB_LIMITS, maxEntries: 120_000, caseMatters: true };

export type GtsrbPartId = keyof typeof GTSRB_ARCHIVES;

export interface GtsrbPart {
  files: SourceFile[];
  /** How errors name it. */
  where: string;
  /** The archive's path; undefined where the part lies there unpacked. */
  archive?: string;
}

export interface GtsrbParts extends Record<GtsrbPartId, GtsrbPart> {
  /** All that is there unpacked, or in the one archive. */
  unpacked: GtsrbPart;
  /** The one archive that holds all unpacked files, where that is the source. */
  whole?: string;
  /** What was passed over or assumed, in sentences. */
  notes: string[];
  close(): Promise<void>;
}

/**
 * Finds each part as an archive (its name in any case, in any folder), or else among the unpacked files, which may be
 * one archive themselves.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function openGtsrbParts(folder: string): Promise<GtsrbParts> {
  const source = await openSource(folder, SOURCE_LIMITS);
  const all = source.files;
  const unpacked = { files: all.filter(({ name }) => !/\.zip$/i.test(name)), where: source.where };
  const opened: { close(): Promise<void> }[] = [source];
  const close = async () => {
    for (const archive of opened) await archive.close();
  };
  try {
    return {
      training: await part('training'),
      testImages: await part('testImages'),
      testTruth: await part('testTruth'),
      unpacked,
      whole: source.archive,
      notes: source.notes,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function part(id: GtsrbPartId): Promise<GtsrbPart> {
    const { name } = GTSRB_ARCHIVES[id];
    const found = all.filter((file) => path.posix.basename(file.name).toLowerCase() === name.toLowerCase());
    if (found.length > 1) {
      const places = found.map((file) => file.name).join(' and ');
      throw new TrojanscopeError('BAD_USER_INPUT', `${folder}: expected ${name} once, got ${places}.`, [
        'from',
      ]);
    }
    if (!found[0]) return unpacked;
    if (source.archive)
      throw damaged(
        found[0].where,
        'expected what is in it, unpacked, instead of an archive inside an archive.',
      );
    const archive = found[0].where;
    const zip = await readZip(archive, GTSRB_LIMITS);
    opened.push(zip);
    return { files: zip.files, where: path.basename(archive), archive };
  }
}
