import { tf } from '../lib/backend.js';
import { defineTransform, type Filter, sameForAll } from './transform.js';

/** Every level times the factor, as `PIL.ImageEnhance.Brightness` does; rounded where Pillow truncates. */
export const brightness = defineTransform({
  title: 'Brightness',
  description:
    'Multiplies every level of the trigger, or of the image, by a factor: dimmer below 1, brighter above, cut off at white.',
  valueName: 'Factor',
  unit: '×',
  minimum: 0,
  // SCALE-UP (Guo et al. 2023) asks a model about images up to 11 times as bright.
  maximum: 11,
  identity: 1,
  defaultValues: [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2],
  plan(factor, _, samples) {
    const step: Brightness = {
      factor,
      spreads: false,
      multiplies: true,
      apply: (images) => multiplied(images, [step]),
      applyEach: multiplied,
    };
    return sameForAll(step, samples);
  },
});

interface Brightness extends Filter {
  factor: number;
}

/** @param filters [n], each image's own, or one for all */
const multiplied = (images: tf.Tensor4D, filters: readonly Filter[]): tf.Tensor4D =>
  tf.tidy(() => tf.clipByValue(tf.mul(images, factorsOf(filters as readonly Brightness[])), 0, 1));

/** @returns [n,1,1,1] */
export const factorsOf = (filters: readonly { factor: number }[]): tf.Tensor4D =>
  tf.tensor4d(
    filters.map(({ factor }) => factor),
    [filters.length, 1, 1, 1],
  );
