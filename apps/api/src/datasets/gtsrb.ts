import path from 'node:path';
import type { SplitName } from '@trojanscope/core';
import { count } from '../archives/sourceFile.js';
import { GTSRB_ARCHIVES, type GtsrbPartId, type GtsrbParts, openGtsrbParts } from './gtsrbParts.js';
import {
  type ClassCounts,
  findKaggle,
  findTruth,
  GTSRB_COUNTS,
  type GtsrbSample,
  gtsrbSamples,
  isGtsrbImage,
  type KaggleCsvs,
  kaggleSamples,
} from './gtsrbSamples.js';
import { hashFile, type ListHash, listHash } from './hashes.js';
import { decodeImage } from './imageFile.js';
import { checkFree, install, type Place, throwIfAborted } from './install.js';
import { type Imported, recordImport } from './packedWriter.js';
import { packImages, refuseUnreadable, type Watch } from './packImages.js';
import { decodePpm } from './ppm.js';
import { leftOut } from './source.js';

export interface GtsrbImport extends Omit<Place, 'id'>, Watch {
  /** Folder with the archives, or with what was in them. */
  from: string;
  /** How the record names the source; else by the folder's name. */
  origin?: string;
  /** For tests with small archives. */
  expected?: ClassCounts;
}

/**
 * Imports the German Traffic Sign Recognition Benchmark as its authors publish it or as Kaggle has it, or a copy of
 * another size in the same layout.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importGtsrb(job: GtsrbImport): Promise<Imported> {
  const place = { ...job, id: 'gtsrb' };
  await checkFree(place);
  const parts = await openGtsrbParts(job.from);
  try {
    return await install(place, (folder) => pack(folder, parts, job));
  } finally {
    await parts.close();
  }
}

async function pack(folder: string, parts: GtsrbParts, job: GtsrbImport): Promise<Imported> {
  const kaggle = findKaggle(parts.unpacked);
  if (kaggle) return packKaggle(folder, parts, kaggle, job);
  const truth = findTruth(parts.testTruth);
  const samples = await gtsrbSamples(parts, truth, job.expected ?? GTSRB_COUNTS);
  const counts = { train: samples.train.length, test: samples.test.length };
  const read = { training: listHash(), testImages: listHash(), testTruth: listHash() };
  read.testTruth.add(truth.name, await truth.read());
  let resized = 0;
  const decode = (bytes: Buffer, { file, width, height }: GtsrbSample, split: SplitName) => {
    read[split === 'train' ? 'training' : 'testImages'].add(file.name, bytes);
    const picture = decodePpm(bytes, file.where);
    if (picture.width !== width || picture.height !== height) resized++;
    return picture;
  };
  const unreadable = await packImages(folder, samples, decode, job);
  if (unreadable.length > 0) throw refuseUnreadable('GTSRB', unreadable);

  const { from, files } = await provenance(parts, read, job);
  return recordImport(folder, 'gtsrb', counts, {
    from: `${from}${resized > 0 ? resizedWords(resized) : ''}`,
    files,
    notes: parts.notes,
  });
}

const resizedWords = (resized: number) => ` ${count(resized)} images have another size than the CSVs say.`;

async function packKaggle(
  folder: string,
  { unpacked, whole, notes }: GtsrbParts,
  csvs: KaggleCsvs,
  job: GtsrbImport,
): Promise<Imported> {
  const samples = await kaggleSamples(unpacked, csvs, job.expected ?? GTSRB_COUNTS);
  const read = listHash();
  for (const csv of Object.values(csvs)) read.add(csv.name, await csv.read());
  let resized = 0;
  const decode = async (bytes: Buffer, { file, width, height }: GtsrbSample) => {
    read.add(file.name, bytes);
    const picture = await decodeImage(bytes, file.where, 3);
    if (picture.width !== width || picture.height !== height) resized++;
    return picture;
  };
  const unreadable = await packImages(folder, samples, decode, job);
  if (unreadable.length > 0) throw refuseUnreadable(job.from, unreadable);

  const used = new Set([...samples.train, ...samples.test].map(({ file }) => file.name));
  const { from, origin = `The ${whole ? 'archive' : 'folder'} ${path.basename(path.resolve(from))}` } = job;
  const what = 'GTSRB as Kaggle has it, PNG, not known by MD5 as the official archives';
  const others = unpacked.files
    .map(({ name }) => name)
    .filter((name) => isGtsrbImage(name) && !used.has(name));
  const counts = { train: samples.train.length, test: samples.test.length };
  return recordImport(folder, 'gtsrb', counts, {
    from: `${origin}; ${what}.${resized > 0 ? resizedWords(resized) : ''}`,
    files: [await hashOf()],
    notes: [...notes, ...leftOut(others, 'that the CSVs do not list')],
  });

  async function hashOf() {
    const name = job.origin ?? path.basename(path.resolve(from));
    if (!whole) return { name: `${name}, ${count(used.size)} images and their CSVs`, ...read.digest() };
    const { bytes, sha256 } = await hashFile(whole);
    return { name, bytes, sha256 };
  }
}

/** The hashes of the archives as they are, or where there are none, one hash for all files that were read. */
async function provenance(
  parts: GtsrbParts,
  read: Record<GtsrbPartId, ListHash>,
  { from, origin = `The folder ${path.basename(path.resolve(from))}`, signal }: GtsrbImport,
): Promise<Pick<Imported, 'from' | 'files'>> {
  const files: Imported['files'] = [];
  const others: string[] = [];
  for (const id of Object.keys(GTSRB_ARCHIVES) as GtsrbPartId[]) {
    throwIfAborted(signal);
    const { archive } = parts[id];
    const { name, md5 } = GTSRB_ARCHIVES[id];
    if (archive) {
      const { md5: got, ...file } = await hashFile(archive);
      files.push({ name, ...file });
      if (got !== md5) others.push(name);
    } else {
      files.push({ name: `${name}, unpacked`, ...read[id].digest() });
      others.push(`${name}, unpacked`);
    }
  }
  const says =
    others.length === 0
      ? 'the official archives, by their MD5'
      : `not known by MD5 as the official archives: ${others.join('; ')}`;
  return { from: `${origin}; ${says}.`, files };
}
