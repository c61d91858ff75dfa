import { tf } from './backend.js';
import type { FloatArray } from './safetensors.js';

/** Reads named tensors back: what they hold, not copied once more. */
export async function toArrays(tensors: Record<string, tf.Tensor>): Promise<Record<string, FloatArray>> {
  const entries = Object.entries(tensors).map(async ([name, tensor]): Promise<[string, FloatArray]> => {
    return [name, { shape: tensor.shape, values: (await tensor.data()) as Float32Array }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What arrays take of memory. */
export const bytesOf = (arrays: Record<string, FloatArray>): number =>
  Object.values(arrays).reduce((sum, { values }) => sum + values.byteLength, 0);

/** Named tensors, the caller's to dispose. */
export const toTensors = (arrays: Record<string, FloatArray>): Record<string, tf.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
  );
