import { tf } from '../lib/backend.js';
import { concatInOrder, roundTo8Bits } from '../lib/images.js';
import { gatherRows } from '../lib/kernels.js';
import type { Filter, Plan, Step, Variant, Warp } from './transform.js';

const isWarp = (step: Step): step is Warp => 'sourceOf' in step;

/**
 * Transforms each image of a batch by its own variant, step after step.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,h,w,c] in [0,1], rounded to 8 bits where values changed; pixels that a warp has no source for are 0
 */
export function applyToImages(images: tf.Tensor4D, { variants, variantOf }: Plan): tf.Tensor4D {
  return tf.tidy(() => {
    let current = images.clone();
    for (const steps of stages(variants)) {
      if (steps.every(isWarp)) current = warpImages(current, steps, variantOf);
      else current = roundTo8Bits(filterImages(current, steps as Filter[], variantOf));
    }
    return current;
  });
}

/**
 * A trigger's layer: `image·(1 − mask) + pattern·mask + add`. Pattern [n,h,w,c] and mask [n,h,w,1 or c], both in [0,1],
 * and where it has one, what is added besides, [n,h,w,c] in [-1,1].
 */
export interface Layer {
  pattern: tf.Tensor4D;
  mask: tf.Tensor4D;
  add?: tf.Tensor4D;
}

/**
 * Transforms one layer by each variant: warps move pattern and mask together, filters change the pattern; one that
 * spreads does so with the pattern as it shows, and spreads the mask alike. What is added moves with
 * them; twice as bright, twice as much is added; other filters see it drawn on mid-grey.
 * @param layer n = 1
 * @returns n = variants
 */
export function applyToLayer(layer: Layer, variants: readonly Variant[]): Layer {
  return tf.tidy(() => {
    const own = Int32Array.from(variants, (_, index) => index);
    const times = [variants.length, 1, 1, 1];
    let [pattern, mask] = [tf.tile(layer.pattern, times), tf.tile(layer.mask, times)];
    let add = layer.add && tf.tile(layer.add, times);
    for (const steps of stages(variants)) {
      if (steps.every(isWarp)) {
        pattern = warpImages(pattern, steps, own);
        mask = warpImages(mask, steps, own);
        add &&= warpImages(add, steps, own);
      } else if ((steps as Filter[]).some(({ spreads }) => spreads)) {
        const shown = filterImages(tf.mul(pattern, mask), steps as Filter[], own);
        mask = filterImages(mask, steps as Filter[], own);
        pattern = tf.clipByValue(tf.div(shown, tf.maximum(mask, 1e-6)), 0, 1);
        add &&= bothSigns(add, steps as Filter[], own);
      } else {
        pattern = roundTo8Bits(filterImages(pattern, steps as Filter[], own));
        const multiplies = (steps as Filter[]).every((filter) => filter.multiplies);
        add &&= (multiplies ? bothSigns : onGrey)(add, steps as Filter[], own);
      }
    }
    return add ? { pattern, mask, add } : { pattern, mask };
  }) as unknown as Layer;
}

/** What is lighter and what is darker, each as an image. */
const bothSigns = (add: tf.Tensor4D, filters: readonly Filter[], filterOf: Int32Array): tf.Tensor4D =>
  tf.sub(
    filterImages(tf.relu(add), filters, filterOf),
    filterImages(tf.relu(tf.neg(add)), filters, filterOf),
  );

/** What a filter makes of it on mid-grey, less what it makes of mid-grey alone; nothing where nothing was added. */
function onGrey(add: tf.Tensor4D, filters: readonly Filter[], filterOf: Int32Array): tf.Tensor4D {
  const grey = tf.fill(add.shape, 0.5) as tf.Tensor4D;
  const changed = filterImages(tf.clipByValue(tf.add(grey, add), 0, 1), filters, filterOf);
  const level = tf.mean(filterImages(grey, filters, filterOf), [1, 2, 3], true);
  const acts = tf.any(tf.notEqual(add, 0), 3, true);
  return tf.where(acts, tf.sub(changed, level), 0) as tf.Tensor4D;
}

/** The steps of all variants that are done at the same time: the first of each, then the second of each. */
function stages(variants: readonly Variant[]): Step[][] {
  const longest = Math.max(0, ...variants.map(({ steps }) => steps.length));
  return Array.from({ length: longest }, (_, stage) => {
    const steps = variants.map((variant) => variant.steps[stage]!);
    if (steps.some((step) => !step || isWarp(step) !== isWarp(steps[0]!)))
      throw new RangeError('The variants of a plan take the same steps.');
    return steps;
  });
}

