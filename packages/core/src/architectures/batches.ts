import type { ImageShape } from '../lib/images.js';
import type { Network } from './architecture.js';

/** Beside the half of a GB that a process takes anyway: with it none comes to 2 GB (drills/memory.mjs). */
const PROCESS_BYTES = 1.5e9;
/** Weights are there so many times at most: of two models, momenta, gradients, what is saved, what is left of copies. */
const WEIGHT_COPIES = 10;
/** What goes through at once takes no more: the batches of the paper's sizes do not. */
const BATCH_BYTES = 600e6;

/** A network with its weights, or what has their shapes. */
interface Weighted {
  network: Pick<Network, 'bytesPerPixel' | 'inferenceBatch'>;
  weights: Record<string, { shape: number[] }>;
}

/**
 * How many of `count` images go through a network at once.
 * @param pass `backward` where gradients are taken
 */
export function imagesAtOnce(
  { network: { bytesPerPixel }, weights }: Weighted,
  pass: keyof Network['bytesPerPixel'],
  { height, width }: ImageShape,
  count: number,
): number {
  const sizes = Object.values(weights).map(({ shape }) => shape.reduce((size, side) => size * side, 4));
  const left = PROCESS_BYTES - WEIGHT_COPIES * sizes.reduce((sum, size) => sum + size, 0);
  const fitting = Math.floor(Math.min(BATCH_BYTES, left) / (bytesPerPixel[pass] * height * width));
  return Math.max(1, Math.min(fitting, count));
}

/** How many images are classified at once, where there are `count`. */
export const inferenceBatch = (
  weighted: Weighted,
  shape: ImageShape,
  count = Number.POSITIVE_INFINITY,
): number => imagesAtOnce(weighted, 'forward', shape, Math.min(weighted.network.inferenceBatch, count));

/** A part of a batch. */
export interface BatchPart {
  /** Places in the batch, as many in each part: the last one is filled up with its first ones again. */
  places: Int32Array;
  /** [places], what each counts in the mean over the batch: 0 for what only fills up. */
  shares: Float32Array;
}

/** A batch in parts of equal length, of at most `atOnce` images. */
export function partsOfBatch(size: number, atOnce: number): BatchPart[] {
  const count = Math.ceil(size / atOnce);
  const length = Math.ceil(size / count);
  return Array.from({ length: count }, (_, part) => {
    const start = part * length;
    const own = Math.min(length, size - start);
    return {
      places: Int32Array.from({ length }, (_, i) => start + (i % own)),
      shares: Float32Array.from({ length }, (_, i) => (i < own ? 1 / size : 0)),
    };
  });
}
