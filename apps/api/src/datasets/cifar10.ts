import { open } from 'node:fs/promises';
import path from 'node:path';
import { datasets, SPLITS, type SplitName } from '@trojanscope/core';
import { readTarGz } from '../archives/readTarGz.js';
import { count, damaged, type SourceFile } from '../archives/sourceFile.js';
import { hashFile, listHash } from './hashes.js';
import { checkFree, install, type Place, throwIfAborted } from './install.js';
import { type Imported, recordImport } from './packedWriter.js';
import { packImages, type Watch } from './packImages.js';
import { openSource, type Source } from './source.js';

/** By the MD5 that https://www.cs.toronto.edu/~kriz/cifar.html names. */
const ARCHIVE = { name: 'cifar-10-binary.tar.gz', md5: 'c32a1d4ab5d03f1284b67883e8d87530' };
const BATCHES: Record<SplitName, readonly string[]> = {
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
};
const NAMES = 'batches.meta.txt';
/** The archive has 8 files with 184 MB. */
const LIMITS = { maxEntries: 100, maxTotalBytes: 2 ** 28 };

export interface Cifar10Import extends Omit<Place, 'id'>, Watch {
  /** The official archive, or a folder or zip archive with it or with what is in it. */
  from: string;
  /** How the record names the source; else by its name. */
  origin?: string;
  /** Images in each file; fewer for tests with small ones. */
  perBatch?: number;
}

/**
 * Imports CIFAR-10 in its binary version. That for Python is pickled, and to open a pickle is to run what it says.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importCifar10(job: Cifar10Import): Promise<Imported> {
  const place = { ...job, id: 'cifar-10' };
  await checkFree(place);
  const source = await openCifar(job.from, job.signal);
  try {
    return await install(place, (folder) => pack(folder, source, job));
  } finally {
    await source.close();
  }
}

/** What is in the archive, wherever that is. */
async function openCifar(from: string, signal?: AbortSignal): Promise<Source> {
  if (await isGzip(from)) return ofTarGz(from);
  const source = await openSource(from);
  const packed = source.files.find(({ name }) => path.posix.basename(name) === ARCHIVE.name);
  // In a zip archive there is no file of its own to read.
  if (!packed || source.archive) return source;
  await source.close();
  return ofTarGz(packed.where);

  async function ofTarGz(archive: string): Promise<Source> {
    const files = await readTarGz(archive, LIMITS, signal).catch((error) => {
      throwIfAborted(signal);
      throw error;
    });
    return { files, where: path.basename(archive), archive, notes: [], close: async () => {} };
  }
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  try {
    const start = Buffer.alloc(2);
    if (!(await handle?.stat())?.isFile()) return false;
    await handle!.read(start, 0, 2, 0);
    return start[0] === 0x1f && start[1] === 0x8b;
  } finally {
    await handle?.close();
  }
}

async function pack(folder: string, source: Source, job: Cifar10Import): Promise<Imported> {
  const { perBatch = 10_000 } = job;
  const read = listHash();
  await checkNames(source, read);
  const samples = { train: await samplesOf('train'), test: await samplesOf('test') };
  for (const split of SPLITS) checkCounts(source.where, split, samples[split], perBatch);
  await packImages(folder, samples, (planes) => pictureOf(planes), job);

  const name = job.origin ?? path.basename(path.resolve(job.from));
  const { official, ...file } = await provenance();
  const counts = { train: samples.train.length, test: samples.test.length };
  return recordImport(folder, 'cifar-10', counts, {
    from: `The ${source.archive ? 'archive' : 'folder'} ${name}; ${
      official ? 'the official archive, by its MD5' : 'not known by MD5 as the official archive'
    }.`,
    files: [file],
    notes: source.notes,
  });

  async function samplesOf(split: SplitName) {
    const batches = [];
    for (const batch of BATCHES[split]) {
      const file = findFile(source, batch);
      batches.push(recordsOf(batch, file.where, await readWith(file, read), perBatch));
    }
    return batches.flat();
  }

  async function provenance() {
    if (!source.archive)
      return {
        name: `${name}, ${BATCHES.train.length + BATCHES.test.length + 1} files`,
        ...read.digest(),
        official: false,
      };
    const { md5, ...hashes } = await hashFile(source.archive);
    return { name, ...hashes, official: md5 === ARCHIVE.md5 };
  }
}

