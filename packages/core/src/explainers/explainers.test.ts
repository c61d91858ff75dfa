import { beforeAll, describe, expect, it } from 'vitest';
import { defineArchitecture, type Network } from '../architectures/architecture.js';
import { lenet } from '../architectures/lenet.js';
import { explainerChecks } from '../contract/explainers.js';
import { loadEngine, tf } from '../lib/backend.js';
import { readAs } from '../onnx/reading.js';
import { explainedBy, explainSettings, smoothGradParameters } from '../requests.js';
import { gradCam } from './gradCam.js';
import { type ExplainerId, explainerOf, explainers } from './index.js';
import { integratedGradients } from './integratedGradients.js';
import { occlusion } from './occlusion.js';

beforeAll(() => loadEngine());

const shape = { height: 2, width: 3, channels: 2 };
const image = () => tf.tensor3d([0, 1, 0.5, 0.5, 1, 0, 0.25, 0.75, 1, 1, 0, 0], [2, 3, 2]);
/** Score k of an image is k times the sum of its numbers, each times its place: a map known by hand. */
const places = Array.from({ length: 12 }, (_, i) => i);
const linear: Network = {
  inferenceBatch: 4,
  bytesPerPixel: { forward: 1, backward: 1 },
  logits: (_, images) =>
    tf.tidy(() => {
      const flat = tf.reshape(images, [images.shape[0], -1]);
      const sums = tf.sum(tf.mul(flat, tf.tensor1d(places)), 1, true);
      return tf.mul(sums, tf.tensor2d([[0, 1, -2]])) as tf.Tensor2D;
    }),
};
const explained = { network: linear, weights: {}, shape, classes: 3 };

describe.each(Object.keys(explainers) as ExplainerId[])('contract: %s', (id) => {
  for (const { name, run } of explainerChecks(explainerOf(id))) it(name, run);
});

it.each(Object.keys(explainers) as ExplainerId[])('%s is asked for with its defaults', (id) => {
  expect(explainerOf(id).parameters.parse({})).toEqual(explainedBy(id).parameters);
});

it('integrated gradients of a linear score are image minus baseline times its coefficients, complete in one step', async () => {
  const mapper = integratedGradients.create(explained);
  const picture = image();
  const parameters = integratedGradients.parameters.parse({ steps: 1, baseline: 'GREY' });
  const { values, completenessError } = await mapper.map(picture, 2, parameters);
  const x = await picture.data();
  const wanted = [0, 1, 2, 3, 4, 5].map(
    (pixel) => -2 * (2 * pixel * (x[2 * pixel]! - 0.5) + (2 * pixel + 1) * (x[2 * pixel + 1]! - 0.5)),
  );
  for (const [pixel, value] of values.entries()) expect(value).toBeCloseTo(wanted[pixel]!, 5);
  expect(completenessError).toBeLessThan(1e-6);
  mapper.dispose();
  picture.dispose();
});

it('integrated gradients of a kink are divided until they are complete, or twice', async () => {
  // Each number counts what it is above 0.3: the integral over a way of 1 is 0.7, in 1 step 1, in 3 and in 9 nearer.
  const kinked: Network = {
    ...linear,
    logits: (_, images) =>
      tf.tidy(
        () => tf.sum(tf.relu(tf.sub(tf.reshape(images, [images.shape[0], -1]), 0.3)), 1, true) as tf.Tensor2D,
      ),
  };
  const one = { height: 1, width: 1, channels: 1 };
  const mapper = integratedGradients.create({ network: kinked, weights: {}, shape: one, classes: 1 });
  const white = tf.ones<tf.Rank.R3>([1, 1, 1]);
  const sum = async (tolerance: number) =>
    (await mapper.map(white, 0, { steps: 1, tolerance, baseline: 'BLACK' })).values[0];
  // The middles: 1/2; 1/6, 1/2, 5/6; 1/18, 3/18, 5/18 and six above 0.3.
  expect(await sum(1)).toBeCloseTo(1, 5);
  expect(await sum(0.1)).toBeCloseTo(2 / 3, 5);
  expect(await sum(0)).toBeCloseTo(6 / 9, 5);
  mapper.dispose();
  white.dispose();
});

