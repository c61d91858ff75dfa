import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from './backend.js';
import { convMaxPool, stridedConv2d } from './blocks.js';
import { conv2d, maxPool } from './kernels.js';

beforeAll(() => loadEngine());

type Layer = (x: tf.Tensor4D, kernel: tf.Tensor4D) => tf.Tensor4D;

/** Output and both gradients of a weighted sum of it. */
function pass(layer: Layer, x: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor[] {
  const y = layer(x, kernel);
  const weights = tf.randomNormal(y.shape, 0, 1, 'float32', 5);
  return [
    y,
    ...tf.grads((x, k) => tf.sum(tf.mul(layer(x as tf.Tensor4D, k as tf.Tensor4D), weights)))([x, kernel]),
  ];
}

async function expectSame(layer: Layer, plain: Layer, shape: [number, number], side: number) {
  const x = tf.randomNormal<tf.Rank.R4>([2, ...shape, 3], 0, 1, 'float32', 1);
  const kernel = tf.randomNormal<tf.Rank.R4>([side, side, 3, 4], 0, 1, 'float32', 2);
  const expected = pass(plain, x, kernel);
  for (const [i, tensor] of pass(layer, x, kernel).entries()) {
    expect(tensor.shape).toEqual(expected[i]!.shape);
    const apart = tf.max(tf.abs(tf.sub(tensor, expected[i]!))).dataSync()[0]!;
    expect(apart).toBeLessThan(1e-4);
  }
}

const bordered =
  (border: number, then: Layer): Layer =>
  (x, kernel) =>
    then(
      tf.pad(x, [
        [0, 0],
        [border, border],
        [border, border],
        [0, 0],
      ]),
      kernel,
    );

describe('over blocks', () => {
  const sizes: [number, number][] = [
    [12, 16],
    [13, 12],
    [13, 15],
  ];
  it.each(
    sizes.flatMap(
      (shape) =>
        [
          [shape, 5, 2],
          [shape, 5, 0],
          [shape, 3, 1],
          [shape, 3, 0],
        ] as const,
    ),
  )(
    'convolution and pooling are what they are over pixels: %s, side %i, border %i',
    async (shape, side, border) => {
      const plain = bordered(border, (x, kernel) => maxPool(conv2d(x, kernel, 1, 'valid'), [2, 2]));
      await expectSame((x, kernel) => convMaxPool(x, kernel, border), plain, shape, side);
    },
  );

  it.each(sizes.flatMap((shape) => [[shape, 7] as const, [shape, 3] as const]))(
    'a convolution with stride 2 is what it is over pixels: %s, side %i',
    async (shape, side) => {
      await expectSame(stridedConv2d, (x, kernel) => conv2d(x, kernel, 2, 'valid'), shape, side);
    },
  );

  it('gives the gradient of equal numbers to the first of them', async () => {
    const kernel = tf.ones<tf.Rank.R4>([1, 1, 1, 1]);
    const gradient = tf.grad((x) => tf.sum(convMaxPool(x as tf.Tensor4D, kernel, 0)))(tf.ones([1, 2, 2, 1]));
    expect([...(await gradient.data())]).toEqual([1, 0, 0, 0]);
  });
});
