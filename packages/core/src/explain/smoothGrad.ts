import type { Network, Weights } from '../architectures/architecture.js';
import { imagesAtOnce } from '../architectures/batches.js';
import { tf } from '../lib/backend.js';
import { compile } from '../lib/compile.js';
import type { ImageShape } from '../lib/images.js';
import { seededNormal } from '../lib/kernels.js';
import type { ExplainSettings } from '../requests.js';

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
    settings: Pick<ExplainSettings, 'copies' | 'noiseLevel' | 'mode'>,
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
  const sums = (copies: tf.Tensor, classMask: tf.Tensor, counted: tf.Tensor) => {
    const gradient = tf.grad((x) => tf.sum(tf.mul(network.logits(weights, x as tf.Tensor4D), classMask)))(
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
  const graph = compile((copies, classMask, counted) => sums(copies!, classMask!, counted!), examples);
  tf.dispose(examples);

  return {
    dispose: graph.dispose,
    async explain(image, label, { copies, noiseLevel, mode }, noise) {
      const total = new Float32Array(height * width * channels);
      const classMask = tf.tensor1d(Float32Array.from({ length: classes }, (_, i) => Number(i === label)));
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
        const results = graph.run(noisy, classMask, counted);
        const sum = await results[mode === 'SIGNED' ? 0 : 1]!.data();
        for (let i = 0; i < total.length; i++) total[i]! += sum[i]! / copies;
        tf.dispose([noisy, counted, results]);
      }
      classMask.dispose();
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