it('occlusion is what the score loses under each square, in the mean over those that cover a pixel', async () => {
  const mapper = occlusion.create(explained);
  const picture = image();
  // Squares of 2 px that begin at columns 0 and 1, and cover both rows.
  const { values } = await mapper.map(picture, 1, { window: 0.67, stride: 0.5, fill: 'BLACK' });
  const x = await picture.data();
  const pixel = (i: number) => 2 * i * x[2 * i]! + (2 * i + 1) * x[2 * i + 1]!;
  const [left, right] = [
    pixel(0) + pixel(1) + pixel(3) + pixel(4),
    pixel(1) + pixel(2) + pixel(4) + pixel(5),
  ];
  const wanted = [left, (left + right) / 2, right];
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i % 3]!, 4);
  mapper.dispose();
  picture.dispose();
});

describe('Grad-CAM', () => {
  // The image's own numbers are the maps, of two channels; the score is the sum of the first less twice the second.
  const tapped = defineArchitecture({
    ...lenet,
    logits: (_weights, images, tap) =>
      tf.tidy(() => {
        const maps = tap ? tap(images) : images;
        return tf.expandDims(tf.sum(tf.mul(maps, tf.tensor1d([1, -2])), [1, 2, 3]), 1) as tf.Tensor2D;
      }),
  });
  it('weighs maps by their mean gradient, and rectifies before it enlarges', async () => {
    const mapper = gradCam.create({ network: tapped, weights: {}, shape, classes: 1 });
    const picture = image();
    const x = await picture.data();
    const wanted = [0, 1, 2, 3, 4, 5].map((i) => x[2 * i]! - 2 * x[2 * i + 1]!);
    const { values } = await mapper.map(picture, 0, { sign: 'BOTH' });
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(wanted[i]!, 5);
    const positive = await mapper.map(picture, 0, { sign: 'POSITIVE' });
    for (const [i, value] of positive.values.entries()) expect(value).toBeCloseTo(Math.max(0, wanted[i]!), 5);
    mapper.dispose();
    picture.dispose();
  });
  it('is laid where the network looks, and is 0 beside', async () => {
    const middle = readAs(tapped, { crop: 1 });
    const odd = { height: 3, width: 3, channels: 2 };
    const mapper = gradCam.create({ network: middle, weights: {}, shape: odd, classes: 1 });
    const picture = tf.ones<tf.Rank.R3>([3, 3, 2]);
    const { values } = await mapper.map(picture, 0, { sign: 'BOTH' });
    expect([...values]).toEqual([0, 0, 0, 0, -1, 0, 0, 0, 0]);
    mapper.dispose();
    picture.dispose();
  });
  it('of a network without a convolution is refused in words', () => {
    expect(() => gradCam.create(explained)).toThrow(/expected a network with a convolution/);
  });
});

describe('what is asked for', () => {
  const asked = smoothGradParameters.parse({});
  it('is SmoothGrad where no method is named', () => {
    expect(explainSettings({ ...asked, copies: 7 })).toMatchObject({
      method: 'smoothGrad',
      parameters: { copies: 7, noiseLevel: 0.15, mode: 'MAGNITUDE', seed: 1 },
      margin: 0.067,
    });
  });
  it.each([
    [{ method: {} }, ['method'], /expected one of smoothGrad, .*; got none/],
    [{ method: { gradCam: {}, occlusion: {} } }, ['method'], /got gradCam, occlusion/],
    [{ method: { toString: {} } }, ['method'], /got toString/],
    [{ method: { occlusion: { window: 2 } } }, ['method', 'occlusion', 'window'], /window/],
    [{ method: { occlusion: {} }, copies: 3 }, ['copies'], /SmoothGrad’s/],
  ])('%j is refused by its field', (more, field, message) => {
    expect(() => explainSettings({ ...asked, ...more })).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field, message: expect.stringMatching(message) }),
    );
  });
});
