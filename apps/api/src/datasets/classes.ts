import type { Blobs } from '../blobs/blobs.js';
import { countClasses, type KnownDataset, labelsOf } from './catalog.js';

export interface ClassSummary {
  trainCount: number;
  testCount: number;
  /** Places in the test split, spread over it. */
  examples: number[];
}

const EXAMPLES = 8;
const known = new WeakMap<Blobs, Map<string, Promise<ClassSummary[] | undefined>>>();

/**
 * How much of a data set shows each class, and where; counted once for what is imported once.
 * @returns nothing for what is not imported
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export function summariseClasses(blobs: Blobs, dataset: KnownDataset): Promise<ClassSummary[] | undefined> {
  const version = dataset.state === 'imported' ? dataset.imported.at : dataset.state;
  const key = `${dataset.id} ${version}`;
  const own = known.get(blobs) ?? new Map<string, Promise<ClassSummary[] | undefined>>();
  known.set(blobs, own);
  const summary = own.get(key) ?? summarise(blobs, dataset);
  own.set(key, summary);
  summary.catch(() => own.delete(key));
  return summary;
}

async function summarise(blobs: Blobs, dataset: KnownDataset): Promise<ClassSummary[] | undefined> {
  const counts = await countClasses(blobs, dataset);
  if (!counts) return undefined;
  const places: number[][] = dataset.classNames.map(() => []);
  const labels = await labelsOf(blobs, dataset, 'test');
  for (let i = 0; i < labels.length; i++) places[labels[i]!]!.push(i);
  return places.map((own, label) => ({
    trainCount: counts.train[label]!,
    testCount: counts.test[label]!,
    examples: spread(own, EXAMPLES),
  }));
}

/** So many of them at even distances, or all. */
const spread = (all: readonly number[], most: number): number[] =>
  all.length <= most
    ? [...all]
    : Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!);
