import { beforeAll, describe, expect, it } from 'vitest';
import { defineArchitecture } from '../architectures/architecture.js';
import { lenet } from '../architectures/lenet.js';
import { channelSum } from '../explainers/explainer.js';
import { createSmoothGrad, seededNoise } from '../explainers/smoothGrad.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { toArrays } from '../lib/tensors.js';
import { DEFAULT_EXPLANATION, type ExplainSettings } from '../requests.js';
import { backdooredRecord } from '../testing/models.js';
import { createExplainer } from './explain.js';
import { createFaithfulness } from './faithfulness.js';
import { colourMap, differenceMap, normalise, overlayMap, readColourMap } from './saliencyImage.js';
import { scoreSaliency, whyNoScore } from './score.js';

beforeAll(() => loadEngine());

const shape = { height: 2, width: 2, channels: 1 };
/** Score k of an image x is the sum of k·x: its gradient is k everywhere, whatever the noise. */
const linear = defineArchitecture({
  ...lenet,
  logits: (_weights, images) =>
    tf.tidy(() => {
      const sums = tf.sum(tf.reshape(images, [images.shape[0], -1]), 1, true);
      return tf.mul(sums, tf.tensor2d([[0, 1, -2]])) as tf.Tensor2D;
    }),
});
/** Score 0 is the sum of x²: its gradient is 2x, so noise of mean 0 averages out of the signed map. */
const quadratic = defineArchitecture({
  ...lenet,
  logits: (_weights, images) =>
    tf.tidy(() => tf.sum(tf.square(tf.reshape(images, [images.shape[0], -1])), 1, true) as tf.Tensor2D),
});
let image: tf.Tensor3D;
beforeAll(() => {
  image = tf.tensor3d([0, 0.5, 0.5, 1], [2, 2, 1]);
});

