import { tf } from '../../lib/backend.js';
import { compile } from '../../lib/compile.js';
import { conv2d, relu } from '../../lib/kernels.js';
import type { Random } from '../../lib/random.js';
import { enlarge, instanceNorm, reflectPad } from './layers.js';

/** Weights of a network by name. */
export type Weights = Record<string, tf.Tensor>;

export interface GeneratorSize {
  /** 1 or 3, of images in and out. */
  channels: number;
  /** Filters of the first convolution; doubled twice on the way in. */
  baseChannels: number;
  residualBlocks: number;
}

/** Zhu et al. 2017, appendix: weights are drawn from a normal distribution with this deviation. */
const INITIAL_DEVIATION = 0.02;

/** The shape of each weight, in the order in which they are drawn. */
export function generatorShapes({ channels, baseChannels: k, residualBlocks }: GeneratorSize) {
  const shapes: Record<string, number[]> = {
    'in/kernel': [7, 7, channels, k],
    'down1/kernel': [3, 3, k, 2 * k],
    'down2/kernel': [3, 3, 2 * k, 4 * k],
  };
  for (let block = 1; block <= residualBlocks; block++) {
    for (const half of ['a', 'b']) shapes[`block${block}/${half}/kernel`] = [3, 3, 4 * k, 4 * k];
  }
  shapes['up1/kernel'] = [3, 3, 4 * k, 2 * k];
  shapes['up2/kernel'] = [3, 3, 2 * k, k];
  shapes['out/kernel'] = [7, 7, k + channels, channels];
  shapes['out/bias'] = [channels];
  return shapes;
}

/** Fresh weights, drawn from `random` alone; the caller's to dispose. */
export const initialiseGenerator = (size: GeneratorSize, random: Random): Weights =>
  Object.fromEntries(
    Object.entries(generatorShapes(size)).map(([name, shape]) => [
      name,
      name.endsWith('bias') ? tf.zeros(shape) : normalKernel(shape, random),
    ]),
  );

export const normalKernel = (shape: number[], random: Random): tf.Tensor =>
  tf.randomNormal(shape, 0, INITIAL_DEVIATION, 'float32', random.seed());

/**
 * The residual generator of CycleGAN (Zhu et al. 2017, appendix; Johnson et al. 2016): a 7×7 convolution, two that halve
 * the sides, residual blocks, two that double them, a 7×7 convolution. Convolutions before a normalisation have no bias:
 * it would be taken off again. Enlarging and convolving stands for the transposed convolution. The last convolution sees
 * the image, too, which the original's does not: small images lose their signs on the way down to a quarter.
 * @param images [n,h,w,c] in [0,1], h and w multiples of 4 and 8 or more
 * @returns [n,h,w,c] in [0,1]
 */
export function generate(weights: Weights, images: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => fromSigned(generateSigned(weights, toSigned(images))));
}

/** From [0,1] to the [−1,1] that the networks compute in, and back. */
export const toSigned = (images: tf.Tensor4D): tf.Tensor4D => tf.sub(tf.mul(images, 2), 1);
export const fromSigned = (images: tf.Tensor4D): tf.Tensor4D => tf.mul(tf.add(images, 1), 0.5);

/** `generate` in [−1,1]. */
export function generateSigned(weights: Weights, images: tf.Tensor4D): tf.Tensor4D {
  const w = (name: string) => weights[name]!;
  const normalised = (x: tf.Tensor4D) => relu(instanceNorm(x));
  return tf.tidy(() => {
    let x = normalised(conv2d(reflectPad(images, 3), w('in/kernel'), 1, 'valid'));
    x = normalised(conv2d(x, w('down1/kernel'), 2, 'same'));
    x = normalised(conv2d(x, w('down2/kernel'), 2, 'same'));
    for (let block = 1; weights[`block${block}/a/kernel`]; block++) {
      const inner = normalised(conv2d(reflectPad(x, 1), w(`block${block}/a/kernel`), 1, 'valid'));
      x = tf.add(x, instanceNorm(conv2d(reflectPad(inner, 1), w(`block${block}/b/kernel`), 1, 'valid')));
    }
    x = normalised(conv2d(enlarge(x), w('up1/kernel'), 1, 'same'));
    x = normalised(conv2d(enlarge(x), w('up2/kernel'), 1, 'same'));
    x = tf.concat([x, images], 3);
    return tf.tanh(tf.add(conv2d(reflectPad(x, 3), w('out/kernel'), 1, 'valid'), w('out/bias')));
  });
}

/**
 * `generate` with these weights as one graph, for batches of up to `batchSize` images of one size.
 * A smaller batch is filled up, which costs what a whole one does.
 */
export function compileGenerator(
  weights: Weights,
  batchSize: number,
  { height, width, channels }: { height: number; width: number; channels: number },
): { batchSize: number; run(images: tf.Tensor4D): tf.Tensor4D; dispose(): void } {
  const example = tf.zeros([batchSize, height, width, channels]);
  const graph = compile((images) => generate(weights, images as tf.Tensor4D), [example]);
  example.dispose();
  return {
    batchSize,
    run: (images) =>
      tf.tidy(() => {
        const [count] = images.shape;
        const missing = batchSize - count;
        if (missing === 0) return graph.run(images)[0] as tf.Tensor4D;
        const filled = tf.concat([images, tf.zeros([Math.max(missing, 0), height, width, channels])]);
        return tf.slice(graph.run(filled)[0] as tf.Tensor4D, 0, count);
      }),
    dispose: graph.dispose,
  };
}
