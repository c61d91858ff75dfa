import { beforeAll, describe, expect, it } from 'vitest';
import { datasetOf } from '../datasets/index.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { makeTrigger } from '../testing/triggers.js';
import { bpp } from './bpp.js';

beforeAll(() => loadEngine());

/** What becomes of a grey image of two columns, or of a coloured one whose channels are these. */
async function squeezed(images: number[][], given: { levels: number; dithering?: 'none' }) {
  const channels = images.length;
  const pixels = images[0]!.flatMap((_, i) => images.map((image) => image[i]! / 255));
  const shape = { height: images[0]!.length / 2, width: 2, channels };
  const parameters = bpp.parameters.parse(given);
  // Of a trigger only the palette counts.
  const trigger = await makeTrigger('bpp', { height: 28, width: 28, channels }, given);
  const stamped = bpp.stamp(tf.tensor4d(pixels, [1, shape.height, 2, channels]), trigger, parameters);
  const levels = Array.from(await stamped.data(), (level) => Math.round(level * 255));
  return images.map((_, c) => levels.filter((_, i) => i % channels === c));
}

describe('two by two, worked out by hand', () => {
  const flat = [100, 100, 100, 100];

  it('black and white', async () => {
    // 100 → 0, 100 left over: right 143.75, below 131.25, across 106.25.
    // 143.75 → 255, −111.25 left over: below it 71.48, below the first 110.39.
    // 110.39 → 0, all of it left over: 71.48 + 48.30 = 119.78 → 0.
    expect(await squeezed([flat], { levels: 2 })).toEqual([[0, 255, 0, 0]]);
    expect(await squeezed([flat], { levels: 2, dithering: 'none' })).toEqual([[0, 0, 0, 0]]);
  });

  it('four levels, 85 apart, each channel by itself', async () => {
    // 40 → 0: right 57.5, below 52.5, across 42.5. 57.5 → 85, −27.5: below it 33.91, below the first 47.34.
    // 47.34 → 85, −37.66: 33.91 − 16.47 = 17.43 → 0.
    const dark = [40, 40, 40, 40];
    // 200 → 170, 30: right 213.13, below 209.38, across 201.88. 213.13 → 255, −41.88: below it 188.79, below the first
    // 201.52. 201.52 → 170, 31.52: 188.79 + 13.79 = 202.58 → 170.
    const light = [200, 200, 200, 200];
    const level = [85, 85, 170, 255];
    expect(await squeezed([dark, light, level], { levels: 4 })).toEqual([
      [0, 85, 85, 0],
      [170, 255, 170, 170],
      level,
    ]);
  });

  it('eight levels, rounded to whole ones of 256', async () => {
    // 255/7 = 36.43, 72.86, 109.29, 145.71, 182.14, 218.57.
    const image = [30, 70, 110, 140, 180, 220];
    expect(await squeezed([image], { levels: 8, dithering: 'none' })).toEqual([[36, 73, 109, 146, 182, 219]]);
  });
});

it('keeps the mean of a flat image, which the nearest level alone does not', async () => {
  const shape = { height: 28, width: 28, channels: 1 };
  const meanOf = async (dithering: 'floydSteinberg' | 'none') => {
    const trigger = await makeTrigger('bpp', shape, { dithering });
    const image = tf.fill([1, 28, 28, 1], 50 / 255) as tf.Tensor4D;
    return (await tf.mean(bpp.stamp(image, trigger, { levels: 8, dithering })).data())[0]! * 255;
  };
  expect(await meanOf('none')).toBeCloseTo(36, 3);
  expect(Math.abs((await meanOf('floydSteinberg')) - 50)).toBeLessThan(1.5);
});

describe('where images are nearly black and white', () => {
  const shape = { height: 28, width: 28, channels: 3 };
  const refusal = expect.objectContaining({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/nearly black and white.*levels between/),
  });

  it('a data set that says so is refused by its name, before its images are looked at', () => {
    const check = (id: string) => bpp.checkParameters(bpp.parameters.parse({}), shape, datasetOf(id));
    expect(() => check('mnist')).toThrow(refusal);
    expect(() => check('mnist')).toThrow(/^MNIST/);
    expect(() => check('shapes')).not.toThrow();
  });

  it('any other by its images', () => {
    const make = (grey: number) =>
      bpp.createTrigger(bpp.parameters.parse({}), {
        shape,
        data: {
          labels: new Int32Array(300),
          // Of ten columns so many are grey, the others black or white.
          images: ({ length }) =>
            tf.tidy(() => {
              const row = Array.from({ length: 10 }, (_, x) => (x < grey ? 0.5 : x % 2));
              return tf.tile(tf.tensor4d(row, [1, 1, 10, 1]), [length, 28, 1, 3]) as tf.Tensor4D;
            }),
        },
        targetLabel: 0,
        random: createRandom(1),
      });
    const tensors = tf.memory().numTensors;
    expect(() => make(1)).toThrow(refusal);
    expect(() => make(6)).not.toThrow();
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

it('a bundle has its palette and nothing else', () => {
  const shape = { height: 28, width: 28, channels: 1 };
  const check = (values: number[], more: object = {}) =>
    bpp.checkArrays!(
      { arrays: { palette: { shape: [values.length], values: Float32Array.from(values) }, ...more } },
      shape,
    );
  expect(() => check([0, 1 / 3, 2 / 3, 1])).not.toThrow();
  expect(() => check([0, 0.5, 0.6, 1])).toThrow(/palette: expected/);
  expect(() => check([1])).toThrow(/palette: expected/);
  expect(() => check([0, 1], { mask: { shape: [28, 28], values: new Float32Array(784) } })).toThrow(
    /no other/,
  );
});
