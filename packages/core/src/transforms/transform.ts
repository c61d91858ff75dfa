import type { Box } from '../lib/images.js';
import type { Random } from '../lib/random.js';

/** What is transformed: the trigger before it is put on the image, or the finished image. */
export const TRANSFORM_TARGETS = ['TRIGGER', 'IMAGE'] as const;
export type TransformTarget = (typeof TRANSFORM_TARGETS)[number];

/** The canvas, the part of it that is transformed (the trigger's box, or all of it), and which of the two this is. */
export interface Placement {
  height: number;
  width: number;
  box: Box;
  target: TransformTarget;
}

/**
 * One geometric change of a canvas: `sourceOf(y, x)` is the flat index y·width + x of the source pixel that an output
 * pixel shows, or -1 for none. Output coordinates beyond the canvas are answered too, so that one can tell how much of
 * something left the frame. `wraps`: what leaves at one side enters at the other.
 */
export interface Warp {
  sourceOf(y: number, x: number): number;
  wraps: boolean;
  /** What was drawn for the samples of this warp, stored with each outcome, e.g. `{ shiftXPx: 2, shiftYPx: -1 }`. */
  parameters: Readonly<Record<string, number>>;
}

/** One warp per sample; samples that share a warp share its index, so work is done once per distinct warp. */
export interface WarpPlan {
  warps: readonly Warp[];
  /** [n], index into `warps`. */
  warpOf: Int32Array;
}

export interface TransformDefinition {
  title: string;
  /** What it does, for the page and the catalog. */
  description: string;
  /** The name of the value on the axis, e.g. `Radius`. */
  valueName: string;
  /** `px`, `×` or `°`. */
  unit: string;
  minimum: number;
  maximum: number;
  /** The value that changes nothing. */
  identity: number;
  /** The values of the paper's section 5, identity included. */
  paperValues: readonly number[];
  /** The warps of `samples` samples at `value`. Draws from `random`, the same numbers whatever the value. */
  plan(value: number, placement: Placement, samples: number, random: Random): WarpPlan;
}

export const defineTransform = (definition: TransformDefinition): TransformDefinition => definition;

/** The plan of a transform that treats every sample alike. */
export const sameForAll = (warp: Warp, samples: number): WarpPlan => ({
  warps: [warp],
  warpOf: new Int32Array(samples),
});
