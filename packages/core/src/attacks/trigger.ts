import { tf } from '../lib/backend.js';
import { type Box, type ImageShape, roundTo8Bits } from '../lib/images.js';
import { gatherRows } from '../lib/kernels.js';
import type { WarpPlan } from '../transforms/transform.js';
import { warpLayer } from '../transforms/warp.js';

/**
 * A trigger is plain data, because a model is trained in one process and swept in another: a pattern and how strongly
 * it covers the image, both on a canvas of the images' size.
 */
export interface Trigger {
  shape: ImageShape;
  /** [h·w·c] in [0,1]. */
  pattern: Float32Array;
  /** [h·w] in [0,1]: 0 the image shows, 1 the pattern covers it. */
  mask: Float32Array;
  /** The smallest rectangle around the mask: what a trigger transform turns about and a picture frames. */
  box: Box;
}

/** A trigger from its layers, its box measured. */
export function createTrigger(shape: ImageShape, pattern: Float32Array, mask: Float32Array): Trigger {
  const box = boundingBox(mask, shape.height, shape.width);
  if (!box) throw new RangeError('A trigger needs a mask that covers at least one pixel.');
  return { shape, pattern, mask, box };
}

/** The smallest rectangle around the pixels of positive weight; null when there is none. */
export function boundingBox(weight: ArrayLike<number>, height: number, width: number): Box | null {
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (weight[y * width + x]! <= 0) continue;
      top = Math.min(top, y);
      left = Math.min(left, x);
      bottom = Math.max(bottom, y);
      right = Math.max(right, x);
    }
  }
  return bottom < 0 ? null : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/**
 * Composites an overlay trigger: `image·(1 − mask) + pattern·mask`, pattern and mask warped together first.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,h,w,c] in [0,1], rounded to 8 bits
 */
export function stampOverlay(images: tf.Tensor4D, trigger: Trigger, plan?: WarpPlan): tf.Tensor4D {
  const { height, width, channels } = trigger.shape;
  return tf.tidy(() => {
    const mask = tf.tensor3d(trigger.mask, [height, width, 1]);
    const weighted = tf.mul(tf.tensor3d(trigger.pattern, [height, width, channels]), mask);
    if (!plan) return roundTo8Bits(tf.add(tf.mul(images, tf.sub(1, mask)), weighted) as tf.Tensor4D);
    const warpOf = tf.tensor1d(plan.warpOf, 'int32');
    const masks = gatherRows(warpLayer(mask, plan.warps), warpOf);
    const patterns = gatherRows(warpLayer(weighted as tf.Tensor3D, plan.warps), warpOf);
    return roundTo8Bits(tf.add(tf.mul(images, tf.sub(1, masks)), patterns) as tf.Tensor4D);
  });
}
