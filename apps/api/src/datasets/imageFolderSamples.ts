import { byCodePoint, byNumber, createRandom, SPLITS, type SplitName } from '@trojanscope/core';
import { count, damaged, type SourceFile, several } from '../archives/sourceFile.js';
import { IMAGE_NAMES, isImageName } from './imageFile.js';
import type { Manifest } from './manifest.js';
import type { Sample, Unreadable } from './packImages.js';
import { leftOut } from './source.js';

/** Samples are called "<class folder>/<file>". */
export interface FolderSamples extends Record<SplitName, Sample[]> {
  /** Class folders, in the order of the labels. */
  classFolders: string[];
  /** What lies among the images and is none by its name. */
  unreadable: Unreadable[];
  /** What else was left out, and what the order of the classes means, in sentences. */
  notes: string[];
}

/** Names of the folders of splits, in any case, as Hugging Face's `datasets` knows them. */
const SPLIT_NAMES: Record<SplitName | 'validation', RegExp> = {
  train: /^(train|training)$/i,
  test: /^(test|testing|eval|evaluation)$/i,
  validation: /^(validation|valid|val|dev)$/i,
};

/** What tells about images, and lies among them without being meant as one. */
const ABOUT = /\.(csv|tsv|jsonl?|xml|ya?ml|md|parquet)$|^(readme|licen[cs]e)$/i;

/**
 * Sorts images into splits and classes by the folders they are in. Where there is no folder to train, all are to test.
 * @throws TrojanscopeError DATA_DAMAGED for images where none are expected and, unless there is something unreadable,
 *   classes without images
 */
export function imageFolderSamples(
  folder: string,
  files: readonly SourceFile[],
  { split, classNames, classOrder }: Manifest,
): FolderSamples {
  const inFolders = split === 'folders';
  const shape = inFolders ? 'train/<class>/<image> and test/<class>/<image>' : '<class>/<image>';
  const splits = inFolders ? findSplits(folder, files) : undefined;
  const classes = new Map<string, Record<SplitName, Sample[]>>();
  const unreadable: Unreadable[] = [];
  const misplaced: SourceFile[] = [];
  const loose: string[] = [];
  let unused = 0;
  for (const file of files) {
    const parts = file.name.split('/');
    const image = parts.pop()!;
    const isImage = isImageName(image);
    const inside = splits ? splits.uses.get(parts.shift() ?? '') : 'train';
    const [name] = parts;
    if (inside === 'unused') {
      if (isImage) unused++;
    } else if (inside && name !== undefined && parts.length === 1 && !ABOUT.test(image)) {
      const known = classes.get(name) ?? { train: [], test: [] };
      classes.set(name, known);
      if (isImage) known[inside].push({ file, label: -1, name: `${name}/${image}` });
      else unreadable.push({ file, reason: `expected ${IMAGE_NAMES}.` });
    } else if (isImage && file.name.includes('/')) misplaced.push(file);
    // Beside the folders there may be a licence, notes, a list, a picture of it all.
    else if (file.name !== 'manifest.json') loose.push(file.name);
  }
  if (misplaced.length > 0) {
    const more = misplaced.length > 1 ? ` So are ${count(misplaced.length - 1)} more images.` : '';
    throw damaged(misplaced[0]!.where, `expected files in folders ${shape} only.${more}`);
  }

  const classFolders = inOrder([...classes.keys()], classOrder, folder);
  const unknown = classNames ? classFolders.filter((name) => !Object.hasOwn(classNames, name)) : [];
  if (unknown.length > 0)
    throw damaged(folder, `classNames of manifest.json lacks the folders ${several(unknown)}.`);
  const empty = Object.keys(classNames ?? {}).filter((name) => !classes.has(name));
  if (empty.length > 0) throw damaged(folder, `there are no images of the classes ${several(empty)}.`);
  if (classFolders.length < 2 || classFolders.length > 1_000)
    throw damaged(folder, `expected images in ${shape} of 2 to 1,000 classes, got ${classFolders.length}.`);

  const testAlone = splits?.testAlone ?? false;
  const notes = [
    ...leftOut(loose, 'beside the images'),
    ...(testAlone ? ['There are test images alone: models can be tested on them, and none trained.'] : []),
    ...(splits?.notes(unused) ?? []),
    ...orderNotes(classFolders, classOrder),
  ];
  const samples: FolderSamples = { train: [], test: [], classFolders, unreadable, notes };
  classFolders.forEach((name, label) => {
    let images = classes.get(name)!;
    if (split !== 'folders') images = divide(images.train, name, split);
    for (const part of SPLITS) {
      if (images[part].length === 0 && unreadable.length === 0 && !(testAlone && part === 'train'))
        throw damaged(
          folder,
          `class ${name}: expected at least one image to train and one to test, got none to ${part}.`,
        );
      for (const sample of images[part]) samples[part].push({ ...sample, label });
    }
  });
  return samples;
}

