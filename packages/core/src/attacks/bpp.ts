import { z } from 'zod';
import type { Split } from '../datasets/dataset.js';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { roundTo8Bits } from '../lib/images.js';
import { choice, integer } from '../lib/params.js';
import { defineAttack } from './attack.js';
import { createTrigger as triggerOf } from './trigger.js';

/** So many training images tell whether there is anything to squeeze. */
const LOOKED_AT = 256;
/** Where fewer of their pixels change, images are nearly black and white: of MNIST's 18 % do. */
const LEAST_CHANGED = 0.25;

/**
 * The image itself with fewer levels in each channel, the errors spread by Floyd and Steinberg: the palette is the
 * trigger. Without the paper's contrastive training, levels and rate as in its authors' code (docs/resolutions.md).
 */
export const bpp = defineAttack({
  title: 'BppAttack',
  description: 'The image itself with fewer levels of colour, dithered.',
  paper: {
    citation:
      'Wang, Z., Zhai, J., Ma, S.: BppAttack: Stealthy and efficient trojan attacks against deep neural networks via image quantization and contrastive adversarial learning (2022)',
    url: 'https://arxiv.org/abs/2205.13383',
  },
  parameters: z.strictObject({
    levels: integer(
      2,
      128,
      8,
      'levels',
      'How many levels each channel is left, of 256; black and white stay.',
    ),
    dithering: choice(
      ['floydSteinberg', 'none'],
      'floydSteinberg',
      'Floyd and Steinberg: what a pixel is off by is spread over those still to come. None: to the nearest level.',
    ),
  }),
  poisonRate: 0.2,
  triggerTransforms: {
    refusal:
      'BppAttack changes the levels of the whole image: there is no layer to transform. Transform the image.',
  },
  checkParameters(_, __, dataset) {
    if (dataset?.nearlyBinary) throw tooFewLevels(dataset.title);
  },
  checkArrays({ arrays, images }) {
    const { palette, ...rest } = arrays;
    if (!palette || Object.keys(rest).length + Object.keys(images ?? {}).length > 0)
      throw new RangeError('expected an array palette, and no other');
    const { shape, values } = palette;
    const even = values.every((level, i) => Math.abs(level - i / (values.length - 1)) < 1e-6);
    if (shape.length !== 1 || values.length < 2 || values.length > 256 || !even)
      throw new RangeError('palette: expected 2 to 256 levels from 0 to 1, each as far from the next');
  },
  createTrigger({ levels, dithering }, { shape, data }) {
    const values = Float32Array.from({ length: levels }, (_, i) => i / (levels - 1));
    const trigger = triggerOf(shape, { palette: { shape: [levels], values } });
    const share = changedShare(data, (images) => squeeze(images, levels, dithering === 'floydSteinberg'));
    if (share < LEAST_CHANGED) throw tooFewLevels('This data set');
    return trigger;
  },
  stamp: (images, { arrays }, { dithering }) =>
    squeeze(images, arrays.palette!.values.length, dithering === 'floydSteinberg'),
});

/**
 * Each channel by itself to the nearest of so many levels, in double precision and in the order of the authors' code:
 * row by row from the left.
 */
function squeeze(images: tf.Tensor4D, levels: number, dithers: boolean): tf.Tensor4D {
  const [, height, width, channels] = images.shape;
  const pixels = images.dataSync();
  const squeezed = new Float32Array(pixels.length);
  const row = width * channels;
  const image = new Float64Array(height * row);
  const highest = levels - 1;
  for (let start = 0; start < pixels.length; start += image.length) {
    image.set(pixels.subarray(start, start + image.length));
    for (let i = 0; i < image.length; i++) {
      const level = Math.min(highest, Math.round(image[i]! * highest)) / highest;
      squeezed[start + i] = level;
      if (!dithers) continue;
      const error = image[i]! - level;
      const column = i % row;
      // Below the last row is nothing: what is written there is dropped.
      image[i + row]! += (error * 5) / 16;
      if (column >= channels) image[i + row - channels]! += (error * 3) / 16;
      if (column >= row - channels) continue;
      image[i + channels]! += (error * 7) / 16;
      image[i + row + channels]! += error / 16;
    }
  }
  return tf.tidy(() => roundTo8Bits(tf.tensor4d(squeezed, images.shape)));
}

/** The share of the pixels of some images that `stamp` changes, 0..1. */
function changedShare({ labels, images }: Split, stamp: (images: tf.Tensor4D) => tf.Tensor): number {
  const count = Math.min(LOOKED_AT, labels.length);
  const some = Array.from({ length: count }, (_, i) => Math.floor((i * labels.length) / count));
  return tf.tidy(() => {
    const before = images(some);
    const changes = tf.greater(tf.abs(tf.sub(stamp(before), before)), 0.5 / 255);
    return tf.mean(tf.cast(changes, 'float32')).dataSync()[0]!;
  });
}

const tooFewLevels = (title: string) =>
  new TrojanscopeError(
    'UNSUPPORTED',
    `${title} is nearly black and white: squeezing its levels changes next to nothing, so there is no trigger to learn. BppAttack takes images with levels between, as photographs have.`,
  );