const SIDE = 32;
const PLANE = SIDE * SIDE;
/** A byte with the label, then the red, the green and the blue of all pixels, row after row. */
const RECORD = 1 + 3 * PLANE;

function recordsOf(batch: string, where: string, bytes: Buffer, perBatch: number) {
  if (bytes.length !== perBatch * RECORD)
    throw damaged(
      where,
      `expected ${count(perBatch)} records of ${count(RECORD)} bytes, ${count(perBatch * RECORD)} in all, got ${count(bytes.length)}.`,
    );
  return Array.from({ length: perBatch }, (_, i) => {
    const at = i * RECORD;
    const label = bytes[at]!;
    const name = `${batch}/${i}`;
    if (label > 9) throw damaged(where, `expected labels from 0 to 9, got ${label} of record ${i}.`);
    const planes = bytes.subarray(at + 1, at + RECORD);
    return { label, name, file: { name, where: name, read: async () => planes } };
  });
}

/** Colours pixel by pixel. @param planes [3,h,w] */
function pictureOf(planes: Buffer) {
  const pixels = new Uint8Array(3 * PLANE);
  for (let pixel = 0; pixel < PLANE; pixel++)
    for (let c = 0; c < 3; c++) pixels[3 * pixel + c] = planes[c * PLANE + pixel]!;
  return { height: SIDE, width: SIDE, channels: 3 as const, pixels };
}

/** Each split has as many images of each class. */
function checkCounts(
  where: string,
  split: SplitName,
  samples: readonly { label: number }[],
  perBatch: number,
): void {
  const expected = (BATCHES[split].length * perBatch) / 10;
  const counts = Array<number>(10).fill(0);
  for (const { label } of samples) counts[label]!++;
  const wrong = counts.findIndex((images) => images !== expected);
  if (wrong < 0) return;
  const name = datasets['cifar-10'].classNames[wrong];
  throw damaged(
    where,
    `expected ${count(expected)} images of each class in the ${split} split, got ${count(counts[wrong]!)} of ${name}.`,
  );
}

/** The names say what the labels mean. */
async function checkNames(source: Source, read: ReturnType<typeof listHash>): Promise<void> {
  const { classNames } = datasets['cifar-10'];
  const file = findFile(source, NAMES);
  const names = (await readWith(file, read)).toString('latin1').split(/\s+/).filter(Boolean);
  if (names.join() !== classNames.join())
    throw damaged(
      file.where,
      `expected the classes ${classNames.join(', ')}, one a line, got ${names.join(', ').slice(0, 200)}.`,
    );
}

async function readWith(file: SourceFile, read: ReturnType<typeof listHash>): Promise<Buffer> {
  const bytes = await file.read();
  read.add(path.posix.basename(file.name), bytes);
  return bytes;
}

function findFile({ files, where }: Source, name: string): SourceFile {
  const named = (wanted: string) => files.filter((file) => path.posix.basename(file.name) === wanted);
  const found = named(name);
  if (found.length === 1) return found[0]!;
  if (found.length > 1)
    throw damaged(where, `expected one file ${name}, got ${found.map((file) => file.name).join(' and ')}.`);
  if (named('batches.meta').length > 0)
    throw damaged(
      where,
      'this is CIFAR-10’s version for Python. Its files are pickles, and opening one runs what is in it, so they are ' +
        `never opened. Get the binary version, ${ARCHIVE.name}.`,
    );
  if (named('fine_label_names.txt').length > 0)
    throw damaged(where, `this is CIFAR-100, which has other classes. Get ${ARCHIVE.name}.`);
  throw damaged(where, `expected ${name}, as ${ARCHIVE.name} has it, got none.`);
}