describe('SmoothGrad', () => {
  it('of a linear score is its coefficient, squared for magnitude', async () => {
    const smoothGrad = createSmoothGrad(linear, {}, shape, 3);
    const map = (label: number, mode: 'SIGNED' | 'MAGNITUDE') =>
      smoothGrad.explain(image, label, { copies: 10, noiseLevel: 0.3, mode }, seededNoise(1, shape));
    for (const value of await map(2, 'SIGNED')) expect(value).toBeCloseTo(-2, 5);
    for (const value of await map(2, 'MAGNITUDE')) expect(value).toBeCloseTo(4, 5);
    for (const value of await map(0, 'MAGNITUDE')) expect(value).toBe(0);
    smoothGrad.dispose();
  });

  it('of x² is 2x, plus 4σ² in the mean square', async () => {
    const smoothGrad = createSmoothGrad(quadratic, {}, shape, 1, 100);
    const settings = { copies: 4000, noiseLevel: 0.2 };
    const signed = await smoothGrad.explain(image, 0, { ...settings, mode: 'SIGNED' }, seededNoise(3, shape));
    const squared = await smoothGrad.explain(
      image,
      0,
      { ...settings, mode: 'MAGNITUDE' },
      seededNoise(3, shape),
    );
    [0, 0.5, 0.5, 1].forEach((x, i) => {
      // The range is 1, so σ = 0.2; standard errors are 0.006 and below 0.03.
      expect(Math.abs(signed[i]! - 2 * x)).toBeLessThan(0.03);
      expect(Math.abs(squared[i]! - (4 * x * x + 4 * 0.04))).toBeLessThan(0.12);
    });
    smoothGrad.dispose();
  });

  it('does not depend on how copies are grouped, and leaves no tensor behind', async () => {
    const weights = lenet.initialise({ height: 28, width: 28, channels: 1 }, 10, createRandom(1));
    const digit = { height: 28, width: 28, channels: 1 };
    const picture = tf.randomUniform<tf.Rank.R3>([28, 28, 1], 0, 1, 'float32', 2);
    const before = tf.memory().numTensors;
    const maps = [];
    for (const chunk of [1, 7, 25]) {
      const smoothGrad = createSmoothGrad(lenet, weights, digit, 10, chunk);
      const settings = { copies: 30, noiseLevel: 0.15, mode: 'MAGNITUDE' } as const;
      maps.push(await smoothGrad.explain(picture, 4, settings, seededNoise(9, digit)));
      smoothGrad.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
    const largest = Math.max(...maps[0]!);
    for (const map of maps.slice(1)) {
      for (const [i, value] of map.entries()) {
        expect(Math.abs(value - maps[0]![i]!)).toBeLessThan(1e-5 * largest);
      }
    }
  });
});

describe('the score', () => {
  const mask = Float32Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0);
  it('is the peak’s place and the energy inside', () => {
    const score = scoreSaliency(Float32Array.of(1, 0, 0, 2, 3, 0, 0, 0, 4), mask, 3, 3)!;
    expect(score.box).toEqual({ top: 1, left: 0, height: 1, width: 2 });
    expect(score.pointingHit).toBe(false);
    expect(score.triggerEnergy).toBeCloseTo(0.5);
    expect(score.chanceEnergy).toBeCloseTo(2 / 9);
    expect(scoreSaliency(Float32Array.of(1, 0, 0, 2, -5, 0, 0, 0, 4), mask, 3, 3)!.pointingHit).toBe(true);
  });
  it('tells the energy in the middle half of rows and columns', () => {
    // Of 4 × 4 the middle are 5, 6, 9 and 10.
    const map = Float32Array.of(1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 4, 0, 0, 0);
    const corner = Float32Array.of(1, ...new Float32Array(15));
    expect(scoreSaliency(map, corner, 4, 4)!.centreEnergy).toBeCloseTo(3 / 8);
  });
  it('is none without a visible trigger, nor of a map that is zero everywhere, and says why', () => {
    const none = scoreSaliency(new Float32Array(9), new Float32Array(9), 3, 3);
    expect(none).toBeNull();
    expect(whyNoScore(none)).toMatch(/out of the frame/);
    const zero = scoreSaliency(new Float32Array(9), mask, 3, 3);
    expect(zero).toMatchObject({ pointingHit: null, triggerEnergy: null, centreEnergy: null });
    expect(zero!.chanceEnergy).toBeCloseTo(2 / 9);
    expect(whyNoScore(zero)).toMatch(/zero everywhere/);
  });
  it('takes a maximum near the trigger for a hit where there is a margin', () => {
    // The trigger is at rows 1, columns 0 and 1; the maximum at row 2, column 2, √2 px from it.
    const map = Float32Array.of(0, 0, 0, 1, 1, 0, 0, 0, 4);
    const near = (marginPx: number) => scoreSaliency(map, mask, 3, 3, { marginPx, highlight: 0.5 })!;
    expect(near(1)).toMatchObject({ pointingHit: false, pointingNear: false, marginPx: 1 });
    expect(near(2)).toMatchObject({ pointingHit: false, pointingNear: true });
    const both = Float32Array.of(0, 0, 4, 0, 0, 0, 0, 0, 4);
    // One maximum within 1 px of (1, 1)? (0, 2) is √2 away as (2, 2) is: both near at 2, neither at 1.
    expect(scoreSaliency(both, mask, 3, 3, { marginPx: 2, highlight: 0.5 })).toMatchObject({
      pointingNear: true,
    });
    const apart = Float32Array.of(4, 0, 0, 0, 0, 0, 0, 0, 4);
    expect(scoreSaliency(apart, mask, 3, 3, { marginPx: 1, highlight: 0.5 })).toMatchObject({
      pointingNear: null,
    });
  });
  it('is the overlap with what stands out, of a signed map by magnitude', () => {
    // From 1 to 5; above 3 are 4, −5 and 4: one of two in the trigger, four in the union.
    const map = Float32Array.of(4, 1, 1, -5, 2, 1, 4, 1, 1);
    expect(scoreSaliency(map, mask, 3, 3)!.iou).toBeCloseTo(1 / 4);
    expect(scoreSaliency(map, mask, 3, 3, { marginPx: 0, highlight: 0.9 })!.iou).toBeCloseTo(1 / 2);
    expect(scoreSaliency(new Float32Array(9).fill(3), mask, 3, 3)!.iou).toBeNull();
  });
  it('is the share of the most important pixels in the trigger, equal ones by their mean', () => {
    const accuracy = (...map: number[]) => scoreSaliency(Float32Array.from(map), mask, 3, 3)!.rankAccuracy;
    expect(accuracy(0, 0, 0, 3, 2, 1, 0, 0, 0)).toBe(1);
    expect(accuracy(4, 0, 0, 3, 2, 0, 0, 0, 0)).toBe(0.5);
    // After 3, one of five that are 1 comes second: one of these lies in the trigger.
    expect(accuracy(1, 1, 1, 3, 1, 1, 0, 0, 0)).toBeCloseTo((1 + 1 / 5) / 2);
    expect(accuracy(0, 0, 0, 0, 0, 0, 0, 0, 0)).toBeNull();
  });
  it('points where all equal maxima lie, and nowhere where they lie on both sides', () => {
    const hit = (...map: number[]) => scoreSaliency(Float32Array.from(map), mask, 3, 3);
    expect(hit(1, 0, 0, 2, -2, 0, 0, 0, 1)!.pointingHit).toBe(true);
    expect(hit(2, 0, 0, 1, 1, 0, 0, 0, -2)!.pointingHit).toBe(false);
    const both = hit(2, 0, 0, 2, 0, 0, 0, 0, 0);
    expect(both).toMatchObject({ pointingHit: null, triggerEnergy: 0.5 });
    expect(whyNoScore(both)).toMatch(/equal maxima/);
    // A constant map prefers nothing: its energy is that of chance.
    const flat = hit(3, 3, 3, 3, 3, 3, 3, 3, 3)!;
    expect(flat.pointingHit).toBeNull();
    expect(flat.triggerEnergy).toBeCloseTo(flat.chanceEnergy);
    expect(whyNoScore(hit(1, 0, 0, 2, 0, 0, 0, 0, 0))).toBeNull();
  });
  it.each([
    ['zero where no weight passes anything on', 0, null],
    ['refused where numbers overflow', 1e30, 'DATA_DAMAGED'],
  ])('of a network whose map is %s', async (_, weight, code) => {
    const drawn = lenet.initialise({ height: 28, width: 28, channels: 1 }, 4, createRandom(1));
    const weights = await toArrays(drawn);
    tf.dispose(drawn);
    for (const { values } of Object.values(weights)) values.fill(weight);
    const explainer = createExplainer({ record: { ...backdooredRecord(), weightsSha256: '' }, weights });
    const images = tf.fill<tf.Rank.R4>([1, 28, 28, 1], 0.5);
    const corner = new Float32Array(784).fill(1, 0, 5);
    const settings: ExplainSettings = {
      ...DEFAULT_EXPLANATION,
      parameters: { copies: 2, noiseLevel: 0.1, mode: 'MAGNITUDE', seed: 1 },
      explainedClass: 'TARGET',
    };
    const explained = explainer.explain(images, 0, corner, settings);
    if (code)
      await expect(explained).rejects.toMatchObject({ code, message: expect.stringMatching(/finite/) });
    else expect((await explained).score).toMatchObject({ pointingHit: null, triggerEnergy: null });
    images.dispose();
    explainer.dispose();
  });
});

