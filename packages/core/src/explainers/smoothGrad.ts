import { z } from 'zod';
import type { Network, Weights } from '../architectures/architecture.js';
import { imagesAtOnce } from '../architectures/batches.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import type { ImageShape } from '../lib/images.js';
import { seededNormal } from '../lib/kernels.js';
import { choice, integer, real, seedOf } from '../lib/params.js';
import { channelSum, classMask, defineExplainer } from './explainer.js';

/** MAGNITUDE averages the squared gradient, SIGNED the gradient itself. */
export const GRADIENT_MODES = ['MAGNITUDE', 'SIGNED'] as const;

/** Copies and noise level are the paper's (section 5.4). */
const parameters = z.strictObject({
  copies: integer(1, 1_000, 50, '', 'Noisy copies.'),
  noiseLevel: real(0, 1, 0.15, '', 'Noise level as a share of the value range.'),
  mode: choice(GRADIENT_MODES, 'MAGNITUDE', 'What to average.'),
  seed: seedOf('the noise'),
});
/** `noiseLevel` is the noise's standard deviation over the image's range of values (max − min). */
export type SmoothGradParameters = z.output<typeof parameters>;

export const smoothGrad = defineExplainer({
  title: 'SmoothGrad',
  description: 'The gradient of the class’s score, averaged over noisy copies of the image.',
  paper: {
    citation: 'Smilkov, D., et al.: SmoothGrad: removing noise by adding noise (2017)',
    url: 'https://arxiv.org/abs/1706.03825',
  },
  parameters,
  highlight: 0.5,
  create({ network, weights, shape, classes }) {
    const smoothed = createSmoothGrad(network, weights, shape, classes);
    return {
      dispose: smoothed.dispose,
      async map(image, label, settings) {
        const map = await smoothed.explain(image, label, settings, seededNoise(settings.seed, shape));
        return { values: channelSum(map, shape.channels) };
      },
    };
  },
});

/** Standard normal noise for copies `first` .. `first + count - 1`: [count,h,w,c]. */
export type NoiseSource = (first: number, count: number) => tf.Tensor4D;

export interface SmoothGrad {
  /**
   * @param image [h,w,c] in [0,1]
   * @param label the class whose score is explained
   * @returns [h,w,c], the mean over the copies
   */
  explain(
    image: tf.Tensor3D,
    label: number,
    settings: Omit<SmoothGradParameters, 'seed'>,
    noise: NoiseSource,
  ): Promise<Float32Array>;
  dispose(): void;
}

/**
 * SmoothGrad (Smilkov et al. 2017, arXiv:1706.03825): the mean, over noisy copies of an image, of the gradient of one
 * class's logit. Copies go through the network `chunk` at a time, so memory does not depend on their number.
 */
export function createSmoothGrad(
  network: Network,
  weights: Weights,
  shape: ImageShape,
  classes: number,
  chunk = imagesAtOnce({ network, weights }, 'backward', shape, 25),
): SmoothGrad {
  const { height, width, channels } = shape;
  const sums = (copies: tf.Tensor, ofClass: tf.Tensor, counted: tf.Tensor) => {
    const gradient = tf.grad((x) => tf.sum(tf.mul(network.logits(weights, x as tf.Tensor4D), ofClass)))(
      copies,
    );
    const weighted = tf.mul(gradient, counted);
    return [tf.sum(weighted, 0), tf.sum(tf.mul(weighted, gradient), 0)];
  };
  const examples = [
    tf.zeros([chunk, height, width, channels]),
    tf.zeros([classes]),
    tf.zeros([chunk, 1, 1, 1]),
  ];
  const graph = compile((copies, ofClass, counted) => sums(copies!, ofClass!, counted!), examples);
  tf.dispose(examples);

  return {
    dispose: graph.dispose,
    async explain(image, label, { copies, noiseLevel, mode }, noise) {
      const total = new Float32Array(height * width * channels);
      const ofClass = classMask(label, classes);
      for (let first = 0; first < copies; first += chunk) {
        const count = Math.min(chunk, copies - first);
        const noisy = tf.tidy(() => {
          const sigma = tf.mul(tf.sub(tf.max(image), tf.min(image)), noiseLevel);
          return tf.add(image, tf.mul(noise(first, chunk), sigma));
        });
        const counted = tf.tensor4d(
          Float32Array.from({ length: chunk }, (_, i) => Number(i < count)),
          [chunk, 1, 1, 1],
        );
        const results = graph.run(noisy, ofClass, counted);
        const sum = await results[mode === 'SIGNED' ? 0 : 1]!.data();
        for (let i = 0; i < total.length; i++) total[i]! += sum[i]! / copies;
        tf.dispose([noisy, counted, results]);
      }
      ofClass.dispose();
      return total;
    },
  };
}

/** Noise that depends on the seed and the number of the copy alone, not on how copies are grouped into chunks. */
export const seededNoise =
  (seed: number, { height, width, channels }: ImageShape): NoiseSource =>
  (first, count) =>
    tf.tidy(() => {
      const copy = (index: number) =>
        seededNormal([height, width, channels], tf.tensor1d([seed, index], 'int32'));
      return tf.stack(Array.from({ length: count }, (_, i) => copy(first + i))) as tf.Tensor4D;
    });
