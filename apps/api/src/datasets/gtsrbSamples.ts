import path from 'node:path';
import { SPLITS, type SplitName, TrojanscopeError } from '@trojanscope/core';
import { count, damaged, type SourceFile, several } from '../archives/sourceFile.js';
import { KAGGLE_CSV, readAnnotations } from './gtsrbCsv.js';
import { GTSRB_ARCHIVES, type GtsrbPart, type GtsrbParts } from './gtsrbParts.js';
import type { Sample } from './packImages.js';

/** Images of each class, in the order of the classes. */
export type ClassCounts = Record<SplitName, readonly number[]>;

/** Of the official data; they add up to 39,209 and 12,630. */
export const GTSRB_COUNTS: ClassCounts = {
  train: [
    210, 2220, 2250, 1410, 1980, 1860, 420, 1440, 1410, 1470, 2010, 1320, 2100, 2160, 780, 630, 420, 1110,
    1200, 210, 360, 330, 390, 510, 270, 1500, 600, 240, 540, 270, 450, 780, 240, 689, 420, 1200, 390, 210,
    2070, 300, 360, 240, 240,
  ],
  test: [
    60, 720, 750, 450, 660, 630, 150, 450, 450, 480, 660, 420, 690, 720, 270, 210, 150, 360, 390, 60, 90, 90,
    120, 150, 90, 480, 180, 60, 150, 90, 150, 270, 60, 210, 120, 390, 120, 60, 690, 90, 90, 60, 90,
  ],
};

/** Called "00000/00000_00000.ppm" in training, "00000.ppm" in the test; Kaggle's as there, but for `Train/` and `Test/`. */
export interface GtsrbSample extends Sample {
  /** As the CSV says; the image may have another size where somebody has resized it. */
  width: number;
  height: number;
}

/**
 * The images that the CSVs list, in the order of class folder and name, every one found and none left over.
 * @param truth the test's CSV
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function gtsrbSamples(
  { training, testImages }: GtsrbParts,
  truth: SourceFile,
  expected: ClassCounts,
): Promise<Record<SplitName, GtsrbSample[]>> {
  return {
    train: await trainingSamples(training, expected.train),
    test: await testSamples(testImages, truth, expected.test),
  };
}

async function trainingSamples(part: GtsrbPart, expected: readonly number[]): Promise<GtsrbSample[]> {
  const csvs = new Map<string, SourceFile>();
  for (const file of part.files) {
    const folder = /(?:^|\/)(\d{5})\/GT-\1\.csv$/i.exec(file.name)?.[1];
    if (!folder) continue;
    const other = csvs.get(folder);
    if (other) throw damaged(file.where, `expected this CSV once, there is also ${other.where}.`);
    csvs.set(folder, file);
  }
  if (csvs.size === 0)
    throw new TrojanscopeError(
      'DATA_MISSING',
      `${part.where}: expected ${part.archive ? '' : `${GTSRB_ARCHIVES.training.name} or, unpacked, `}` +
        'GTSRB/Final_Training/Images/00000/GT-00000.csv and so on, got none of them.',
    );
  const found = createFinder(part, part.files);
  const samples: GtsrbSample[] = [];
  for (const label of expected.keys()) {
    const folder = String(label).padStart(5, '0');
    const csv = csvs.get(folder);
    if (!csv) {
      found.miss(`class ${label}: ${folder}/GT-${folder}.csv`);
      continue;
    }
    for (const { filename, classId, ...size } of await readAnnotations(csv, expected.length)) {
      if (classId !== label)
        throw damaged(csv.where, `expected class ${label}, got ${classId} for ${filename}.`);
      const name = `${folder}/${filename}`;
      const file = found.take(`${path.posix.dirname(csv.name)}/${filename}`, `class ${label}: ${name}`);
      if (file) samples.push({ file, label, name, ...size });
    }
  }
  const competition = [...csvs.values()].every(({ name }) => /(^|\/)Training\/\d{5}\/[^/]+$/i.test(name));
  const total = expected.reduce((sum, wanted) => sum + wanted, 0);
  if (competition && samples.length < total)
    throw damaged(
      part.where,
      `this is GTSRB as torchvision downloads it: its training set is that of the competition of 2011, ${count(samples.length)} images, ` +
        `and not the benchmark’s ${count(total)}, which hold them and more. Results on the two are not comparable. ` +
        'Get the benchmark by `data fetch gtsrb`, or import these images as a folder of images under an id of their own.',
    );
  found.check(samples, expected);
  return samples;
}

/** Kaggle's CSVs, which lie beside the images' folders. */
export type KaggleCsvs = Record<SplitName, SourceFile>;

/** @returns nothing where the layout is another */
export function findKaggle({ files }: GtsrbPart): KaggleCsvs | undefined {
  const named = (name: string) =>
    files.filter((file) => path.posix.basename(file.name).toLowerCase() === name);
  const [train, test] = [named('train.csv'), named('test.csv')];
  return train.length === 1 && test.length === 1 ? { train: train[0]!, test: test[0]! } : undefined;
}

