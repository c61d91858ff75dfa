import { tf } from '../../lib/backend.js';
import { conv2d } from '../../lib/kernels.js';
import type { Random } from '../../lib/random.js';
import { normalKernel, type Weights } from './generator.js';
import { instanceNorm, leakyRelu } from './layers.js';

/** Fresh weights, drawn from `random` alone; the caller's to dispose. */
export function initialiseDiscriminator(channels: number, baseChannels: number, random: Random): Weights {
  const k = baseChannels;
  return {
    'conv1/kernel': normalKernel([3, 3, channels, k], random),
    'conv1/bias': tf.zeros([k]),
    'conv2/kernel': normalKernel([3, 3, k, 2 * k], random),
    'conv3/kernel': normalKernel([3, 3, 2 * k, 4 * k], random),
    'out/kernel': normalKernel([3, 3, 4 * k, 1], random),
    'out/bias': tf.zeros([1]),
  };
}

/** The smallest side, a multiple of 4, that holds one square that a discriminator judges. */
export const SMALLEST_SIDE_PX = 24;

/**
 * The PatchGAN of CycleGAN (Zhu et al. 2017, appendix), smaller: it judges overlapping squares of 23×23 pixels, which
 * are to images of 48×48 what 70×70 are to theirs of 128×128. Nothing is padded: on small images most squares would
 * touch a border, and generators then learn borders.
 * @param images [n,h,w,c] in [−1,1], sides of 24 or more
 * @returns [n,h',w',1], a number for each square: near 1 what is taken for real
 */
export function discriminate(weights: Weights, images: tf.Tensor4D): tf.Tensor4D {
  const w = (name: string) => weights[name]!;
  return tf.tidy(() => {
    let x = leakyRelu(tf.add(conv2d(images, w('conv1/kernel'), 2, 'valid'), w('conv1/bias')) as tf.Tensor4D);
    x = leakyRelu(instanceNorm(conv2d(x, w('conv2/kernel'), 2, 'valid')));
    x = leakyRelu(instanceNorm(conv2d(x, w('conv3/kernel'), 1, 'valid')));
    return tf.add(conv2d(x, w('out/kernel'), 1, 'valid'), w('out/bias'));
  });
}
