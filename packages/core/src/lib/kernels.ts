import { type Attribute, attribute, nodeBackend, tf } from './backend.js';
import type { Update } from './compile.js';

/**
 * TensorFlow kernels that tfjs builds out of many small ones, or does not reach at all, behind plain names. Each takes
 * part in gradients.
 */

const dtype = (name: string, type: 'FLOAT' | 'INT32' | 'INT64'): Attribute =>
  attribute(name, 'TYPE', nodeBackend().binding[`TF_${type}`]);

/** A kernel of x and, for the gradient, another one of what it gave. */
const rectifier = (name: 'Relu' | 'Relu6') =>
  tf.customGrad((x, save) => {
    const backend = nodeBackend();
    const y = backend.executeSingleOutput(name, [dtype('T', 'FLOAT')], [x as tf.Tensor]);
    (save as tf.GradSaveFunc)([y]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeSingleOutput(`${name}Grad`, [dtype('T', 'FLOAT')], [dy, saved[0]!]),
    };
  }) as <T extends tf.Tensor>(x: T) => T;

/** max(x, 0) in one kernel, forward and back. */
export const relu = rectifier('Relu');

/** The same, but 6 at most. */
export const relu6 = rectifier('Relu6');

type Padding = 'same' | 'valid';

/** A convolution whose two gradients are single kernels. */
export function conv2d(x: tf.Tensor4D, kernel: tf.Tensor, stride: number, padding: Padding): tf.Tensor4D {
  const op = tf.customGrad((x, kernel, save) => {
    const [images, weights] = [x as tf.Tensor4D, kernel as tf.Tensor4D];
    (save as tf.GradSaveFunc)([images, weights]);
    return {
      value: nodeBackend().executeSingleOutput('Conv2D', convolution(stride, padding), [images, weights]),
      // In a graph, the unused one of the two is never computed.
      gradFunc: (dy: tf.Tensor, [x, kernel]: tf.Tensor[]) => [
        convInputGradient(x!.shape, kernel!, dy, stride, padding),
        convKernelGradient(x!, kernel!.shape, dy, stride, padding),
      ],
    };
  });
  return op(x, kernel) as tf.Tensor4D;
}

/** What a convolution's input, [n,h,w,c] = `shape`, changes in the loss by that of its output, `dy`. */
export const convInputGradient = (
  shape: number[],
  kernel: tf.Tensor,
  dy: tf.Tensor,
  stride: number,
  padding: Padding,
): tf.Tensor =>
  nodeBackend().executeSingleOutput('Conv2DBackpropInput', convolution(stride, padding), [
    tf.tensor1d(shape, 'int32'),
    kernel,
    dy,
  ]);

/** As above, of a convolution's kernel, [k,k,c,o] = `shape`. */
export const convKernelGradient = (
  x: tf.Tensor,
  shape: number[],
  dy: tf.Tensor,
  stride: number,
  padding: Padding,
): tf.Tensor =>
  nodeBackend().executeSingleOutput('Conv2DBackpropFilter', convolution(stride, padding), [
    x,
    tf.tensor1d(shape, 'int32'),
    dy,
  ]);

const convolution = (stride: number, padding: Padding): Attribute[] => [
  dtype('T', 'FLOAT'),
  attribute('strides', 'INT', [1, stride, stride, 1]),
  attribute('padding', 'STRING', padding.toUpperCase()),
  attribute('data_format', 'STRING', 'NHWC'),
  attribute('dilations', 'INT', [1, 1, 1, 1]),
];

/**
 * Batch normalisation by the batch's own statistics.
 * @param x [n,h,w,c]
 * @param scale [c]
 * @param offset [c]
 * @returns the normalised batch, and its mean and (unbiased) variance, which carry no gradient
 */
export function batchNorm(x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor, epsilon: number) {
  const backend = nodeBackend();
  const attributes = [
    dtype('T', 'FLOAT'),
    dtype('U', 'FLOAT'),
    attribute('epsilon', 'FLOAT', epsilon),
    attribute('data_format', 'STRING', 'NHWC'),
    attribute('is_training', 'BOOL', true),
  ];
  const statistics: tf.Tensor[] = [];
  const op = tf.customGrad((x, scale, offset, save) => {
    const none = tf.zeros([0]);
    const [y, mean, variance, ...reserved] = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      [...attributes, attribute('exponential_avg_factor', 'FLOAT', 1)],
      [x, scale, offset, none, none] as tf.Tensor[],
      6,
    );
    statistics.push(tf.keep(mean!), tf.keep(variance!));
    (save as tf.GradSaveFunc)([x as tf.Tensor, scale as tf.Tensor, ...reserved]);
    return {
      value: y!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend
          .executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5)
          .slice(0, 3) as tf.Tensor[],
    };
  });
  const y = op(x, scale, offset) as tf.Tensor4D;
  return { y, mean: statistics[0]!, variance: statistics[1]! };
}

