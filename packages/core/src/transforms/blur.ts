import { tf } from '../lib/backend.js';
import { defineTransform, sameForAll } from './transform.js';

/** A Gaussian cut off at 4σ, borders continued: `scipy.ndimage.gaussian_filter(mode='nearest')`. */
export const blur = defineTransform({
  title: 'Blur',
  description:
    'Blurs the trigger together with its edges, so that it fades into the image, or the whole image, as a lens out of ' +
    'focus does (Gaussian).',
  valueName: 'Standard deviation',
  unit: 'px',
  minimum: 0,
  maximum: 16,
  identity: 0,
  defaultValues: [0, 0.5, 1, 1.5, 2, 3],
  plan(sigmaPx, _, samples) {
    return sameForAll({ spreads: true, apply: (images) => blurred(images, sigmaPx) }, samples);
  },
});

/** Rows and columns one after the other, each as one product with a matrix. */
export function blurred(images: tf.Tensor4D, sigmaPx: number): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  return tf.tidy(() => {
    const down = tf.tensor3d(weights(height, sigmaPx, 1), [1, height, height]);
    const rows = tf.matMul(down, tf.reshape(images, [count, height, width * channels]));
    const across = tf.tensor2d(weights(width, sigmaPx, channels), [width * channels, width * channels]);
    const flat = tf.reshape(rows, [count * height, width * channels]);
    return tf.clipByValue(tf.reshape(tf.matMul(flat, across, false, true), images.shape), 0, 1);
  });
}

/**
 * What each of `size` positions takes from each; what lies beyond an end is that end. Channels lie side by side and do
 * not mix.
 * @returns [size·channels, size·channels]
 */
function weights(size: number, sigmaPx: number, channels: number): Float32Array {
  const reach = Math.floor(4 * sigmaPx + 0.5);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigmaPx) ** 2),
  );
  const sum = kernel.reduce((all, weight) => all + weight, 0);
  const side = size * channels;
  const matrix = new Float32Array(side * side);
  for (let to = 0; to < size; to++) {
    for (const [i, weight] of kernel.entries()) {
      const from = Math.min(size - 1, Math.max(0, to + i - reach));
      for (let c = 0; c < channels; c++) {
        matrix[(to * channels + c) * side + from * channels + c]! += weight / sum;
      }
    }
  }
  return matrix;
}