describe('faithfulness', () => {
  // Of 28 pixels the first alone decides: as white it is class 0 for sure, as the mean (1/28) or black all but surely not.
  const shape = { height: 4, width: 7, channels: 1 };
  const first = defineArchitecture({
    ...lenet,
    logits: (_weights, images) =>
      tf.tidy(() => {
        const white = tf.greater(tf.slice(tf.reshape(images, [images.shape[0], 28]), [0, 0], [-1, 1]), 0.5);
        return tf.mul(tf.cast(white, 'float32'), tf.tensor2d([[100, 0]])) as tf.Tensor2D;
      }),
  });
  it('is the area under the confidence as pixels go and come, beside a random order', async () => {
    const before = tf.memory().numTensors;
    const meter = createFaithfulness({ network: first, weights: {}, shape, classes: 2 });
    const image = tf.tensor3d([1, ...new Array(27).fill(0)], [4, 7, 1]);
    const map = (...values: number[]) => Float32Array.of(...values, ...new Float32Array(28 - values.length));
    // 28 steps of a pixel: gone after the first, the confidence is 1 and then 28 times a half; there from the first on.
    const right = await meter.measure(image, 0, map(2, 1), 5);
    expect(right!.deletion).toBeCloseTo((0.75 + 27 * 0.5) / 28);
    expect(right!.insertion).toBeCloseTo((0.75 + 27) / 28);
    const wrong = await meter.measure(image, 0, map(0, ...new Array(27).fill(1)), 5);
    expect(wrong!.deletion).toBeCloseTo((27 + 0.75) / 28);
    expect(wrong!.insertion).toBeCloseTo((27 * 0.5 + 0.75) / 28);
    // The random order is the seed's, whatever the map.
    expect(wrong!.randomDeletion).toBe(right!.randomDeletion);
    const others = [6, 7, 8].map((seed) => meter.measure(image, 0, map(2, 1), seed));
    const random = (await Promise.all(others)).map((one) => one!.randomDeletion);
    expect(new Set([right!.randomDeletion, ...random]).size).toBeGreaterThan(1);
    expect(await meter.measure(image, 0, map(), 5)).toBeNull();
    meter.dispose();
    image.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the picture', () => {
  it('sums channels', () => {
    expect([...channelSum(Float32Array.of(1, 2, 3, 4, 5, 6), 3)]).toEqual([6, 15]);
  });
  it('clips at the 99th percentile and scales to 1', () => {
    const map = Float32Array.from({ length: 201 }, (_, i) => i);
    const shown = normalise(map);
    // The 99th percentile of 0..200 is 198.
    expect(shown[99]).toBeCloseTo(0.5);
    expect([...shown.slice(198)]).toEqual([1, 1, 1]);
  });
  it('of a flat map is no NaN but nothing', () => {
    expect([...normalise(new Float32Array(4))]).toEqual([0, 0, 0, 0]);
    expect([...colourMap(new Float32Array(1))]).toEqual([0, 0, 4]);
  });
  it.each([
    [0, 0.1, 0.25, 0.6, 1],
    [-1, -0.4, 0, 0.3, 1],
  ])('is read back from its colours (%s …)', (...values) => {
    const read = readColourMap(colourMap(Float32Array.from(values)));
    values.forEach((value, i) => {
      expect(read[i]).toBeCloseTo(value, 2);
    });
  });
  it('differs from another in red where it shows more, in blue where less, by magnitude', () => {
    const pixels = differenceMap(Float32Array.of(1, 0, 0.5, -1), Float32Array.of(0, 1, 0.5, 1));
    expect([...pixels]).toEqual([178, 24, 43, 33, 102, 172, 247, 247, 247, 247, 247, 247]);
  });
  it('keeps a map that only a few pixels matter in', () => {
    const map = new Float32Array(784);
    map[5] = 2;
    expect(normalise(map)[5]).toBe(1);
  });
  it('covers the image where it matters', () => {
    const covered = overlayMap(Float32Array.of(0, 1), Uint8Array.of(100, 100), {
      height: 1,
      width: 2,
      channels: 1,
    });
    expect([...covered.slice(0, 3)]).toEqual([75, 75, 75]);
    expect(covered[3]).toBeGreaterThan(200);
  });
});