/**
 * The same images as Kaggle has them: PNG, in `Train/0` to `Train/42` and `Test`, and once more in folders whose names
 * differ by case, which are left alone.
 * @throws TrojanscopeError DATA_DAMAGED
 */
export async function kaggleSamples(
  part: GtsrbPart,
  csvs: KaggleCsvs,
  expected: ClassCounts,
): Promise<Record<SplitName, GtsrbSample[]>> {
  const samples: Record<SplitName, GtsrbSample[]> = { train: [], test: [] };
  for (const split of SPLITS) {
    const found = createFinder(part, part.files);
    const folder = path.posix.dirname(csvs[split].name);
    const rows = await readAnnotations(csvs[split], expected[split].length, KAGGLE_CSV);
    if (split === 'train') rows.sort((a, b) => a.classId - b.classId);
    for (const { filename, classId: label, ...size } of rows) {
      const file = found.take(path.posix.join(folder, filename), `class ${label}: ${filename}`);
      const name = filename.slice(filename.indexOf('/') + 1);
      if (file) samples[split].push({ file, label, name, ...size });
    }
    found.check(samples[split], expected[split]);
  }
  return samples;
}

/** The CSV that gives the test images' classes. @throws TrojanscopeError DATA_MISSING */
export function findTruth(part: GtsrbPart): SourceFile {
  // The images' archive has a GT-final_test.test.csv, which has no classes.
  const csvs = part.files.filter(({ name }) => /(^|\/)GT-final_test\.csv$/i.test(name));
  if (csvs.length === 1) return csvs[0]!;
  throw new TrojanscopeError(
    'DATA_MISSING',
    `${part.where}: expected ${part.archive ? '' : `${GTSRB_ARCHIVES.testTruth.name} or, unpacked, `}GT-final_test.csv, got ` +
      `${csvs.length === 0 ? 'none' : csvs.map(({ name }) => name).join(' and ')}.`,
  );
}

async function testSamples(
  part: GtsrbPart,
  truth: SourceFile,
  expected: readonly number[],
): Promise<GtsrbSample[]> {
  // Among unpacked files there may be other images, the training's to begin with.
  const images = part.files.filter(({ name }) => /\.ppm$/i.test(name) && !/(^|\/)\d{5}\/[^/]+$/.test(name));
  const inside = images.filter(({ name }) => /(^|\/)final_test\//i.test(name));
  const files = inside.length > 0 ? inside : images;
  const folder = files[0] ? path.posix.dirname(files[0].name) : '.';
  const found = createFinder(part, files);
  const samples: GtsrbSample[] = [];
  for (const { filename, classId: label, ...size } of await readAnnotations(truth, expected.length)) {
    const file = found.take(path.posix.join(folder, filename), `class ${label}: ${filename}`);
    if (file) samples.push({ file, label, name: filename, ...size });
  }
  found.check(samples, expected);
  return samples;
}

export const isGtsrbImage = (name: string) => /\.(ppm|png)$/i.test(name);

/** Finds files by name, or else in any case as some file systems have it, and knows what was missed and what is left over. */
function createFinder(part: GtsrbPart, files: readonly SourceFile[]) {
  const byName = new Map(files.map((file) => [file.name, file]));
  const inAnyCase = new Map<string, SourceFile[]>();
  for (const file of files) {
    const key = file.name.toLowerCase();
    const alike = inAnyCase.get(key);
    if (alike) alike.push(file);
    else inAnyCase.set(key, [file]);
  }
  const folders = new Set<string>();
  const missing: string[] = [];
  return {
    miss: (what: string) => missing.push(what),
    take(name: string, what: string): SourceFile | undefined {
      const alike = inAnyCase.get(name.toLowerCase()) ?? [];
      const file = byName.get(name) ?? alike[0];
      if (!file) {
        missing.push(what);
        return undefined;
      }
      if (file.name !== name && alike.length > 1)
        throw damaged(file.where, `expected this name once, there is also ${alike[1]!.name}.`);
      folders.add(path.posix.dirname(file.name));
      byName.delete(file.name);
      return file;
    },
    /** @throws TrojanscopeError DATA_DAMAGED saying what is missing, and from which class */
    check(samples: readonly GtsrbSample[], expected: readonly number[]): void {
      const total = expected.reduce((sum, wanted) => sum + wanted, 0);
      const say = (what: string) =>
        damaged(part.where, `expected ${count(total)} images, got ${count(samples.length)}; ${what}.`);
      if (missing.length > 0) throw say(`missing are ${several(missing)}`);
      const got = new Uint32Array(expected.length);
      for (const { label } of samples) got[label]!++;
      const wrong = expected.flatMap((wanted, label) =>
        got[label] === wanted ? [] : [`class ${label} has ${count(got[label]!)} instead of ${count(wanted)}`],
      );
      if (wrong.length > 0) throw say(several(wrong));
      const left = [...byName.keys()].filter(
        (name) => isGtsrbImage(name) && folders.has(path.posix.dirname(name)),
      );
      if (left.length > 0) throw say(`no CSV lists ${several(left)}`);
    },
  };
}
