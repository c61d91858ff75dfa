import { tf } from './backend.js';
import type { FloatArray } from './safetensors.js';

/** Reads named tensors back. */
export async function toArrays(tensors: Record<string, tf.Tensor>): Promise<Record<string, FloatArray>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]): Promise<[string, FloatArray]> => {
    return [name, { shape: tensor.shape, values: Float32Array.from(await tensor.data()) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Named tensors, the caller's to dispose. */
export const toTensors = (arrays: Record<string, FloatArray>): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
