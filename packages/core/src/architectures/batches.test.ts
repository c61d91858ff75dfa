import { beforeAll, describe, expect, it } from 'vitest';
import { uat } from '../attacks/uat.js';
import { createSmoothGrad, seededNoise } from '../explainers/smoothGrad.js';
import { createClassifier } from '../inference/classifier.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { toArrays } from '../lib/tensors.js';
import { train } from '../training/train.js';
import type { ArchitectureDefinition, Weights } from './architecture.js';
import { imagesAtOnce, inferenceBatch, partsOfBatch } from './batches.js';
import { type ArchitectureId, architectures } from './index.js';
import { lenet } from './lenet.js';
import { resnet34 } from './resnet34.js';

beforeAll(() => loadEngine());

const square = (side: number, channels = 3) => ({ height: side, width: side, channels });
/** A network with the shapes of its weights, drawn once: ResNet-34's do not depend on the images' size. */
const networks = new Map<string, { network: ArchitectureDefinition; weights: Weights }>();
function networkOf(id: ArchitectureId, side: number, channels = 3) {
  const key = id === 'lenet' ? `${id} ${side} ${channels}` : id;
  const architecture = architectures[id];
  const known = networks.get(key);
  if (known) return known;
  const weights = architecture.initialise(square(side, channels), 43, createRandom(1));
  tf.dispose(weights);
  networks.set(key, { network: architecture, weights });
  return { network: architecture, weights };
}

describe('what goes through at once', () => {
  it('at the paper’s sizes is what it always was', () => {
    const [small, large] = [networkOf('lenet', 28, 1), networkOf('resnet34', 96)];
    expect(inferenceBatch(small, square(28, 1))).toBe(500);
    expect(inferenceBatch(large, square(96))).toBe(50);
    for (const [weighted, shape] of [[small, square(28, 1)] as const, [large, square(96)] as const]) {
      const { batchSize } = weighted.network.recipes.SCRATCH;
      expect(imagesAtOnce(weighted, 'backward', shape, batchSize)).toBe(batchSize);
      expect(imagesAtOnce(weighted, 'backward', shape, 25)).toBe(25);
    }
  });

  it('is no more than there is, and at least one', () => {
    expect(inferenceBatch(networkOf('lenet', 28, 1), square(28, 1), 25)).toBe(25);
    const costly = { ...resnet34, bytesPerPixel: { forward: 1e9, backward: 1e9 } };
    expect(inferenceBatch({ ...networkOf('resnet34', 96), network: costly }, square(512))).toBe(1);
  });

  it.each(['lenet', 'resnet34'] as const)(
    'of %s shrinks with the size: weights and batch stay below 1.5 GB',
    (id) => {
      for (const side of [64, 512]) {
        const weighted = networkOf(id, side);
        const weightBytes = Object.values(weighted.weights).reduce((sum, { size }) => sum + 4 * size, 0);
        for (const pass of ['forward', 'backward'] as const) {
          const count = imagesAtOnce(weighted, pass, square(side), 10_000);
          expect(count).toBeGreaterThan(1);
          const bytes = count * weighted.network.bytesPerPixel[pass] * side ** 2;
          expect(bytes + 10 * weightBytes).toBeLessThanOrEqual(1.5e9);
        }
      }
    },
  );
});

it('a batch in parts counts each of its images once', () => {
  for (const [size, atOnce] of [
    [12, 12],
    [12, 5],
    [13, 4],
    [7, 1],
    [1, 3],
  ] as const) {
    const parts = partsOfBatch(size, atOnce);
    const shares = new Float64Array(size);
    for (const { places, shares: own } of parts) {
      expect(places.length).toBe(parts[0]!.places.length);
      expect(places.length).toBeLessThanOrEqual(atOnce);
      places.forEach((place, i) => {
        shares[place]! += own[i]!;
      });
    }
    for (const share of shares) expect(share).toBeCloseTo(1 / size, 6);
  }
});

/** As if there were room for `count` images of `side` px alone. */
const cramped = (
  architecture: ArchitectureDefinition,
  side: number,
  count: number,
): ArchitectureDefinition => ({
  ...architecture,
  bytesPerPixel: { forward: 600e6 / (count * side ** 2), backward: 600e6 / (count * side ** 2) },
});

