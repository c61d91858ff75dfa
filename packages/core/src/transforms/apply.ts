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

/** A trigger's layer: pattern [n,h,w,c] and mask [n,h,w,1], both in [0,1]. */
export interface Layer {
  pattern: tf.Tensor4D;
  mask: tf.Tensor4D;
}

/**
 * Transforms one layer by each variant: warps move pattern and mask together, filters change the pattern; one that
 * spreads does so with the pattern as it shows, and spreads the mask alike.
 * @param layer n = 1
 * @returns n = variants
 */
export function applyToLayer(layer: Layer, variants: readonly Variant[]): Layer {
  return tf.tidy(() => {
    const own = Int32Array.from(variants, (_, index) => index);
    const times = [variants.length, 1, 1, 1];
    let [pattern, mask] = [tf.tile(layer.pattern, times), tf.tile(layer.mask, times)];
    for (const steps of stages(variants)) {
      if (steps.every(isWarp)) {
        pattern = warpImages(pattern, steps, own);
        mask = warpImages(mask, steps, own);
      } else if ((steps as Filter[]).some(({ spreads }) => spreads)) {
        const shown = filterImages(tf.mul(pattern, mask), steps as Filter[], own);
        mask = filterImages(mask, steps as Filter[], own);
        pattern = tf.div(shown, tf.maximum(mask, 1e-6));
      } else pattern = roundTo8Bits(filterImages(pattern, steps as Filter[], own));
    }
    return { pattern, mask };
  }) as unknown as Layer;
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

/** Each filter sees the images that share it at once. */
function filterImages(images: tf.Tensor4D, filters: readonly Filter[], filterOf: Int32Array): tf.Tensor4D {
  const positions = new Map<Filter, number[]>();
  filterOf.forEach((index, i) => {
    const filter = filters[index]!;
    const known = positions.get(filter);
    if (known) known.push(i);
    else positions.set(filter, [i]);
  });
  if (positions.size === 1) return filters[filterOf[0]!]!.apply(images);
  return concatInOrder(
    [...positions].map(([filter, at]) => ({
      positions: at,
      images: filter.apply(gatherRows(images, tf.tensor1d(at, 'int32')) as tf.Tensor4D),
    })),
  );
}

/** The sources of every canvas pixel of every warp, [warps, height·width] int32, -1 for none. */
function sourceTable(warps: readonly Warp[], height: number, width: number): tf.Tensor2D {
  const table = new Int32Array(warps.length * height * width);
  let at = 0;
  for (const warp of warps) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) table[at++] = warp.sourceOf(y, x);
  }
  return tf.tensor2d(table, [warps.length, height * width], 'int32');
}

/**
 * One gather for the whole batch.
 * @param warpOf [n], index into `warps`
 */
function warpImages(images: tf.Tensor4D, warps: readonly Warp[], warpOf: Int32Array): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  const table = sourceTable(warps, height, width);
  const sources = warps.length === 1 ? table : tf.gather(table, tf.tensor1d(warpOf, 'int32'));
  // Every pixel of the batch in one row each, and one black pixel behind the last, for those without a source.
  const black = count * height * width;
  const first = tf.range(0, black, height * width, 'int32');
  const rows = tf.where(
    tf.less(sources, 0),
    tf.scalar(black, 'int32'),
    tf.add(sources, tf.expandDims(first, 1)),
  );
  const pixels = tf.concat([tf.reshape(images, [black, channels]), tf.zeros([1, channels])]);
  return tf.reshape(gatherRows(pixels, rows), [count, height, width, channels]);
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
    if (!isWarp(step) || step.wraps) continue;
    const after = new Float32Array(height * width);
    let [inside, all] = [0, 0];
    // The largest scale is 3 and a turned canvas is shorter than 2, so one canvas on each side shows all there is.
    for (let y = -height; y < 2 * height; y++) {
      for (let x = -width; x < 2 * width; x++) {
        const source = step.sourceOf(y, x);
        if (source < 0) continue;
        const value = current[source]!;
        all += value;
        if (y < 0 || x < 0 || y >= height || x >= width) continue;
        inside += value;
        after[y * width + x] = value;
      }
    }
    if (all === 0) return 0;
    share *= inside / all;
    current = after;
  }
  return share;
}
