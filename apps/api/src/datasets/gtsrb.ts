import path from 'node:path';
import { datasets, type SplitName } from '@trojanscope/core';
import { count } from '../archives/sourceFile.js';
import { GTSRB_ARCHIVES, type GtsrbPartId, type GtsrbParts, openGtsrbParts } from './gtsrbParts.js';
import { type ClassCounts, findTruth, GTSRB_COUNTS, type GtsrbSample, gtsrbSamples } from './gtsrbSamples.js';
import { hashFile, type ListHash, listHash } from './hashes.js';
import { checkFree, install, type Place, throwIfAborted } from './install.js';
import { type Imported, writePackedInfo } from './packedWriter.js';
import { packImages, type Watch } from './packImages.js';
import { decodePpm } from './ppm.js';

export interface GtsrbImport extends Omit<Place, 'id'>, Watch {
  /** Folder with the archives, or with what was in them. */
  from: string;
  /** How the record names the source; else by the folder's name. */
  origin?: string;
  /** For tests with small archives. */
  expected?: ClassCounts;
}

/**
 * Imports the German Traffic Sign Recognition Benchmark as its authors publish it, or a copy of another size in the
 * same layout.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importGtsrb(job: GtsrbImport): Promise<Imported> {
  const place = { ...job, id: 'gtsrb' };
  checkFree(place);
  const parts = await openGtsrbParts(job.from);
  try {
    return await install(place, (folder) => pack(folder, parts, job));
  } finally {
    await parts.close();
  }
}

async function pack(folder: string, parts: GtsrbParts, job: GtsrbImport): Promise<Imported> {
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
  await packImages(folder, samples, decode, job);

  const imported = await provenance(parts, read, job);
  if (resized > 0) imported.from += ` ${count(resized)} images have another size than the CSVs say.`;
  const { title, description, source, shape, classNames } = datasets.gtsrb;
  await writePackedInfo(folder, { title, description, source, shape, classNames, counts, imported });
  return imported;
}

/** The hashes of the archives as they are, or where there are none, one hash for all files that were read. */
async function provenance(
  parts: GtsrbParts,
  read: Record<GtsrbPartId, ListHash>,
  { from, origin = `The folder ${path.basename(path.resolve(from))}`, signal }: GtsrbImport,
): Promise<Imported> {
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
  return { from: `${origin}; ${says}.`, files, at: new Date().toISOString() };
}
