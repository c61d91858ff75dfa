import sharp from 'sharp';
import { tf } from './backend.js';

/** Height, width and channels of every image of a data set. */
export interface ImageShape {
  height: number;
  width: number;
  channels: number;
}

/** A rectangle of pixels on a canvas: from (top, left), `height` × `width`. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/**
 * The one place where images become 8-bit: rounds [0,1] to the nearest of 256 levels, halves to even as TensorFlow
 * does, and stays in [0,1].
 */
export function roundTo8Bits<T extends tf.Tensor>(images: T): T {
  return tf.tidy(() => tf.div(tf.round(tf.mul(tf.clipByValue(images, 0, 1), 255)), 255)) as T;
}

/** Rows `indices` of 8-bit `pixels` [*,h,w,c] as a tensor [n,h,w,c] in [0,1]. */
export function imagesToTensor(
  pixels: Uint8Array,
  shape: ImageShape,
  indices: ArrayLike<number>,
): tf.Tensor4D {
  const size = shape.height * shape.width * shape.channels;
  const values = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    for (let j = 0, to = i * size; j < size; j++, to++) values[to] = pixels[from + j]! / 255;
  }
  return tf.tensor4d(values, [indices.length, shape.height, shape.width, shape.channels]);
}

/** The 8-bit pixels of `images` [n,h,w,c] in [0,1]. */
export async function tensorToPixels(images: tf.Tensor): Promise<Uint8Array> {
  const levels = tf.tidy(() => tf.cast(tf.round(tf.mul(tf.clipByValue(images, 0, 1), 255)), 'int32'));
  const pixels = Uint8Array.from(await levels.data());
  levels.dispose();
  return pixels;
}

/** A PNG of 8-bit pixels [h,w,c], c = 1 (grey), 3 (RGB) or 4 (RGBA). */
export function encodePng(pixels: Uint8Array, { height, width, channels }: ImageShape): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 | 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}
