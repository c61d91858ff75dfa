import { beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { lenet } from './lenet.js';
import { checkNormalization, normalized } from './normalization.js';
import { resnet34 } from './resnet34.js';

beforeAll(() => loadEngine());

it.each([
  ['LeNet', lenet, { height: 28, width: 28, channels: 3 }],
  ['ResNet-34', resnet34, { height: 33, width: 33, channels: 3 }],
] as const)('%s sees images less the mean, over the standard deviation', async (_, architecture, shape) => {
  const weights = architecture.initialise(shape, 4, createRandom(1));
  const images = tf.randomUniform<tf.Rank.R4>([2, shape.height, shape.width, 3], 0, 1, 'float32', 5);
  const normalization = { mean: [0.2, 0.4, 0.6], std: [0.5, 0.25, 2] };
  const { logits, trainingLogits } = normalized(architecture, normalization);
  const by = (image: tf.Tensor4D) =>
    tf.tidy(
      () => tf.div(tf.sub(image, tf.tensor1d([0.2, 0.4, 0.6])), tf.tensor1d([0.5, 0.25, 2])) as tf.Tensor4D,
    );
  expect(await logits(weights, images).data()).toEqual(await architecture.logits(weights, by(images)).data());
  expect(trainingLogits === undefined).toBe(architecture.trainingLogits === undefined);
  if (trainingLogits)
    expect(await trainingLogits(weights, images).logits.data()).toEqual(
      await architecture.trainingLogits!(weights, by(images)).logits.data(),
    );
  // The chain rule's 1/std is in the gradient by the image.
  const sum = (of: typeof logits) => tf.grad((x: tf.Tensor) => tf.sum(of(weights, x as tf.Tensor4D)));
  const [ours, inner] = [sum(logits)(images), sum(architecture.logits)(by(images))];
  const expected = await tf.div(inner, tf.tensor1d([0.5, 0.25, 2])).data();
  (await ours.data()).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
});

it('takes a number for all channels or one for each', () => {
  const one = { mean: [0.5], std: [0.5] };
  checkNormalization(one, 3);
  checkNormalization({ mean: [1, 2, 3], std: [1] }, 3);
  expect(() => checkNormalization({ mean: [1, 2, 3], std: [1] }, 1)).toThrow(
    /mean: expected one number .* got 3/,
  );
  expect(() => checkNormalization({ mean: [1], std: [1, 2] }, 3)).toThrow(
    /std: expected one number, or 3 .* got 2/,
  );
});
