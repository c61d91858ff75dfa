import { tf } from '../lib/backend.js';
import { convMaxPool } from '../lib/blocks.js';
import { conv2d, maxPool, relu } from '../lib/kernels.js';
import type { Random } from '../lib/random.js';
import { defineArchitecture } from './architecture.js';

/**
 * LeNet-5 with ReLU and max pooling (paper section 5.1): 6 and 16 filters of 5×5, then 120, 84 and the classes. The
 * first convolution is padded, so that 28×28 and 32×32 images both fit. Bias and ReLU follow pooling: a maximum commutes
 * with both, and a quarter of the numbers is left to add to and to rectify.
 */
export const lenet = defineArchitecture({
  title: 'LeNet',
  description: 'LeNet-5 with ReLU and max pooling: two convolutions, three dense layers.',
  paper: {
    citation:
      'LeCun, Y., Bottou, L., Bengio, Y., Haffner, P.: Gradient-based learning applied to document recognition (1998)',
    url: 'https://doi.org/10.1109/5.726791',
  },
  recipes: {
    SCRATCH: {
      epochs: 8,
      batchSize: 128,
      learningRate: 0.03,
      momentum: 0.9,
      weightDecay: 5e-4,
      warmUp: 0.15,
    },
    MODEL: { epochs: 3, batchSize: 128, learningRate: 0.02, momentum: 0.9, weightDecay: 5e-4, warmUp: 0.15 },
  },
  minimumSidePx: 12,
  inferenceBatch: 500,
  bytesPerPixel: { forward: 80, backward: 125 },
  initialise({ height, width, channels }, classes, random) {
    const afterConvolutions = (side: number) => Math.floor((Math.floor(side / 2) - 4) / 2);
    const flat = afterConvolutions(height) * afterConvolutions(width) * 16;
    return {
      'conv1/kernel': heNormal([5, 5, channels, 6], random),
      'conv1/bias': tf.zeros([6]),
      'conv2/kernel': heNormal([5, 5, 6, 16], random),
      'conv2/bias': tf.zeros([16]),
      'dense1/kernel': heNormal([flat, 120], random),
      'dense1/bias': tf.zeros([120]),
      'dense2/kernel': heNormal([120, 84], random),
      'dense2/bias': tf.zeros([84]),
      'dense3/kernel': heNormal([84, classes], random),
      'dense3/bias': tf.zeros([classes]),
    };
  },
  logits(weights, images, tap) {
    const w = <T extends tf.Tensor>(name: string) => weights[name] as T;
    return tf.tidy(() => {
      let x = convMaxPool(images, w('conv1/kernel'), 2);
      x = relu(tf.add(x, w('conv1/bias')));
      if (tap) {
        // The maps are there before pooling, where they are a convolution's; the function is the same.
        x = tap(relu(tf.add(conv2d(x, w('conv2/kernel'), 1, 'valid'), w('conv2/bias'))));
        x = maxPool(x, [2, 2]);
      } else {
        x = convMaxPool(x, w('conv2/kernel'), 0);
        x = relu(tf.add(x, w('conv2/bias')));
      }
      let y: tf.Tensor2D = tf.reshape(x, [x.shape[0], -1]);
      y = relu(tf.add(tf.matMul(y, w<tf.Tensor2D>('dense1/kernel')), w('dense1/bias')));
      y = relu(tf.add(tf.matMul(y, w<tf.Tensor2D>('dense2/kernel')), w('dense2/bias')));
      return tf.add(tf.matMul(y, w<tf.Tensor2D>('dense3/kernel')), w('dense3/bias'));
    });
  },
});

/** He et al. 2015: normal with variance 2 / fan-in, which keeps activations level through ReLU. */
export function heNormal(shape: number[], random: Random): tf.Tensor {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return tf.randomNormal(shape, 0, Math.sqrt(2 / fanIn), 'float32', random.seed());
}