describe('how many go through at once changes nothing in', () => {
  it.each(['lenet', 'resnet34'] as const)('labels, confidences and maps of %s', async (id) => {
    const [architecture, shape] = [architectures[id], square(33)];
    const weights = architecture.initialise(shape, 5, createRandom(2));
    const images = tf.randomUniform<tf.Rank.R4>([11, 33, 33, 3], 0, 1, 'float32', 1);
    const image = tf.squeeze<tf.Tensor3D>(tf.slice(images, 0, 1), [0]);
    const settings = { copies: 7, noiseLevel: 0.1, mode: 'SIGNED' } as const;
    const look = async (atOnce: number) => {
      const tight = cramped(architecture, 33, atOnce);
      const classifier = createClassifier(
        tight,
        weights,
        shape,
        inferenceBatch({ network: tight, weights }, shape, 11),
      );
      const smoothGrad = createSmoothGrad(tight, weights, shape, 5);
      expect(classifier.batchSize).toBe(atOnce);
      const predictions = await classifier.classify(images);
      const map = await smoothGrad.explain(image, 1, settings, seededNoise(1, shape));
      classifier.dispose();
      smoothGrad.dispose();
      return { ...predictions, map };
    };
    const [whole, parts] = [await look(11), await look(4)];
    expect(parts.labels).toEqual(whole.labels);
    for (const of of ['confidences', 'map'] as const) {
      const largest = Math.max(...whole[of].map(Math.abs));
      for (const [i, value] of parts[of].entries())
        expect(Math.abs(value - whole[of][i]!)).toBeLessThan(1e-4 * largest);
    }
    tf.dispose([weights, images, image]);
  });

  it('training, where a network has no statistics of a batch; augmented alike', async () => {
    const shape = square(28, 1);
    const pixels = tf.randomUniform<tf.Rank.R4>([26, 28, 28, 1], 0, 1, 'float32', 4);
    const data = {
      labels: Int32Array.from({ length: 26 }, (_, i) => i % 3),
      images: (indices: ArrayLike<number>) =>
        tf.tidy(() => tf.gather(pixels, tf.tensor1d(Int32Array.from(indices), 'int32'))),
    };
    const augmentation = { rotationDeg: 10, scale: 0.1, shiftPx: 1, mirror: true };
    const recipe = { ...lenet.recipes.SCRATCH, epochs: 3, batchSize: 13, augmentation };
    const run = async (architecture: ArchitectureDefinition) => {
      const random = createRandom(1);
      const loop = train({ architecture, shape, classes: 3, data, recipe, random });
      const losses: number[] = [];
      let step = await loop.next();
      for (; !step.done; step = await loop.next()) losses.push(step.value.loss);
      const weights = await toArrays(step.value);
      tf.dispose(step.value);
      return { losses, weights };
    };
    const before = tf.memory().numTensors;
    const [whole, parts] = [await run(lenet), await run(cramped(lenet, 28, 4))];
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, loss] of parts.losses.entries()) expect(loss).toBeCloseTo(whole.losses[i]!, 4);
    for (const [name, { values }] of Object.entries(parts.weights))
      for (const [i, value] of values.entries())
        if (Math.abs(value - whole.weights[name]!.values[i]!) > 1e-4)
          throw new Error(`${name}[${i}]: ${value}, whole ${whole.weights[name]!.values[i]}`);
    pixels.dispose();
  });

  it('a UAT’s square, but for signs of what is all but 0', async () => {
    const shape = square(28, 1);
    const pixels = tf.randomUniform<tf.Rank.R4>([20, 28, 28, 1], 0, 1, 'float32', 4);
    const data = {
      labels: Int32Array.from({ length: 20 }, (_, i) => 1 + (i % 2)),
      images: (indices: ArrayLike<number>) =>
        tf.tidy(() => tf.gather(pixels, tf.tensor1d(Int32Array.from(indices), 'int32'))),
    };
    const weights = lenet.initialise(shape, 3, createRandom(5));
    const parameters = uat.parameters.parse({ steps: 4, batchSize: 7 });
    const squareOf = async (architecture: ArchitectureDefinition) => {
      const benign = { network: architecture, weights, classes: 3 };
      const context = { shape, data, targetLabel: 0, benign, random: createRandom(1) };
      const making = uat.createTrigger(parameters, context);
      if (!(Symbol.asyncIterator in making)) throw new Error('UAT is made in steps.');
      let step = await making.next();
      while (!step.done) step = await making.next();
      return step.value.arrays.pattern!.values;
    };
    const before = tf.memory().numTensors;
    const [whole, parts] = [await squareOf(lenet), await squareOf(cramped(lenet, 28, 3))];
    expect(tf.memory().numTensors).toBe(before);
    const same = whole.filter((level, i) => Math.abs(level - parts[i]!) < 1e-6).length;
    expect(same / whole.length).toBeGreaterThan(0.99);
    tf.dispose([weights, pixels]);
  });
});