/**
 * A share of every class to test, at least one image and not all. Each class draws from a stream of its own, so that
 * another class added later moves no image of this one.
 */
function divide(
  samples: Sample[],
  name: string,
  { testShare, seed }: { testShare: number; seed: number },
): Record<SplitName, Sample[]> {
  const wanted = Math.min(samples.length - 1, Math.max(1, Math.round(samples.length * testShare)));
  const random = createRandom(seed).fork('test share').fork(name);
  const chosen = new Set(random.permutation(samples.length).subarray(0, wanted));
  return {
    train: samples.filter((_, i) => !chosen.has(i)),
    test: samples.filter((_, i) => chosen.has(i)),
  };
}

/** Which top folder is which split: where there is a test, what is for validation is of no use here; else it is the test. */
function findSplits(folder: string, files: readonly SourceFile[]) {
  const there = new Map<keyof typeof SPLIT_NAMES, string>();
  for (const { name } of files) {
    const [top, ...rest] = name.split('/') as [string, ...string[]];
    for (const part of ['train', 'test', 'validation'] as const) {
      if (rest.length === 0 || !isImageName(name) || !SPLIT_NAMES[part].test(top)) continue;
      const other = there.get(part) ?? top;
      if (other !== top)
        throw damaged(folder, `expected one folder of the split ${part}, got ${other} and ${top}.`);
      there.set(part, top);
    }
  }
  const [train, test, validation] = [there.get('train'), there.get('test'), there.get('validation')];
  const isThere = (part: SplitName) =>
    files.some(({ name }) => name.includes('/') && SPLIT_NAMES[part].test(name.split('/')[0]!));
  const uses = new Map<string, SplitName | 'unused'>();
  if (train) uses.set(train, 'train');
  if (test) uses.set(test, 'test');
  if (validation) uses.set(validation, test ? 'unused' : 'test');
  const notes = (unused: number): string[] => {
    if (!validation) return [];
    return [
      test
        ? `Left out: the ${count(unused)} images of ${validation}, as there is ${test} to test with.`
        : `The images of ${validation} are the test, as there is no other.`,
    ];
  };
  return { uses, notes, testAlone: !isThere('train') && (test ?? validation) !== undefined };
}

/** @throws TrojanscopeError DATA_DAMAGED where a list is not one of these folders */
function inOrder(folders: string[], order: Manifest['classOrder'], where: string): string[] {
  if (order === 'numeric') return byNumber(folders);
  if (order === 'codepoint') return byCodePoint(folders);
  const problems: string[] = [];
  const lacks = folders.filter((name) => !order.includes(name));
  if (lacks.length > 0) problems.push(`it lacks ${several(lacks)}`);
  const unknown = order.filter((name) => !folders.includes(name));
  if (unknown.length > 0) problems.push(`there are no images of ${several(unknown)}`);
  const twice = order.filter((name, i) => order.indexOf(name) !== i);
  if (twice.length > 0) problems.push(`${several(twice)} is there twice`);
  if (problems.length === 0) return [...order];
  throw damaged(
    where,
    `classOrder of manifest.json: expected every class folder once; ${problems.join('; ')}.`,
  );
}

/** Where the two usual orders differ, a model from elsewhere may have the other one. */
function orderNotes(folders: readonly string[], order: Manifest['classOrder']): string[] {
  if (typeof order !== 'string') return [];
  const others = order === 'numeric' ? byCodePoint(folders) : byNumber(folders);
  const at = folders.findIndex((name, label) => name !== others[label]);
  if (at < 0) return [];
  const [here, there] = [folders, others].map((names) => names.slice(Math.max(0, at - 1), at + 3).join(', '));
  const around = at > 1 ? '…, ' : '';
  return [
    order === 'numeric'
      ? `The classes are in numeric order: ${around}${here}, … By code point, as torchvision’s ImageFolder has them, it would be ${around}${there}, … For models that were trained so, import them with "classOrder": "codepoint" in manifest.json, or with classNames in the bundle.`
      : `The classes are in the order of code points, as torchvision’s ImageFolder has them: ${around}${here}, … As people count it would be ${around}${there}, …`,
  ];
}