/** The largest of each window, `stride` apart; side by side unless told. */
export const maxPool = (x: tf.Tensor4D, window: [number, number], stride = window): tf.Tensor4D =>
  tf.maxPool(x, window, stride, 'valid');

/**
 * Rows of `x` along its first axis. tfjs's own gather checks every index in JavaScript first, which took longer than
 * the gather: here indices must be right. Has no gradient.
 * @param x [m,…]
 * @param indices [k,…] int32, each in 0..m-1
 * @returns [k,…,…]
 */
export function gatherRows(x: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  return nodeBackend().executeSingleOutput(
    'GatherV2',
    [dtype('Tparams', 'FLOAT'), dtype('Tindices', 'INT32'), dtype('Taxis', 'INT32')],
    [x, indices, tf.scalar(0, 'int32')],
  );
}

/**
 * Softmax cross-entropy of each sample, fused with its gradient.
 * @param labels [n] int32
 * @param logits [n,classes]
 * @returns [n]
 */
export function crossEntropy(labels: tf.Tensor1D, logits: tf.Tensor2D): tf.Tensor1D {
  const backend = nodeBackend();
  const op = tf.customGrad((x, save) => {
    const [loss, gradient] = backend.executeMultipleOutputs(
      'SparseSoftmaxCrossEntropyWithLogits',
      [dtype('T', 'FLOAT'), dtype('Tlabels', 'INT32')],
      [x as tf.Tensor, labels],
      2,
    );
    (save as tf.GradSaveFunc)([gradient!]);
    return {
      value: loss!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(tf.expandDims(dy, 1), saved[0]!),
    };
  });
  return op(logits) as tf.Tensor1D;
}

/**
 * Standard normal numbers that depend on `seed` alone, whatever ran before.
 * @param seed [2] int32
 */
export function seededNormal(shape: number[], seed: tf.Tensor1D): tf.Tensor {
  return nodeBackend().executeSingleOutput(
    'StatelessRandomNormal',
    [dtype('dtype', 'FLOAT'), dtype('T', 'INT32'), dtype('Tseed', 'INT32')],
    [tf.tensor1d(shape, 'int32'), seed],
  );
}

/**
 * Resizes with a triangle filter that widens as images shrink. Has no gradient.
 * @param images [n,h,w,c]
 * @returns [n,height,width,c]
 */
export function resizeTriangle(images: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, fromHeight, fromWidth] = images.shape;
  return nodeBackend().executeSingleOutput(
    'ScaleAndTranslate',
    [
      dtype('T', 'FLOAT'),
      attribute('kernel_type', 'STRING', 'triangle'),
      attribute('antialias', 'BOOL', true),
    ],
    [
      images,
      tf.tensor1d([height, width], 'int32'),
      tf.tensor1d([height / fromHeight, width / fromWidth]),
      tf.tensor1d([0, 0]),
    ],
  ) as tf.Tensor4D;
}

/**
 * Projective warps, bilinear, black outside. Has no gradient.
 * @param images [n,h,w,c]
 * @param transforms [n,8]: output (x, y) shows source ((a₀x + a₁y + a₂)/k, (a₃x + a₄y + a₅)/k), k = a₆x + a₇y + 1
 * @returns [n,h,w,c]
 */
export function projectImages(images: tf.Tensor4D, transforms: tf.Tensor2D): tf.Tensor4D {
  const [, height, width] = images.shape;
  return nodeBackend().executeSingleOutput(
    'ImageProjectiveTransformV3',
    [
      dtype('dtype', 'FLOAT'),
      attribute('interpolation', 'STRING', 'BILINEAR'),
      attribute('fill_mode', 'STRING', 'CONSTANT'),
    ],
    [images, transforms, tf.tensor1d([height, width], 'int32'), tf.scalar(0)],
  ) as tf.Tensor4D;
}

/** Nesterov momentum, in place: m ← factor·m + gradient; w ← w − rate·(gradient + factor·m). */
export function applyMomentum(
  update: Update,
  { weight, momentum }: { weight: tf.Tensor; momentum: tf.Tensor },
  gradient: tf.Tensor,
  rate: tf.Tensor,
  factor: number,
): void {
  const attributes = [dtype('T', 'FLOAT'), attribute('use_nesterov', 'BOOL', true)];
  update('ResourceApplyMomentum', attributes, [weight, momentum], [rate, gradient, tf.scalar(factor)]);
}

/** variable ← variable + value, in place. */
export function accumulate(update: Update, variable: tf.Tensor, value: tf.Tensor): void {
  update('AssignAddVariableOp', [dtype('dtype', 'FLOAT')], [variable], [value]);
}

/** variable ← value, in place. */
export function assign(update: Update, variable: tf.Tensor, value: tf.Tensor): void {
  update('AssignVariableOp', [dtype('dtype', 'FLOAT')], [variable], [value]);
}
