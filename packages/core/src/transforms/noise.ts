import { tf } from '../lib/backend.js';
import { seededNormal } from '../lib/kernels.js';
import { defineTransform, type Variant } from './transform.js';

/** Independent Gaussian noise for each pixel and channel. */
export const noise = defineTransform({
  title: 'Noise',
  description:
    'Adds Gaussian noise, of each sample’s own, to the trigger or to the image. A sample’s noise is the same at every ' +
    'value but for its strength.',
  valueName: 'Standard deviation',
  unit: 'levels',
  minimum: 0,
  maximum: 128,
  identity: 0,
  defaultValues: [0, 5, 10, 20, 40, 60],
  plan(sigmaLevels, _, samples, random) {
    const variants = Array.from({ length: samples }, (): Variant => {
      const noiseSeed = random.seed();
      const apply = (images: tf.Tensor4D) =>
        tf.tidy(() => {
          const [, ...shape] = images.shape;
          const drawn = seededNormal([1, ...shape], tf.tensor1d([noiseSeed, 0], 'int32'));
          return tf.clipByValue(tf.add(images, tf.mul(drawn, sigmaLevels / 255)), 0, 1) as tf.Tensor4D;
        });
      return { steps: [{ spreads: false, apply }], parameters: { noiseSeed } };
    });
    return { variants, variantOf: Int32Array.from(variants, (_, i) => i) };
  },
});