/** Each filter sees the images that share it at once; filters of a kind that can see a whole batch do. */
function filterImages(images: tf.Tensor4D, filters: readonly Filter[], filterOf: Int32Array): tf.Tensor4D {
  const own = Array.from(filterOf, (index) => filters[index]!);
  const { applyEach } = own[0]!;
  if (applyEach && own.every((filter) => filter.applyEach === applyEach)) return applyEach(images, own);
  const positions = new Map<Filter, number[]>();
  own.forEach((filter, i) => {
    const known = positions.get(filter);
    if (known) known.push(i);
    else positions.set(filter, [i]);
  });
  if (positions.size === 1) return own[0]!.apply(images);
  return concatInOrder(
    [...positions].map(([filter, at]) => ({
      positions: at,
      images: filter.apply(gatherRows(images, tf.tensor1d(at, 'int32')) as tf.Tensor4D),
    })),
  );
}

/** A sweep meets the same warps in each of its batches. */
const knownSources = new WeakMap<Warp, Int32Array>();

/** The source of every canvas pixel, [height·width], -1 for none. */
function sourcesOf(warp: Warp, height: number, width: number): Int32Array {
  const known = knownSources.get(warp);
  if (known?.length === height * width) return known;
  const sources = new Int32Array(height * width);
  let at = 0;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sources[at++] = warp.sourceOf(y, x);
  knownSources.set(warp, sources);
  return sources;
}

/**
 * In JavaScript: each pixel is copied once, where TensorFlow takes a kernel for each step from a warp to a row, and longer
 * than a LeNet takes to classify.
 * @param warpOf [n], index into `warps`
 */
function warpImages(images: tf.Tensor4D, warps: readonly Warp[], warpOf: Int32Array): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const size = height * width;
  const sources = warps.map((warp) => sourcesOf(warp, height, width));
  const before = images.dataSync();
  // Black where nothing is written.
  const after = new Float32Array(before.length);
  for (const [i, warp] of warpOf.entries()) {
    const own = sources[warp]!;
    const first = i * size;
    // A third faster than the loop below.
    if (channels === 1) {
      for (let pixel = 0; pixel < size; pixel++) {
        const source = own[pixel]!;
        if (source >= 0) after[first + pixel] = before[first + source]!;
      }
      continue;
    }
    for (let pixel = 0; pixel < size; pixel++) {
      const source = own[pixel]!;
      if (source < 0) continue;
      const from = (first + source) * channels;
      const to = (first + pixel) * channels;
      for (let c = 0; c < channels; c++) after[to + c] = before[from + c]!;
    }
  }
  return tf.tensor4d(after, images.shape);
}

/**
 * The share, 0..1, of a layer's weight that is still inside the frame after a variant's warps: 1 for a trigger that is
 * wholly in view, whatever its size by then, 0 for one that has left.
 * @param weight [h·w], the layer's alpha
 */
export function visibleShare(
  weight: Float32Array,
  { steps }: Variant,
  height: number,
  width: number,
): number {
  let share = 1;
  let current = weight;
  for (const step of steps) {
    if (!isWarp(step)) continue;
    const view = viewOf(current, step, height, width);
    share *= view.share;
    current = view.weight;
  }
  return share;
}

interface View {
  /** How much of the weight is still inside the frame, 0..1. */
  share: number;
  /** [h·w], where it is now. */
  weight: Float32Array;
}

/** Variants of one plan have warps in common, and a plan is looked at more than once. */
const knownViews = new WeakMap<Float32Array, WeakMap<Warp, View>>();

function viewOf(weight: Float32Array, warp: Warp, height: number, width: number): View {
  const views = knownViews.get(weight) ?? new WeakMap<Warp, View>();
  knownViews.set(weight, views);
  const view = views.get(warp) ?? measureView(weight, warp, height, width);
  views.set(warp, view);
  return view;
}

function measureView(weight: Float32Array, warp: Warp, height: number, width: number): View {
  const after = new Float32Array(height * width);
  let inside = 0;
  sourcesOf(warp, height, width).forEach((source, i) => {
    if (source < 0) return;
    after[i] = weight[source]!;
    inside += after[i]!;
  });
  if (warp.wraps) return { share: 1, weight: after };
  return {
    share: inside === 0 ? 0 : inside / (inside + weightOutside(weight, warp, height, width)),
    weight: after,
  };
}

/** Where counting ends for a warp that has a horizon. */
const FURTHEST_CANVASES = 16;

/**
 * The weight that a warp shows beyond the frame, of a layer that is partly inside. Counted in rings around the frame up
 * to the first without a source: a warped canvas is one piece, whatever its scale.
 */
function weightOutside(weight: Float32Array, warp: Warp, height: number, width: number): number {
  const side = Math.max(height, width);
  const thickness = Math.ceil(side / 4);
  let outside = 0;
  let shows = true;
  for (let inner = 0; shows && inner < FURTHEST_CANVASES * side; inner += thickness) {
    const outer = inner + thickness;
    shows = false;
    for (let y = -outer; y < height + outer; y++) {
      const besides = y < -inner || y >= height + inner;
      for (let x = -outer; x < width + outer; x++) {
        if (!besides && x === -inner) x = width + inner;
        const source = warp.sourceOf(y, x);
        if (source < 0) continue;
        shows = true;
        outside += weight[source]!;
      }
    }
  }
  return outside;
}
