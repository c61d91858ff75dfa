import { createRandom, SPLITS, type SplitName } from '@trojanscope/core';
import { damaged, type SourceFile, several } from '../archives/sourceFile.js';
import type { Manifest } from './manifest.js';
import type { Sample } from './packImages.js';

/** Samples are called "<class folder>/<file>". */
export interface FolderSamples extends Record<SplitName, Sample[]> {
  /** Class folders, in the order of the labels: 2 before 10. */
  classFolders: string[];
}

/**
 * Sorts images into splits and classes by the folders they are in.
 * @throws TrojanscopeError DATA_DAMAGED for images where none are expected and classes without images
 */
export function imageFolderSamples(
  folder: string,
  files: readonly SourceFile[],
  { split, classNames }: Manifest,
): FolderSamples {
  const depth = split === 'folders' ? 3 : 2;
  const shape = split === 'folders' ? 'train/<class>/<image> and test/<class>/<image>' : '<class>/<image>';
  const classes = new Map<string, Record<SplitName, Sample[]>>();
  for (const file of files) {
    const parts = file.name.split('/');
    // Beside the folders there may be the manifest, a licence, notes.
    if (parts.length === 1) continue;
    const inside = depth === 3 ? parts.shift()! : 'train';
    if (parts.length !== 2 || !isSplit(inside))
      throw damaged(file.where, `expected files in folders ${shape} only.`);
    const [name, image] = parts as [string, string];
    if (!/\.(png|jpe?g|webp)$/i.test(image))
      throw damaged(file.where, 'expected .png, .jpg, .jpeg or .webp.');
    const known = classes.get(name) ?? { train: [], test: [] };
    known[inside].push({ file, label: -1, name: `${name}/${image}` });
    classes.set(name, known);
  }

  const classFolders = [...classes.keys()].sort(byNumberThenName);
  const unknown = classNames ? classFolders.filter((name) => !Object.hasOwn(classNames, name)) : [];
  if (unknown.length > 0)
    throw damaged(folder, `classNames of manifest.json lacks the folders ${several(unknown)}.`);
  const empty = Object.keys(classNames ?? {}).filter((name) => !classes.has(name));
  if (empty.length > 0) throw damaged(folder, `there are no images of the classes ${several(empty)}.`);
  if (classFolders.length < 2 || classFolders.length > 1_000)
    throw damaged(folder, `expected images in ${shape} of 2 to 1,000 classes, got ${classFolders.length}.`);

  const samples: FolderSamples = { train: [], test: [], classFolders };
  classFolders.forEach((name, label) => {
    let images = classes.get(name)!;
    if (split !== 'folders') images = divide(images.train, name, split);
    for (const part of SPLITS) {
      if (images[part].length === 0)
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

const isSplit = (name: string): name is SplitName => (SPLITS as readonly string[]).includes(name);

const { compare } = new Intl.Collator('en', { numeric: true });
const byNumberThenName = (a: string, b: string) => compare(a, b) || (a < b ? -1 : 1);
