import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../../lib/backend.js';
import { adam, adamRates } from './adam.js';
import { enlarge, instanceNorm, leakyRelu, reflectPad } from './layers.js';

beforeAll(() => loadEngine());

/** The gradient of Σ weights·f(x). */
const gradientOf = (f: (x: tf.Tensor4D) => tf.Tensor, x: tf.Tensor4D, weights: tf.Tensor) =>
  tf.grad((v: tf.Tensor) => tf.sum(tf.mul(f(v as tf.Tensor4D), weights)))(x);
const numbers = async (tensor: tf.Tensor) => [...(await tensor.data())];

function expectClose(got: number[], expected: number[], digits = 5) {
  expect(got).toHaveLength(expected.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i]!, digits);
}

describe('instance normalisation', () => {
  it('takes each channel of each image to mean 0 and variance 1, by hand', async () => {
    // 1, 3, 5, 7: mean 4, variance 5. Twice that, another channel, gives the same; so does a second image, shifted.
    const x = tf.tensor4d([1, 2, 3, 6, 5, 10, 7, 14, 11, 12, 13, 16, 15, 20, 17, 24], [2, 2, 2, 2]);
    const s = Math.sqrt(5);
    const channel = [-3 / s, -1 / s, 1 / s, 3 / s];
    expectClose(
      await numbers(instanceNorm(x)),
      [...channel, ...channel].flatMap((v) => [v, v]),
      4,
    );
  });

  it('has the gradient of its definition, which tfjs derives step by step', async () => {
    const definition = (x: tf.Tensor4D) => {
      const { mean, variance } = tf.moments(x, [1, 2], true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
    };
    const x = tf.randomNormal<tf.Rank.R4>([2, 5, 4, 3], 1, 2, 'float32', 1);
    const weights = tf.randomNormal([2, 5, 4, 3], 0, 1, 'float32', 2);
    expectClose(await numbers(instanceNorm(x)), await numbers(definition(x)));
    expectClose(
      await numbers(gradientOf(instanceNorm, x, weights)),
      await numbers(gradientOf(definition, x, weights)),
    );
  });

  const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
  const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;
  if (!hasTorch) console.log(`skipped: ${python} has no torch (Debian: apt install python3-torch)`);
  it.skipIf(!hasTorch)('gives PyTorch’s values and gradients', async () => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 3, 4, 2], 1, 2, 'float32', 1);
    const weights = tf.randomNormal([2, 3, 4, 2], 0, 1, 'float32', 2);
    const script = `
import json, sys, torch
x, w = (torch.tensor(v).permute(0, 3, 1, 2) for v in json.load(sys.stdin))
x.requires_grad_(True)
y = torch.nn.InstanceNorm2d(2)(x)
(y * w).sum().backward()
print(json.dumps([v.permute(0, 2, 3, 1).flatten().tolist() for v in (y, x.grad)]))`;
    const input = JSON.stringify([await x.array(), await weights.array()]);
    const theirs = JSON.parse(spawnSync(python, ['-c', script], { input, encoding: 'utf8' }).stdout);
    expectClose(await numbers(instanceNorm(x)), theirs[0], 4);
    expectClose(await numbers(gradientOf(instanceNorm, x, weights)), theirs[1], 4);
  });
});

it('mirrored borders and their gradient by hand', async () => {
  const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  const rows = [
    [5, 4, 5, 6, 5],
    [2, 1, 2, 3, 2],
    [5, 4, 5, 6, 5],
    [8, 7, 8, 9, 8],
    [5, 4, 5, 6, 5],
  ];
  expect(await numbers(reflectPad(x, 1))).toEqual(rows.flat());
  // How often each number appears above.
  expect(await numbers(gradientOf((v) => reflectPad(v, 1), x, tf.scalar(1)))).toEqual([
    1, 3, 1, 3, 9, 3, 1, 3, 1,
  ]);
});

it('leaky ReLU and its gradient by hand', async () => {
  const x = tf.tensor4d([-5, 3], [1, 1, 2, 1]);
  expectClose(await numbers(leakyRelu(x)), [-1, 3]);
  expectClose(await numbers(gradientOf((v) => leakyRelu(v), x, tf.scalar(10))), [2, 10]);
});

it('enlarging weighs the two nearest pixels by 3 to 1, and its gradient gives each its share', async () => {
  const x = tf.tensor4d([0, 8], [1, 1, 2, 1]);
  expectClose(await numbers(enlarge(x)), [0, 2, 6, 8, 0, 2, 6, 8]);
  expectClose(await numbers(gradientOf(enlarge, x, tf.scalar(1))), [4, 4]);
});

it('two steps of Adam by hand', async () => {
  const zero = () => [tf.zeros([2])];
  const rates = (step: number) => tf.tensor1d(adamRates(0.1, step));
  const one = adam(
    { weights: [tf.tensor1d([1, 1])], first: zero(), second: zero() },
    [tf.tensor1d([4, -2])],
    rates(1),
  );
  // The first step is by the rate, against the gradient's sign.
  expectClose(await numbers(one.weights[0]!), [0.9, 1.1]);
  expectClose(await numbers(one.first[0]!), [2, -1]);
  expectClose(await numbers(one.second[0]!), [0.016, 0.004]);
  const two = adam(one, [tf.tensor1d([0, -2])], rates(2));
  // First number: mean 1 over 1 − 0.5² = 4/3; square 0.015984 over 1 − 0.999² = 0.001999, whose root is 2.82772.
  expectClose(await numbers(two.weights[0]!), [0.9 - (0.1 * 4) / 3 / 2.82772, 1.2]);
});
