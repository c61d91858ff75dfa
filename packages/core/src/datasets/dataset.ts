import type { ImageShape } from '../lib/images.js';

/** One split of a data set in memory: 8-bit pixels, decoded. */
export interface Split {
  /** [count·h·w·c], 0..255. */
  pixels: Uint8Array;
  /** [count], indices into the data set's class names. */
  labels: Uint8Array;
}

export const SPLITS = ['train', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

export interface DatasetDefinition {
  title: string;
  description: string;
  source: { citation: string; url: string };
  shape: ImageShape;
  classNames: readonly string[];
  counts: Record<SplitName, number>;
  /**
   * Reads one split.
   * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED naming the file and what to do.
   */
  load(split: SplitName): Promise<Split>;
}

export const defineDataset = (definition: DatasetDefinition) => definition;
