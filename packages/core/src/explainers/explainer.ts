import type { z } from 'zod';
import type { Network, Weights } from '../architectures/architecture.js';
import { tf } from '../lib/backend.js';
import type { ImageShape } from '../lib/images.js';

/** A network whose decisions are explained. The weights are the caller's. */
export interface Explained {
  network: Network;
  weights: Weights;
  shape: ImageShape;
  classes: number;
}

/** How much each pixel counts for one class. */
export interface SaliencyMap {
  /** [h·w], signed where the method tells for and against. */
  values: Float32Array;
  /** Of methods that promise a sum: how far the map's is from it, as a share of it; see `integratedGradients`. */
  completenessError?: number;
}

/** One method on one network, its graphs made once. */
export interface Mapper<Parameters> {
  /**
   * @param image [h,w,c] in [0,1]
   * @param label the class whose logit is explained
   */
  map(image: tf.Tensor3D, label: number, parameters: Parameters): Promise<SaliencyMap>;
  dispose(): void;
}

/** A method of explaining decisions, as data. `Parameters` is its zod object: bounds, defaults, units, descriptions. */
export interface ExplainerDefinition<Parameters extends z.ZodObject = z.ZodObject> {
  title: string;
  description: string;
  paper: { citation: string; url: string };
  parameters: Parameters;
  /** Above which share of a map's range of magnitudes a pixel is highlighted (`score.ts`), 0..1. */
  highlight: number;
  /** @throws TrojanscopeError UNSUPPORTED where it cannot explain such a network */
  create(explained: Explained): Mapper<z.output<Parameters>>;
}

export const defineExplainer = <P extends z.ZodObject>(definition: ExplainerDefinition<P>) => definition;

/** Sum over channels: [h,w,c] → [h·w]. */
export function channelSum(map: Float32Array, channels: number): Float32Array {
  const sums = new Float32Array(map.length / channels);
  for (let i = 0; i < map.length; i++) sums[Math.floor(i / channels)]! += map[i]!;
  return sums;
}

/** What stands for nothing: the image's own mean colour, or one level everywhere. */
export const FILLS = ['MEAN', 'BLACK', 'GREY', 'WHITE'] as const;
export type Fill = (typeof FILLS)[number];
const LEVELS = { BLACK: 0, GREY: 0.5, WHITE: 1 };

/** @returns [h,w,c] or what broadcasts to it */
export const filled = (image: tf.Tensor3D, fill: Fill): tf.Tensor =>
  fill === 'MEAN' ? tf.mean(image, [0, 1], true) : tf.scalar(LEVELS[fill]);

/** 1 at the class, else 0: [classes]. */
export const classMask = (label: number, classes: number): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: classes }, (_, i) => Number(i === label)));
