import { beforeAll, expect, it } from 'vitest';
import { normalized } from '../architectures/normalization.js';
import { loadEngine, tf } from '../lib/backend.js';
import { readAs } from './reading.js';

beforeAll(() => loadEngine());

/** Its answers are the channels of a single pixel, as it takes them. */
const network = {
  inferenceBatch: 1,
  bytesPerPixel: { forward: 1, backward: 1 },
  logits: (_: object, images: tf.Tensor4D) => tf.reshape(images, [-1, 3]) as tf.Tensor2D,
};
const answers = (asked: typeof network, pixel: number[]) =>
  tf.tidy(() => [...asked.logits({}, tf.tensor4d(pixel, [1, 1, 1, 3])).dataSync()]);

it('takes images of RGB, whatever order the network takes, with a normalization in the order of RGB', () => {
  expect(answers(readAs(network, {}), [0.25, 0.5, 1])).toEqual([0.25, 0.5, 1]);
  const bgr = readAs(network, { bgr: true });
  expect(answers(bgr, [0.25, 0.5, 1])).toEqual([1, 0.5, 0.25]);
  // (0.25 − 0) / 1, (0.5 − 0.5) / 1, (1 − 0.5) / 2, and then turned.
  expect(answers(normalized(bgr, { mean: [0, 0.5, 0.5], std: [1, 1, 2] }), [0.25, 0.5, 1])).toEqual([
    0.25, 0, 0.25,
  ]);
});

it('sees the middle of images, with a gradient of 0 around it', () => {
  const crop = readAs(network, { crop: 1 });
  const image = (side: number) => tf.tensor4d([...Array(3 * side * side).keys()], [1, side, side, 3]);
  const seen = (side: number) => tf.tidy(() => [...crop.logits({}, image(side)).dataSync()]);
  // Of three pixels the second; of four, with one and a half on either side, the third: the even number.
  expect(seen(3)).toEqual([12, 13, 14]);
  expect(seen(4)).toEqual([30, 31, 32]);
  expect(seen(2)).toEqual([0, 1, 2]);
  const gradient = tf.tidy(() => tf.grad((x) => tf.sum(crop.logits({}, x as tf.Tensor4D)))(image(3)));
  expect([...gradient.dataSync()]).toEqual([...Array(27).keys()].map((i) => Number(i >= 12 && i < 15)));
  gradient.dispose();
});

it('has a logit for each label, of probabilities the logarithm, and gradients through both', () => {
  const read = readAs(network, { probabilities: true, order: [2, 0, 1] });
  const said = answers(read, [0.25, 0.5, 0.125]);
  for (const [i, p] of [0.125, 0.25, 0.5].entries()) expect(said[i]).toBeCloseTo(Math.log(p), 6);
  // None is certain: no logarithm is infinite.
  expect(answers(read, [0, 1, 0]).every(Number.isFinite)).toBe(true);
  const gradient = tf.tidy(() => {
    const ofFirst = (x: tf.Tensor) => tf.sum(tf.slice(read.logits({}, x as tf.Tensor4D), [0, 0], [1, 1]));
    return [
      ...tf
        .grad(ofFirst)(tf.tensor4d([0.25, 0.5, 0.125], [1, 1, 1, 3]))
        .dataSync(),
    ];
  });
  // The first label is the last output: d log p / dp = 1 / 0.125.
  expect(gradient).toEqual([0, 0, 8]);
});
