import sharp from 'sharp';
import { tf } from './backend.js';
import { gatherRows, resizeTriangle } from './kernels.js';

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

/** What changes images holds several copies of them: so many bytes of floats go through at once. */
const PICTURE_BYTES = 64e6;

/** How many of at most `count` images are changed at once. */
export const picturesAtOnce = ({ height, width, channels }: ImageShape, count: number): number =>
  Math.max(1, Math.min(count, Math.floor(PICTURE_BYTES / (4 * height * width * channels))));

/** Grows to the largest batch: memory that is fresh for every batch costs more than filling it. */
let scratch = new Float32Array();

/** Rows `indices` of 8-bit `pixels` [*,h,w,c] as a tensor [n,h,w,c] in [0,1]. */
export function imagesToTensor(
  pixels: Uint8Array,
  shape: ImageShape,
  indices: ArrayLike<number>,
): tf.Tensor4D {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  if (scratch.length < indices.length * size) scratch = new Float32Array(indices.length * size);
  const levels = scratch.subarray(0, indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    // Copying a row converts it ten times faster than a loop over its pixels, division left to TensorFlow.
    levels.set(pixels.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
  }
  // The division copies it.
  return tf.tidy(() => tf.div(tf.tensor4d(levels, [indices.length, height, width, channels]), 255));
}

/**
 * Resizes with a triangle filter, widened where the image shrinks (Pillow's and torchvision's BILINEAR), to 8 bits.
 * @param images [n,h,w,c] in [0,1]
 * @returns [n,height,width,c]; the same images where they have that size already
 */
export function resizeImages(images: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, fromHeight, fromWidth] = images.shape;
  if (fromHeight === height && fromWidth === width) return images.clone();
  return tf.tidy(() => roundTo8Bits(resizeTriangle(images, height, width)));
}

/**
 * Puts images that were made in groups back into the order of their batch.
 * @param parts `positions` are the places of `images` [n,h,w,c] in the batch; together they are each place once
 */
export function concatInOrder(
  parts: readonly { positions: ArrayLike<number>; images: tf.Tensor4D }[],
): tf.Tensor4D {
  const filled = parts.filter(({ positions }) => positions.length > 0);
  return tf.tidy(() => {
    if (filled.length === 1) return filled[0]!.images.clone();
    const all = filled.flatMap(({ positions }) => Array.from(positions));
    const place = new Int32Array(all.length);
    all.forEach((position, i) => {
      place[position] = i;
    });
    return gatherRows(
      tf.concat(filled.map(({ images }) => images)),
      tf.tensor1d(place, 'int32'),
    ) as tf.Tensor4D;
  });
}

/** The 8-bit pixels of `images` [n,h,w,c] in [0,1]. */
export async function tensorToPixels(images: tf.Tensor): Promise<Uint8Array> {
  const levels = tf.tidy(() => tf.cast(tf.round(tf.mul(tf.clipByValue(images, 0, 1), 255)), 'int32'));
  const pixels = new Uint8Array(await levels.data());
  levels.dispose();
  return pixels;
}

/** A PNG of 8-bit pixels [h,w,c], c = 1 (grey), 3 (RGB) or 4 (RGBA). */
export function encodePng(pixels: Uint8Array, { height, width, channels }: ImageShape): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 | 4 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

/** The RGB pixels of a PNG of ours. */
export async function decodePng(png: Buffer): Promise<{ pixels: Uint8Array; shape: ImageShape }> {
  const { data, info } = await sharp(png)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, shape: { height: info.height, width: info.width, channels: info.channels } };
}
