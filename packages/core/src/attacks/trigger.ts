import { tf } from '../lib/backend.js';
import { type Box, type ImageShape, roundTo8Bits } from '../lib/images.js';
import { gatherRows } from '../lib/kernels.js';
import type { ByteArray, FloatArray } from '../lib/safetensors.js';
import { applyToLayer, type Layer } from '../transforms/apply.js';
import type { Plan } from '../transforms/transform.js';

/**
 * A trigger is plain data, because a model is trained in one process and swept in another.
 */
export interface Trigger {
  shape: ImageShape;
  /**
   * What the attack's `stamp` reads, by name, as it is saved. A layer is a `pattern` [h,w,c] in [0,1] and a `mask`
   * [h,w] or [h,w,c] in [0,1]: 0 the image shows, 1 the pattern covers it; or `add` [h,w,c] in [-1,1], which is added;
   * or all of these. A trigger that is no layer has other arrays.
   */
  arrays: Record<string, FloatArray>;
  /** Images among these, 0..255. */
  images?: Record<string, ByteArray>;
  /** [h·w] in [0,1], where it acts: the layer's mask and 1 where it adds, or 1 everywhere. */
  mask: Float32Array;
  /** The smallest rectangle around the mask: what a trigger transform turns about and a picture frames. */
  box: Box;
}

/** A trigger from its arrays, its box measured. */
export function createTrigger(
  shape: ImageShape,
  arrays: Record<string, FloatArray>,
  images: Record<string, ByteArray> = {},
): Trigger {
  const { height, width } = shape;
  const mask = actingMask(shape, arrays);
  const box = boundingBox(mask, height, width);
  if (!box) throw new RangeError('A trigger needs a mask that covers at least one pixel.');
  return { shape, arrays, ...(Object.keys(images).length > 0 && { images }), mask, box };
}

/** For each pixel the most that any of its channels is covered, 1 where something is added. */
function actingMask({ height, width, channels }: ImageShape, arrays: Trigger['arrays']): Float32Array {
  const { mask, add } = arrays;
  if (mask?.values.length === height * width && !add) return mask.values;
  if (!mask && !add) return new Float32Array(height * width).fill(1);
  const covered = (pixel: number, c: number) =>
    mask ? mask.values[mask.values.length === height * width ? pixel : pixel * channels + c]! : 0;
  return Float32Array.from({ length: height * width }, (_, pixel) => {
    let most = 0;
    for (let c = 0; c < channels; c++)
      most = Math.max(most, add?.values[pixel * channels + c] ? 1 : covered(pixel, c));
    return most;
  });
}

/** A trigger that is a layer. @param mask [h·w] or [h·w·c] */
export const layerTrigger = (shape: ImageShape, pattern: Float32Array, mask: Float32Array): Trigger => {
  const { height, width, channels } = shape;
  return createTrigger(shape, {
    pattern: { shape: [height, width, channels], values: pattern },
    mask: { shape: [height, width, ...(mask.length > height * width ? [channels] : [])], values: mask },
  });
};

/** A trigger that is added. @param add [h·w·c] in [-1,1] */
export const addedTrigger = ({ height, width, channels }: ImageShape, add: Float32Array): Trigger =>
  createTrigger({ height, width, channels }, { add: { shape: [height, width, channels], values: add } });

/** A layer that anybody may have made: a pattern and its mask, or what is added, or all. @throws RangeError */
export function checkLayer(
  { arrays, images }: Pick<Trigger, 'arrays' | 'images'>,
  { height, width, channels }: ImageShape,
): void {
  const whole = `${[height, width, channels]}`;
  const shapes = { pattern: [whole], mask: [`${[height, width]}`, whole], add: [whole] };
  for (const name of Object.keys({ ...arrays, ...images })) {
    if (!Object.hasOwn(shapes, name) || images?.[name])
      throw new RangeError(`expected arrays of pattern, mask, add, got ${JSON.stringify(name)}`);
  }
  if (!arrays.pattern !== !arrays.mask) throw new RangeError('expected pattern and mask, or neither');
  for (const [name, wanted] of Object.entries(shapes)) {
    const array = arrays[name];
    if (!array) continue;
    if (!wanted.includes(`${array.shape}`))
      throw new RangeError(`${name}: expected shape [${wanted.join('] or [')}], got [${array.shape}]`);
    const wrong = array.values.find((value) => value > 1 || value < (name === 'add' ? -1 : 0));
    if (wrong !== undefined)
      throw new RangeError(`${name}: expected numbers from ${name === 'add' ? -1 : 0} to 1, got ${wrong}`);
  }
  const acts = [arrays.mask, arrays.add].some((array) => array?.values.some((value) => value !== 0));
  if (!acts) throw new RangeError('expected a mask that covers, or levels added, at least at one pixel');
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
 * A trigger's layer as each image meets it, transformed by the plan.
 * @returns what is added, `weighted` = pattern·mask + add [n or 1,h,w,c], and what is covered, `mask` [n or 1,h,w,1 or c]
 */
export function layerOf({ shape, arrays }: Trigger, plan?: Plan) {
  const { height, width, channels } = shape;
  const whole: [number, number, number, number] = [1, height, width, channels];
  const tensorOf = ({ values }: FloatArray) =>
    tf.tensor4d(values, [1, height, width, values.length / (height * width)]);
  const { pattern, mask, add } = arrays;
  const layer: Layer = {
    pattern: pattern ? tensorOf(pattern) : tf.zeros(whole),
    mask: mask ? tensorOf(mask) : tf.zeros([1, height, width, 1]),
    ...(add && { add: tensorOf(add) }),
  };
  const variants = plan ? applyToLayer(layer, plan.variants) : layer;
  const covering = tf.mul<tf.Tensor4D>(variants.pattern, variants.mask);
  const weighted = variants.add ? tf.add<tf.Tensor4D>(covering, variants.add) : covering;
  if (!plan) return { weighted, mask: variants.mask };
  const variantOf = tf.tensor1d(plan.variantOf, 'int32');
  return {
    weighted: gatherRows(weighted, variantOf) as tf.Tensor4D,
    mask: gatherRows(variants.mask, variantOf) as tf.Tensor4D,
  };
}

/**
 * Composites a layer: `image·(1 − mask) + pattern·mask + add`, all of the layer transformed together first.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,h,w,c] in [0,1], rounded to 8 bits
 */
export function stampLayer(images: tf.Tensor4D, trigger: Trigger, _: unknown, plan?: Plan): tf.Tensor4D {
  return tf.tidy(() => {
    const { weighted, mask } = layerOf(trigger, plan);
    return roundTo8Bits(tf.add(tf.mul(images, tf.sub(1, mask)), weighted) as tf.Tensor4D);
  });
}
