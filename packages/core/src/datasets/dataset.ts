import type { tf } from '../lib/backend.js';
import { type ImageShape, imagesToTensor } from '../lib/images.js';

/** One split of a data set, at the size a network sees. */
export interface Split {
  /** Another one whenever its files were written anew; none of a data set that never changes. */
  version?: string;
  /** [count], indices into the data set's class names. */
  labels: Int32Array;
  /**
   * Some of the images, of 256 levels each.
   * @returns [indices,h,w,c] in [0,1], the caller's to dispose
   */
  images(indices: ArrayLike<number>): tf.Tensor4D;
}

export const SPLITS = ['train', 'test'] as const;
export type SplitName = (typeof SPLITS)[number];

/**
 * How the classes of a folder of images got their numbers: 2 before 10 as people count; by code point as torchvision's
 * ImageFolder does, 10 before 2; or as its manifest lists them.
 */
export const CLASS_ORDERS = ['numeric', 'codepoint', 'listed'] as const;
export type ClassOrder = (typeof CLASS_ORDERS)[number];

/** What is known of a data set without reading its images. */
export interface DatasetInfo {
  title: string;
  description: string;
  source: { citation: string; url: string };
  /** What a network sees by default. */
  shape: ImageShape;
  /** Whether images can be resized to another square than `shape`. */
  resizable: boolean;
  /** In the order of the labels. */
  classNames: readonly string[];
  /** Where its classes are folders, how these were numbered. */
  classOrder?: ClassOrder;
  /** The folders of the classes, in the order of the labels, where they are called otherwise than the classes. */
  classFolders?: readonly string[];
  counts: Record<SplitName, number>;
  /** Images are nearly black and white: what changes levels between has next to nothing to change. */
  nearlyBinary?: true;
  /** Of one that does not come with trojanscope: commands that bring its images, each a way of its own. */
  howToGet?: readonly string[];
}

export interface DatasetDefinition extends DatasetInfo {
  /**
   * Reads one split.
   * @param shape as the definition's own, or another square where it is resizable
   * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED naming the file and what to do.
   */
  load(split: SplitName, shape: ImageShape): Promise<Split>;
}

export const defineDataset = (definition: DatasetDefinition) => definition;

/** A split whose images are all of one shape. @param pixels [count·h·w·c], 0..255 */
export const splitOf = (pixels: Uint8Array, labels: ArrayLike<number>, shape: ImageShape): Split => ({
  labels: Int32Array.from(labels),
  images: (indices) => imagesToTensor(pixels, shape, indices),
});
