import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { isStatistic, STARTS } from './architecture.js';
import { type ArchitectureId, architectures } from './index.js';

beforeAll(() => loadEngine());

const contract = (Object.keys(architectures) as ArchitectureId[]).flatMap((id) => [
  { id, channels: 1, side: architectures[id].minimumSidePx },
  { id, channels: 3, side: architectures[id].minimumSidePx + 13 },
]);

describe.each(contract)('contract: $id on $side×$side×$channels', ({ id, side, channels }) => {
  const architecture = architectures[id];
  const shape = { height: side, width: side, channels };
  const fresh = () => architecture.initialise(shape, 5, createRandom(3));

  it('draws the same weights from the same seed, all finite, and says how it is trained', async () => {
    const before = tf.memory().numTensors;
    const [one, again] = [fresh(), fresh()];
    expect(tf.memory().numTensors - before).toBe(2 * Object.keys(one).length);
    expect(Object.keys(again)).toEqual(Object.keys(one));
    for (const [name, tensor] of Object.entries(one)) {
      // In TensorFlow: comparing 21 million numbers in JavaScript takes a minute.
      const other = again[name]!;
      expect(other.shape).toEqual(tensor.shape);
      const same = tf.tidy(() => tf.all(tf.logicalAnd(tf.equal(tensor, other), tf.isFinite(tensor))));
      expect([name, (await same.data())[0]]).toEqual([name, 1]);
      same.dispose();
    }
    tf.dispose([one, again]);
    for (const start of STARTS) expect(architecture.recipes[start].epochs).toBeGreaterThan(0);
  });

  it('gives a logit for each class, the same whatever else is in the batch, and leaves no tensor behind', async () => {
    const weights = fresh();
    const images = tf.randomUniform<tf.Rank.R4>([3, side, side, channels], 0, 1, 'float32', 1);
    const before = tf.memory().numTensors;
    const logits = architecture.logits(weights, images);
    expect(logits.shape).toEqual([3, 5]);
    const alone = tf.tidy(() => architecture.logits(weights, tf.slice(images, 1, 1)));
    const [together, single] = [await logits.data(), await alone.data()];
    for (const [i, value] of single.entries()) expect(value).toBeCloseTo(together[5 + i]!, 3);
    tf.dispose([logits, alone]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([weights, images]);
  });

  it('carries statistics along where it has them, and nothing else', () => {
    const weights = fresh();
    const images = tf.randomUniform<tf.Rank.R4>([4, side, side, channels], 0, 1, 'float32', 1);
    const names = Object.keys(weights).filter(isStatistic);
    const pass = architecture.trainingLogits?.(weights, images);
    expect(Object.keys(pass?.statistics ?? {}).sort()).toEqual(names.sort());
    for (const [name, tensor] of Object.entries(pass?.statistics ?? {}))
      expect(tensor.shape).toEqual(weights[name]!.shape);
    if (pass) expect(pass.logits.shape).toEqual([4, 5]);
    tf.dispose([weights, images, pass?.logits ?? [], pass?.statistics ?? {}]);
  });
});

it('ResNet-34 has He et al.’s 34 layers and 21.3 million weights for 43 classes', () => {
  const weights = architectures.resnet34.initialise(
    { height: 96, width: 96, channels: 3 },
    43,
    createRandom(1),
  );
  const names = Object.keys(weights);
  // The projections of shortcuts are not counted as layers.
  const layers = names.filter((name) => name.endsWith('kernel') && !name.includes('shortcut'));
  expect(layers).toHaveLength(34);
  const count = names
    .filter((name) => !isStatistic(name))
    .reduce((sum, name) => sum + weights[name]!.size, 0);
  // torchvision’s resnet34(num_classes=43) has 21,306,731 parameters.
  expect(count).toBe(21_306_731);
  tf.dispose(weights);
});

it('ResNet-34’s running statistics move a tenth of the way to the batch’s, as in PyTorch', async () => {
  const shape = { height: 32, width: 32, channels: 3 };
  const weights = architectures.resnet34.initialise(shape, 2, createRandom(1));
  const images = tf.randomUniform<tf.Rank.R4>([4, 32, 32, 3], 0, 1, 'float32', 1);
  const { logits, statistics } = architectures.resnet34.trainingLogits!(weights, images);
  // The stem by hand: 4 images of 16×16 outputs, variance over n − 1.
  const [mean, variance] = tf.tidy(() => {
    const padded = tf.pad(images, [
      [0, 0],
      [3, 3],
      [3, 3],
      [0, 0],
    ]) as tf.Tensor4D;
    const outputs = tf.conv2d(padded, weights['stem/kernel'] as tf.Tensor4D, 2, 'valid');
    const { mean, variance } = tf.moments(outputs, [0, 1, 2]);
    const n = 4 * 16 * 16;
    return [mean.dataSync(), tf.mul(variance, n / (n - 1)).dataSync()];
  });
  const [newMean, newVariance] = [
    await statistics['stem/mean']!.data(),
    await statistics['stem/variance']!.data(),
  ];
  for (const [c, value] of mean.entries()) expect(newMean[c]).toBeCloseTo(0.1 * value, 4);
  for (const [c, value] of variance.entries()) expect(newVariance[c]).toBeCloseTo(0.9 + 0.1 * value, 3);
  tf.dispose([weights, images, logits, statistics]);
});
