import { beforeAll, describe, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { loadEngine, tf } from './backend.js';
import { compile, compileSteps } from './compile.js';
import { resizeImages, tensorToPixels } from './images.js';
import { accumulate, applyMomentum, assign, batchNorm, crossEntropy, relu, seededNormal } from './kernels.js';
import { createRandom } from './random.js';

beforeAll(() => loadEngine());

it('gives what the eager run gives, to the bit, gradients included', async () => {
  const weights = lenet.initialise({ height: 28, width: 28, channels: 1 }, 10, createRandom(3));
  const images = tf.randomUniform<tf.Rank.R4>([8, 28, 28, 1], 0, 1, 'float32', 1);
  const labels = tf.tensor1d([0, 1, 2, 3, 4, 5, 6, 7], 'int32');
  const loss = (x: tf.Tensor) => tf.mean(crossEntropy(labels, lenet.logits(weights, x as tf.Tensor4D)));
  const both = (x: tf.Tensor) => {
    const { value, grad } = tf.valueAndGrad(loss)(x);
    return [value, grad];
  };
  const eager = both(images);
  const graph = compile((x) => both(x!), [images]);
  const traced = graph.run(images);
  for (const [i, tensor] of eager.entries()) expect(await traced[i]!.data()).toEqual(await tensor.data());
  // Other inputs of the same shape give other results: nothing of the example is frozen.
  const [other] = graph.run(tf.zerosLike(images));
  expect(await other!.data()).not.toEqual(await traced[0]!.data());
  graph.dispose();
  tf.disposeVariables();
});

it('keeps tensors met inside as constants and takes what changes as inputs', async () => {
  const factor = tf.scalar(3);
  const graph = compile((x, y) => tf.add(tf.mul(x!, factor), y!), [tf.zeros([2]), tf.zeros([2])]);
  const [sum] = graph.run(tf.tensor1d([1, 2]), tf.tensor1d([10, 20]));
  expect([...(await sum!.data())]).toEqual([13, 26]);
  graph.dispose();
});

it('keeps a large tensor, and what is computed of it alone, once the caller’s is gone', async () => {
  const before = tf.memory().numTensors;
  const large = tf.fill([600, 600], 0.5);
  const x = tf.ones([1, 600]);
  const graph = compile((x) => tf.matMul(x!, tf.mul(large, 2)), [x]);
  large.dispose();
  const [product] = graph.run(x);
  expect(new Set(await product!.data())).toEqual(new Set([600]));
  tf.dispose([product!, x]);
  expect(tf.memory().numTensors).toBe(before);
  graph.dispose();
});

it('says so when another shape comes', () => {
  const graph = compile((x) => tf.neg(x!), [tf.zeros([4, 2])]);
  expect(() => graph.run(tf.zeros([3, 2]))).toThrow('Compiled for input 0 of shape [4,2]; got [3,2].');
  graph.dispose();
});

it('leaves no tensor behind, however often it runs, and none when the function fails', () => {
  const x = tf.ones([16]);
  const graph = compile((v) => relu(tf.sub(v!, 0.5)), [x]);
  const before = tf.memory().numTensors;
  for (let i = 0; i < 50; i++) tf.dispose(graph.run(x));
  expect(() =>
    compile(
      (v) => {
        tf.square(v!);
        throw new Error('no');
      },
      [x],
    ),
  ).toThrow('no');
  expect(tf.memory().numTensors).toBe(before);
  graph.dispose();
});

it('ReLU and its gradient by hand', async () => {
  const x = tf.tensor1d([-2, 0, 3]);
  expect([...(await relu(x).data())]).toEqual([0, 0, 3]);
  const gradient = tf.grad((v) => tf.sum(tf.mul(relu(v), 5)))(x);
  expect([...(await gradient.data())]).toEqual([0, 0, 5]);
});

it('cross-entropy and its gradient by hand', async () => {
  // softmax(0, ln 3) = (1/4, 3/4): −ln ¼, and the gradient is softmax minus one-hot.
  const logits = tf.tensor2d([[0, Math.log(3)]]);
  const labels = tf.tensor1d([0], 'int32');
  expect((await crossEntropy(labels, logits).data())[0]).toBeCloseTo(Math.log(4), 6);
  const gradient = await tf
    .grad((v) => tf.sum(crossEntropy(labels, v as tf.Tensor2D)))(logits)
    .data();
  expect(gradient[0]).toBeCloseTo(-0.75, 6);
  expect(gradient[1]).toBeCloseTo(0.75, 6);
});

it('seeded normal numbers depend on the seed alone, and are normal', async () => {
  const draw = (seed: number[]) => seededNormal([20_000], tf.tensor1d(seed, 'int32')).data<'float32'>();
  const [a, again, b] = [await draw([1, 2]), await draw([1, 2]), await draw([1, 3])];
  expect(a).toEqual(again);
  expect(a).not.toEqual(b);
  const mean = a.reduce((sum, value) => sum + value, 0) / a.length;
  const variance = a.reduce((sum, value) => sum + value * value, 0) / a.length;
  // Standard errors are 0.007 and 0.01.
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.abs(variance - 1)).toBeLessThan(0.04);
});

