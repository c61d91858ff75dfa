import { tf } from '../lib/backend.js';
import { seededNormal } from '../lib/kernels.js';
import { defineTransform, type Filter, type Variant } from './transform.js';

/** Independent Gaussian noise for each pixel and channel. */
export const noise = defineTransform({
  title: 'Noise',
  description:
    'Adds Gaussian noise to the trigger, or to the image: each sample has noise of its own, which is the same at every ' +
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
      const step: NoiseFilter = {
        noiseSeed,
        sigmaLevels,
        spreads: false,
        apply: (images) => addNoise(images, [step]),
        applyEach: addNoise,
      };
      return { steps: [step], parameters: { noiseSeed } };
    });
    return { variants, variantOf: Int32Array.from(variants, (_, i) => i) };
  },
});

interface NoiseFilter extends Filter {
  noiseSeed: number;
  sigmaLevels: number;
}

/** @param filters [n], each image's own, or one for all */
function addNoise(images: tf.Tensor4D, filters: readonly NoiseFilter[]): tf.Tensor4D {
  return tf.tidy(() => {
    const [, ...shape] = images.shape;
    const fields = filters.map(({ noiseSeed }) =>
      seededNormal([1, ...shape], tf.tensor1d([noiseSeed, 0], 'int32')),
    );
    const sigmas = tf.tensor4d(
      filters.map(({ sigmaLevels }) => sigmaLevels / 255),
      [filters.length, 1, 1, 1],
    );
    return tf.clipByValue(tf.add(images, tf.mul(tf.concat(fields), sigmas)), 0, 1) as tf.Tensor4D;
  });
}
