import { tf } from '../lib/backend.js';
import { defineTransform, sameForAll } from './transform.js';

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
    return sameForAll(
      {
        spreads: false,
        multiplies: true,
        apply: (images) => tf.tidy(() => tf.clipByValue(tf.mul(images, factor), 0, 1)),
      },
      samples,
    );
  },
});