describe('a step with state', () => {
  const run = (steps: number) => {
    const [weight, momentum] = [tf.tensor1d([1, 2]), tf.zeros([2])];
    const rate = tf.scalar(0.1);
    const gradient = tf.tensor1d([0, 0]);
    const step = compileSteps(
      [
        {
          examples: [rate, gradient],
          fn([rate, gradient], [weight, momentum], update) {
            applyMomentum(update, { weight: weight!, momentum: momentum! }, gradient!, rate!, 0.5);
            return [tf.sum(weight!)];
          },
        },
      ],
      [weight, momentum],
    );
    const given = tf.tensor1d([1, -2]);
    const sums = Array.from({ length: steps }, () => {
      const [sum] = step.run(0, rate, given);
      const value = sum!.dataSync()[0]!;
      sum!.dispose();
      return value;
    });
    tf.dispose([weight, momentum, rate, gradient, given]);
    return { step, sums };
  };

  it('changes it in place, by Nesterov momentum worked out by hand', () => {
    const { step, sums } = run(2);
    const [weight, momentum] = step.state(2);
    // m₁ = g, w₁ = w − 0.1·(g + 0.5·g); m₂ = 0.5·g + g, w₂ = w₁ − 0.1·(g + 0.5·1.5·g).
    expect([...momentum!.dataSync()]).toEqual([1.5, -3]);
    const w = [1 - 0.15 - 0.175, 2 + 0.3 + 0.35];
    for (const [i, value] of w.entries()) expect(weight!.dataSync()[i]).toBeCloseTo(value, 6);
    // What is given out is computed from the state as it was before the step.
    expect(sums[0]).toBeCloseTo(3, 6);
    expect(sums[1]).toBeCloseTo(3 + 0.15, 6);
    tf.dispose([weight!, momentum!]);
    step.dispose();
  });

  it('hands out copies, which later steps leave alone, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    const { step } = run(1);
    const early = step.state(2);
    const values = early[0]!.dataSync().slice();
    const more = tf.tensor1d([5, 5]);
    const rate = tf.scalar(1);
    tf.dispose(step.run(0, rate, more));
    expect(early[0]!.dataSync()).toEqual(values);
    const late = step.state(2);
    expect(late[0]!.dataSync()).not.toEqual(values);
    tf.dispose([early, late, more, rate]);
    step.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('and steps that share it each see what the others did', () => {
    const [x, total] = [tf.scalar(1), tf.scalar(0)];
    const steps = compileSteps(
      [
        {
          examples: [x],
          fn([x], [total], update) {
            accumulate(update, total!, x!);
            return [x!];
          },
        },
        { examples: [], fn: (_, [total]) => [tf.mul(total!, 2)] },
      ],
      [total],
    );
    for (const value of [3, 4]) tf.dispose(steps.run(0, tf.scalar(value)));
    expect(steps.run(1)[0]!.dataSync()[0]).toBe(14);
    steps.dispose();
  });

  it('refuses to change what is not of its state', () => {
    const x = tf.scalar(1);
    const wrong = () =>
      compileSteps(
        [
          {
            examples: [x],
            fn([x], _, update) {
              assign(update, x!, x!);
              return [x!];
            },
          },
        ],
        [tf.scalar(2)],
      );
    expect(wrong).toThrow(/not of the state/);
  });

  it('two graphs do not share their state', () => {
    const [one, other] = [run(1), run(3)];
    const [a, b] = [one.step.state(2), other.step.state(2)];
    expect(a[0]!.dataSync()).not.toEqual(b[0]!.dataSync());
    tf.dispose([a, b]);
    one.step.dispose();
    other.step.dispose();
  });
});

it('batch normalisation and its gradient by hand', async () => {
  // One channel of values 0 and 2: mean 1, variance 1 (2 unbiased), normalised −1 and 1.
  const x = tf.tensor4d([0, 2], [2, 1, 1, 1]);
  const [scale, offset] = [tf.tensor1d([3]), tf.tensor1d([0.5])];
  const { y, mean, variance } = batchNorm(x, scale, offset, 0);
  expect([...(await y.data())]).toEqual([-2.5, 3.5]);
  expect([(await mean.data())[0], (await variance.data())[0]]).toEqual([1, 2]);
  const grads = tf.grads((x, scale, offset) => {
    const normed = batchNorm(x as tf.Tensor4D, scale!, offset!, 1e-5);
    return tf.sum(tf.mul(normed.y, tf.tensor4d([1, 5], [2, 1, 1, 1])));
  })([x, scale, offset]);
  // Two values are normalised to −1 and 1 whatever they are, so x has no gradient; scale gets Σdy·x̂ = 4, offset 6.
  const [dx, dScale, dOffset] = await Promise.all(grads.map((tensor) => tensor.data()));
  for (const value of dx!) expect(Math.abs(value)).toBeLessThan(1e-3);
  expect(dScale![0]).toBeCloseTo(4, 3);
  expect(dOffset![0]).toBeCloseTo(6, 5);
});

it('resizing by a triangle filter gives Pillow’s BILINEAR, which rounds once more between the axes', async () => {
  const levels = async (values: tf.Tensor, from: number, to: number) => [
    ...(await tensorToPixels(
      resizeImages(tf.div(tf.reshape(values, [1, from, from, 1]), 255) as tf.Tensor4D, to, to),
    )),
  ];
  const close = (ours: number[], pillow: number[]) => {
    expect(ours).toHaveLength(pillow.length);
    for (const [i, level] of ours.entries()) expect(Math.abs(level - pillow[i]!)).toBeLessThanOrEqual(1);
  };
  // Image.fromarray(np.array([[0, 100], [200, 50]], np.uint8)).resize((4, 4), Image.BILINEAR)
  const up = [0, 25, 75, 100, 50, 60, 78, 88, 150, 129, 85, 63, 200, 163, 88, 50];
  close(await levels(tf.tensor1d([0, 100, 200, 50]), 2, 4), up);
  // Image.fromarray(np.arange(36, dtype=np.uint8).reshape(6, 6) * 7).resize((3, 3), Image.BILINEAR)
  const down = [35, 48, 60, 110, 123, 135, 185, 198, 210];
  close(await levels(tf.mul(tf.range(0, 36), 7), 6, 3), down);
});
