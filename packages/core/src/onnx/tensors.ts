import { tf } from '../lib/backend.js';
import type { Value } from './operator.js';

/**
 * A tensor while a network runs. Images lie in memory as [n,h,w,c], which TensorFlow's CPU kernels want, while ONNX says
 * [n,c,h,w]. So a value of four axes may lie `last`: its axes are ONNX's, its tensor has channels last. It is turned
 * only where an operator needs ONNX's order in memory, which in image classifiers is almost never.
 */
export interface Lying {
  tensor: tf.Tensor;
  last: boolean;
}

const TO_LAST = [0, 2, 3, 1];
const FROM_LAST = [0, 3, 1, 2];
/** Where an axis of ONNX lies in memory, channels last. */
const AXIS_IN_MEMORY = [0, 3, 1, 2];

export const lying = (tensor: tf.Tensor, last = false): Lying => ({ tensor, last });

export const memoryAxis = ({ last }: Lying, axis: number): number => (last ? AXIS_IN_MEMORY[axis]! : axis);

/** What belongs to each of ONNX's axes, in the order of memory. */
export const inMemory = <T>(x: Lying, perAxis: readonly T[]): T[] =>
  x.last ? TO_LAST.map((axis) => perAxis[axis]!) : [...perAxis];

/** In ONNX's order in memory. */
export function plain({ tensor, last }: Lying): tf.Tensor {
  if (!last) return tensor;
  const [n, h, w, c] = tensor.shape as [number, number, number, number];
  return (h === 1 && w === 1) || c === 1 ? tf.reshape(tensor, [n, c, h, w]) : tf.transpose(tensor, FROM_LAST);
}

/** With channels last in memory; of fewer axes, as broadcasting would add them. */
export function channelsLast({ tensor, last }: Lying): tf.Tensor4D {
  if (last) return tensor as tf.Tensor4D;
  const [n, c, h, w] = [...Array<number>(4 - tensor.rank).fill(1), ...tensor.shape] as [
    number,
    number,
    number,
    number,
  ];
  if ((h === 1 && w === 1) || c === 1) return tf.reshape(tensor, [n, h, w, c]);
  return tf.transpose(tf.reshape(tensor, [n, c, h, w]), TO_LAST) as tf.Tensor4D;
}

/** A tensor of known numbers; what is true is 1. */
export const tensorOf = ({ dims, data }: Pick<Value, 'dims'> & { data: ArrayLike<number> }): tf.Tensor =>
  tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), dims, 'float32');
