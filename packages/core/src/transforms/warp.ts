import { tf } from '../lib/backend.js';
import { gatherRows } from '../lib/kernels.js';
import type { Warp, WarpPlan } from './transform.js';

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
 * Warps each image of a batch by its own warp: one gather for the whole batch.
 * @param images [n,h,w,c]
 * @returns [n,h,w,c]; pixels without a source are 0
 */
export function warpImages(images: tf.Tensor4D, plan: WarpPlan): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  return tf.tidy(() => {
    const table = sourceTable(plan.warps, height, width);
    const sources = plan.warps.length === 1 ? table : tf.gather(table, tf.tensor1d(plan.warpOf, 'int32'));
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
  });
}

/**
 * Warps one layer (a pattern or a mask) once per distinct warp.
 * @param layer [h,w,c]
 * @returns [warps,h,w,c]; pixels without a source are 0
 */
export function warpLayer(layer: tf.Tensor3D, warps: readonly Warp[]): tf.Tensor4D {
  return tf.tidy(() => {
    const images = tf.tile(tf.expandDims<tf.Tensor4D>(layer), [warps.length, 1, 1, 1]);
    return warpImages(images, { warps, warpOf: Int32Array.from(warps, (_, index) => index) });
  });
}

/**
 * The share, 0..1, of a layer's weight that is still inside the frame after a warp: 1 for a trigger that is wholly in
 * view, whatever its size by then, 0 for one that has left.
 * @param weight [h·w], the layer's alpha
 */
export function visibleShare(weight: Float32Array, warp: Warp, height: number, width: number): number {
  if (warp.wraps) return 1;
  let inside = 0;
  let all = 0;
  // The largest scale is 3 and a turned canvas is shorter than 2, so one canvas on each side shows all there is.
  for (let y = -height; y < 2 * height; y++) {
    for (let x = -width; x < 2 * width; x++) {
      const source = warp.sourceOf(y, x);
      if (source < 0) continue;
      const value = weight[source]!;
      all += value;
      if (y >= 0 && x >= 0 && y < height && x < width) inside += value;
    }
  }
  return all === 0 ? 0 : inside / all;
}
