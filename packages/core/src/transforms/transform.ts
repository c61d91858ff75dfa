import type { tf } from '../lib/backend.js';
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
}

/** One change of pixel values. */
export interface Filter {
  /** @param images [n,h,w,c] in [0,1]; @returns [n,h,w,c] in [0,1] */
  apply(images: tf.Tensor4D): tf.Tensor4D;
  /** Whether it spreads a layer, so that how far the layer covers the image changes with it: a blur does. */
  spreads: boolean;
  /** Whether it multiplies levels, up to where they are white: what is added to images is multiplied alike. */
  multiplies?: true;
  /**
   * Where a kind of filter differs from sample to sample by what was drawn: all images of a batch at once, each by its own.
   * @param filters [n], all with this same function; @returns the same as each one's `apply`
   */
  applyEach?(images: tf.Tensor4D, filters: readonly Filter[]): tf.Tensor4D;
}

export type Step = Warp | Filter;

/** What happens to some of the samples, step after step. */
export interface Variant {
  steps: readonly Step[];
  /** What was drawn for it, stored with each outcome, e.g. `{ shiftXPx: 2, shiftYPx: -1 }`. */
  parameters: Readonly<Record<string, number>>;
}

/** What happens to every sample; samples that share a variant share its index, so work is done once per variant. */
export interface Plan {
  variants: readonly Variant[];
  /** [n], index into `variants`. */
  variantOf: Int32Array;
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
  /** Values worth a sweep, identity included; for the paper's three, those of its section 5. */
  defaultValues: readonly number[];
  /**
   * The plan of `samples` samples at `value`. Draws from `random`, the same numbers whatever the value. At the identity
   * there are no steps.
   */
  plan(value: number, placement: Placement, samples: number, random: Random): Plan;
}

/** Sees to it that the identity changes nothing, not even by rounding. */
export const defineTransform = (definition: TransformDefinition): TransformDefinition => ({
  ...definition,
  plan(value, placement, samples, random) {
    const { variants, variantOf } = definition.plan(value, placement, samples, random);
    if (value !== definition.identity) return { variants, variantOf };
    return { variants: variants.map(({ parameters }) => ({ steps: [], parameters })), variantOf };
  },
});

/** The plan of a transform that treats every sample alike. */
export const sameForAll = (step: Step, samples: number, parameters: Variant['parameters'] = {}): Plan => ({
  variants: [{ steps: [step], parameters }],
  variantOf: new Int32Array(samples),
});
