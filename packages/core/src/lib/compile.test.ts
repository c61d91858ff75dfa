import { beforeAll, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { loadEngine, tf } from './backend.js';
import { compile } from './compile.js';
import { crossEntropy, relu, seededNormal } from './kernels.js';
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
