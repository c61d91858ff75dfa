import { tf } from '../lib/backend.js';
import { FEW_CHANNELS, stridedConv2d } from '../lib/blocks.js';
import { batchNorm, conv2d, maxPool, relu } from '../lib/kernels.js';
import { defineArchitecture, type Tap, type Weights } from './architecture.js';
import { heNormal } from './lenet.js';

/** Width, blocks and stride of the four stages (He et al., Table 1). */
const STAGES = [
  [64, 3, 1],
  [128, 4, 2],
  [256, 6, 2],
  [512, 3, 2],
] as const;
const STEM = 'stem';
/** PyTorch's defaults. */
const EPSILON = 1e-5;
const RUNNING_SHARE = 0.1;

interface Block {
  name: string;
  width: number;
  inputWidth: number;
  stride: number;
  /** Whether the shortcut is a 1×1 convolution, because the shape changes. */
  projects: boolean;
}

const blocks: readonly Block[] = STAGES.flatMap(([width, count, stride], stage) =>
  Array.from({ length: count }, (_, index): Block => {
    const first = index === 0;
    const inputWidth = first && stage > 0 ? STAGES[stage - 1]![0] : width;
    return {
      name: `stage${stage + 1}/block${index + 1}`,
      width,
      inputWidth,
      stride: first ? stride : 1,
      projects: inputWidth !== width,
    };
  }),
);

/** A convolution without bias and the batch normalisation after it. */
type ConvNorm = (x: tf.Tensor4D, name: string, stride: number) => tf.Tensor4D;

/**
 * ResNet-34 (He et al. 2016, Table 1): a 7×7 stem, [3, 4, 6, 3] basic blocks, projections where the shape changes.
 * Padded on all four sides alike, as in PyTorch.
 */
export const resnet34 = defineArchitecture({
  title: 'ResNet-34',
  description: 'A residual network of 34 layers with batch normalisation.',
  paper: {
    citation: 'He, K., Zhang, X., Ren, S., Sun, J.: Deep residual learning for image recognition (2016)',
    url: 'https://arxiv.org/abs/1512.03385',
  },
  recipes: {
    SCRATCH: { epochs: 4, batchSize: 64, learningRate: 0.08, momentum: 0.9, weightDecay: 5e-4, warmUp: 0.15 },
    MODEL: { epochs: 1, batchSize: 64, learningRate: 0.02, momentum: 0.9, weightDecay: 5e-4, warmUp: 0.1 },
  },
  minimumSidePx: 32,
  inferenceBatch: 50,
  bytesPerPixel: { forward: 600, backward: 1_000 },
  initialise({ channels }, classes, random) {
    const weights: Weights = {};
    const convNorm = (name: string, size: number, from: number, to: number) => {
      weights[`${name}/kernel`] = heNormal([size, size, from, to], random);
      weights[`${name}/scale`] = tf.ones([to]);
      weights[`${name}/offset`] = tf.zeros([to]);
      weights[`${name}/mean`] = tf.zeros([to]);
      weights[`${name}/variance`] = tf.ones([to]);
    };
    convNorm(STEM, 7, channels, STAGES[0][0]);
    for (const { name, width, inputWidth, projects } of blocks) {
      convNorm(`${name}/conv1`, 3, inputWidth, width);
      convNorm(`${name}/conv2`, 3, width, width);
      if (projects) convNorm(`${name}/shortcut`, 1, inputWidth, width);
    }
    const last = STAGES.at(-1)![0];
    weights['dense/kernel'] = tf.tidy(() => tf.mul(heNormal([last, classes], random), Math.SQRT1_2));
    weights['dense/bias'] = tf.zeros([classes]);
    return weights;
  },
  logits: (weights, images, tap) =>
    tf.tidy(() => {
      const folded: ConvNorm = (x, name, stride) => {
        // Folded: these four are constants in a graph, so the product is taken once.
        const factor = tf.div(
          weights[`${name}/scale`]!,
          tf.sqrt(tf.add(weights[`${name}/variance`]!, EPSILON)),
        );
        const bias = tf.sub(weights[`${name}/offset`]!, tf.mul(weights[`${name}/mean`]!, factor));
        return tf.add(convolve(x, tf.mul(weights[`${name}/kernel`]!, factor), stride), bias);
      };
      return forward(weights, images, folded, tap);
    }),
  trainingLogits(weights, images) {
    const statistics: Weights = {};
    const track = (name: string, value: tf.Tensor) => {
      const running = weights[name]!;
      statistics[name] = tf.add(running, tf.mul(tf.sub(value, running), RUNNING_SHARE));
    };
    const logits = forward(weights, images, (x, name, stride) => {
      const convolved = convolve(x, weights[`${name}/kernel`]!, stride);
      const scale = weights[`${name}/scale`]!;
      const { y, mean, variance } = batchNorm(convolved, scale, weights[`${name}/offset`]!, EPSILON);
      track(`${name}/mean`, mean);
      track(`${name}/variance`, variance);
      tf.dispose([mean, variance]);
      return y;
    });
    return { logits, statistics };
  },
});

/**
 * Pads by half the kernel's side on all four sides. TensorFlow pads a strided convolution only at the far sides, and is
 * half as fast where it is told the padding in pixels.
 */
function convolve(x: tf.Tensor4D, kernel: tf.Tensor, stride: number): tf.Tensor4D {
  const padding = Math.floor(kernel.shape[0]! / 2);
  if (stride === 1) return conv2d(x, kernel, 1, 'same');
  if (x.shape[3] <= FEW_CHANNELS) return stridedConv2d(pad(x, padding), kernel as tf.Tensor4D);
  return conv2d(padding === 0 ? x : pad(x, padding), kernel, stride, 'valid');
}

const pad = (x: tf.Tensor4D, by: number) =>
  tf.pad(x, [
    [0, 0],
    [by, by],
    [by, by],
    [0, 0],
  ]) as tf.Tensor4D;

/** The last convolution's maps are those of the last block, where the shortcut has come in. */
function forward(weights: Weights, images: tf.Tensor4D, convNorm: ConvNorm, tap?: Tap): tf.Tensor2D {
  // After ReLU nothing is below 0, so a border of zeros changes no maximum.
  let x = maxPool(pad(relu(convNorm(images, STEM, 2)), 1), [3, 3], [2, 2]);
  for (const { name, stride, projects } of blocks) {
    const inner = relu(convNorm(x, `${name}/conv1`, stride));
    const residual = convNorm(inner, `${name}/conv2`, 1);
    x = relu(tf.add(residual, projects ? convNorm(x, `${name}/shortcut`, stride) : x));
  }
  if (tap) x = tap(x);
  const pooled = tf.mean(x, [1, 2]) as tf.Tensor2D;
  return tf.add(tf.matMul(pooled, weights['dense/kernel'] as tf.Tensor2D), weights['dense/bias']!);
}
