import { type Attribute, nodeBackend, tf } from './backend.js';

/**
 * TensorFlow kernels that tfjs builds out of many small ones, or does not reach at all, behind plain names. Each takes
 * part in gradients.
 */

const attribute = (name: string, type: 'TYPE' | 'FLOAT' | 'BOOL' | 'STRING', value: unknown): Attribute => ({
  name,
  type: nodeBackend().binding[`TF_ATTR_${type}`] as number,
  value,
});
const dtype = (name: string, type: 'FLOAT' | 'INT32' | 'INT64'): Attribute =>
  attribute(name, 'TYPE', nodeBackend().binding[`TF_${type}`]);

/** max(x, 0) in one kernel, forward and back. */
export const relu = tf.customGrad((x, save) => {
  const backend = nodeBackend();
  const y = backend.executeSingleOutput('Relu', [dtype('T', 'FLOAT')], [x as tf.Tensor]);
  (save as tf.GradSaveFunc)([y]);
  return {
    value: y,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
      backend.executeSingleOutput('ReluGrad', [dtype('T', 'FLOAT')], [dy, saved[0]!]),
  };
}) as <T extends tf.Tensor>(x: T) => T;

export const conv2d = (
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  stride: number,
  padding: 'same' | 'valid',
): tf.Tensor4D => tf.conv2d(x, kernel as tf.Tensor4D, stride, padding);

/** The largest of each 2×2 square. */
export const maxPool2x2 = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 2, 2, 'valid');

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
