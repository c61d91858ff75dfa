import { tf } from '../lib/backend.js';
import type { Box } from '../lib/images.js';
import { factorsOf } from './brightness.js';
import { defineTransform, type Filter, sameForAll } from './transform.js';

/**
 * `mean + factor · (level − mean)`, as `PIL.ImageEnhance.Contrast` does; rounded where Pillow truncates. The mean is that
 * of the box alone, so that a trigger's does not depend on the canvas around it.
 */
export const contrast = defineTransform({
  title: 'Contrast',
  description:
    'Spreads the levels of the trigger, or of the image, about their mean grey by a factor: flatter below 1, harsher ' +
    'above. A trigger of one colour has no contrast to change.',
  valueName: 'Factor',
  unit: '×',
  minimum: 0,
  maximum: 4,
  identity: 1,
  defaultValues: [0.25, 0.5, 0.75, 1, 1.5, 2, 3],
  plan(factor, { box }, samples) {
    const step: Contrast = {
      factor,
      box,
      spreads: false,
      apply: (images) => spread(images, [step]),
      applyEach: spread,
    };
    return sameForAll(step, samples);
  },
});

interface Contrast extends Filter {
  factor: number;
  box: Box;
}

/** @param filters [n], each image's own, or one for all; their box is the same */
function spread(images: tf.Tensor4D, filters: readonly Filter[]): tf.Tensor4D {
  const own = filters as readonly Contrast[];
  return tf.tidy(() => {
    const mean = meanGrey(images, own[0]!.box);
    const further = tf.mul(factorsOf(own), tf.sub(images, mean));
    return tf.clipByValue(tf.add(mean, further), 0, 1) as tf.Tensor4D;
  });
}

/** Pillow's weights of red, green and blue (ITU-R 601-2), in 65536ths. */
const LUMA = [19595, 38470, 7471];

/** The mean grey of each image's box as Pillow has it, to a whole level. @returns [n,1,1,1] */
function meanGrey(images: tf.Tensor4D, { top, left, height, width }: Box): tf.Tensor4D {
  const [count, , , channels] = images.shape;
  const levels = tf.round(tf.mul(tf.slice(images, [0, top, left, 0], [count, height, width, channels]), 255));
  // Whole numbers below 2^24: float32 is exact.
  const grey =
    channels === 3 ? tf.floor(tf.div(tf.add(tf.sum(tf.mul(levels, LUMA), 3, true), 32768), 65536)) : levels;
  return tf.div(tf.floor(tf.add(tf.mean(grey, [1, 2, 3], true), 0.5)), 255);
}
