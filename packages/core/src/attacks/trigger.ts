import { tf } from '../lib/backend.js';
import { type Box, type ImageShape, roundTo8Bits } from '../lib/images.js';
import { gatherRows } from '../lib/kernels.js';
import type { FloatArray } from '../lib/safetensors.js';
import { applyToLayer } from '../transforms/apply.js';
import type { Plan } from '../transforms/transform.js';

/**
 * A trigger is plain data, because a model is trained in one process and swept in another.
 */
export interface Trigger {
  shape: ImageShape;
  /**
   * What the attack's `stamp` reads, by name, as it is saved. A layer is a `pattern` [h,w,c] in [0,1] and a `mask`
   * [h,w] in [0,1]: 0 the image shows, 1 the pattern covers it. A trigger that is no layer has other arrays.
   */
  arrays: Record<string, FloatArray>;
  /** [h·w] in [0,1], where it acts: the layer's mask, or 1 everywhere. */
  mask: Float32Array;
  /** The smallest rectangle around the mask: what a trigger transform turns about and a picture frames. */
  box: Box;
}

/** A trigger from its arrays, its box measured. */
export function createTrigger(shape: ImageShape, arrays: Record<string, FloatArray>): Trigger {
  const { height, width } = shape;
  const mask = arrays.mask?.values ?? new Float32Array(height * width).fill(1);
  const box = boundingBox(mask, height, width);
  if (!box) throw new RangeError('A trigger needs a mask that covers at least one pixel.');
  return { shape, arrays, mask, box };
}

/** A trigger that is a layer. */
export const layerTrigger = (shape: ImageShape, pattern: Float32Array, mask: Float32Array): Trigger => {
  const { height, width, channels } = shape;
  return createTrigger(shape, {
    pattern: { shape: [height, width, channels], values: pattern },
    mask: { shape: [height, width], values: mask },
  });
};

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
 * A trigger's layer as each image meets it, transformed by the plan.
 * @returns `weighted` = pattern·mask [n or 1,h,w,c] and `mask` [n or 1,h,w,1]
 */
export function layerOf({ shape, arrays, mask }: Trigger, plan?: Plan) {
  const { height, width, channels } = shape;
  const pattern = tf.tensor4d(arrays.pattern!.values, [1, height, width, channels]);
  const layer = { pattern, mask: tf.tensor4d(mask, [1, height, width, 1]) };
  if (!plan) return { weighted: tf.mul(layer.pattern, layer.mask) as tf.Tensor4D, mask: layer.mask };
  const variants = applyToLayer(layer, plan.variants);
  const variantOf = tf.tensor1d(plan.variantOf, 'int32');
  return {
    weighted: gatherRows(tf.mul(variants.pattern, variants.mask), variantOf) as tf.Tensor4D,
    mask: gatherRows(variants.mask, variantOf) as tf.Tensor4D,
  };
}

/**
 * Composites a layer: `image·(1 − mask) + pattern·mask`, pattern and mask transformed together first.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,h,w,c] in [0,1], rounded to 8 bits
 */
export function stampLayer(images: tf.Tensor4D, trigger: Trigger, _: unknown, plan?: Plan): tf.Tensor4D {
  return tf.tidy(() => {
    const { weighted, mask } = layerOf(trigger, plan);
    return roundTo8Bits(tf.add(tf.mul(images, tf.sub(1, mask)), weighted) as tf.Tensor4D);
  });
}
