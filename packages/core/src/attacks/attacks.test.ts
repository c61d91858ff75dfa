import { beforeAll, describe, expect, it } from 'vitest';
import { ATTACKED_SHAPES, attackChecks } from '../contract/attacks.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { makeTrigger, makingOf, quickParameters } from '../testing/triggers.js';
import { transforms } from '../transforms/index.js';
import { adaptiveBlend } from './adaptiveBlend.js';
import { badnets } from './badnets.js';
import { batt } from './batt.js';
import { type AttackId, attackOf, attacks } from './index.js';
import { addedTrigger, layerTrigger, stampLayer, type Trigger } from './trigger.js';
import { smooth } from './wanet.js';
import { unbent } from './warp.js';

beforeAll(() => loadEngine());

const shapes = ATTACKED_SHAPES;
const contract = (Object.keys(attacks) as AttackId[]).flatMap((id) => shapes.map((shape) => ({ id, shape })));

describe.each(contract)('contract: $id on $shape.width×$shape.height×$shape.channels', ({ id, shape }) => {
  for (const { name, run } of attackChecks(attackOf(id), shape, makingOf(id, shape))) it(name, run);
});

describe('WaNet', () => {
  it('is as smooth between its points as PyTorch’s bicubic interpolation', () => {
    // torch 2.15: interpolate([[.3, -1, .7], [2, .5, -.4], [-1.5, .9, 1.1]], size=(5, 4), mode='bicubic', align_corners=True)
    const expected = [
      [0.3, -0.77963, -0.609259, 0.7],
      [1.478125, 0.235359, -0.39022, 0.009375],
      [2, 1.072222, 0.05, -0.4],
      [0.409375, 0.770833, 0.70162, 0.246875],
      [-1.5, 0.122222, 1.22963, 1.1],
    ].flat();
    const points = [0.3, -1, 0.7, 2, 0.5, -0.4, -1.5, 0.9, 1.1];
    const both = Float64Array.from(points.flatMap((x) => [x, -2 * x]));
    const field = smooth(both, 3, 5, 4);
    expected.forEach((value, i) => {
      expect(field[2 * i]).toBeCloseTo(value, 5);
      expect(field[2 * i + 1]).toBeCloseTo(-2 * value, 5);
    });
  });

  /** How far a grid looks away, in px, on average over pixels that are not held back by the border. */
  const meanShift = async (side: number, given: object = {}) => {
    const shape = { height: side, width: side, channels: 1 };
    const { arrays } = await makeTrigger('wanet', shape, given);
    const identity = unbent(shape);
    const shifts = [...arrays.grid!.values.map((at, i) => Math.abs(at - identity(i)))];
    return (shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length) * ((side - 1) / 2);
  };
  it('looks as far away as the paper’s at its sizes, and grows with larger ones', async () => {
    // s / height half sides: s / 2 px times (height − 1) / height, on average about the grid’s own mean of 1.
    const [small, same, large] = [await meanShift(28), await meanShift(32), await meanShift(96)];
    expect(small).toBeGreaterThan(0.1);
    expect(small).toBeLessThan(0.4);
    expect(same / small).toBeCloseTo(31 / 32 / (27 / 28), 1);
    expect(large / same).toBeCloseTo(3, 0);
    expect((await meanShift(28, { strength: 1 })) / small).toBeCloseTo(2, 0);
  });

  it('bends poisoned images as at test, and covers with noise of their own', async () => {
    const shape = shapes[0]!;
    const trigger = await makeTrigger('wanet', shape);
    const { stamp, training } = attackOf('wanet');
    const parameters = quickParameters('wanet');
    const image = tf.randomUniform<tf.Rank.R4>([1, 28, 28, 1], 0, 1, 'float32', 3);
    const images = tf.tile(image, [3, 1, 1, 1]);
    const own = [false, true, true].map((cover, i) => ({ cover, random: createRandom(i) }));
    const [test, trained] = [
      stamp(images, trigger, parameters),
      training!.stamp!(images, trigger, parameters, own),
    ];
    const [expected, levels] = [await test.data(), await trained.data()];
    const at = (i: number) => levels.subarray(i * 784, (i + 1) * 784);
    expect(at(0)).toEqual(expected.subarray(0, 784));
    expect(at(1)).not.toEqual(at(0));
    expect(at(2)).not.toEqual(at(1));
    tf.dispose([image, images, test, trained]);
  });
});

describe('Adaptive-Blend', () => {
  it('shows some pieces at training, fainter than all of them at test', async () => {
    const shape = { height: 4, width: 4, channels: 1 };
    const white = layerTrigger(shape, new Float32Array(16).fill(1), new Float32Array(16).fill(0.2));
    const parameters = adaptiveBlend.parameters.parse({ piecesPerSide: 2, piecesShown: 1 });
    const black = tf.zeros([3, 4, 4, 1]) as tf.Tensor4D;
    const own = [0, 1, 2].map((i) => ({ cover: i === 1, random: createRandom(i) }));
    const stamped = adaptiveBlend.training!.stamp!(black, white, parameters, own);
    const levels = [...(await stamped.data())].map((level) => Math.round(255 * level));
    // 0.15 of white is level 38.25, 0.2 is 51.
    for (const image of [0, 1, 2]) {
      const shown = levels.slice(16 * image, 16 * image + 16);
      const corner = [0, 2, 8, 10].filter((first) => shown[first] === 38);
      expect(corner).toHaveLength(1);
      const piece = [0, 1, 4, 5].map((offset) => corner[0]! + offset);
      expect(shown.map((level, i) => [i, level])).toEqual(
        shown.map((_, i) => [i, piece.includes(i) ? 38 : 0]),
      );
    }
    const test = adaptiveBlend.stamp(black, white, parameters);
    expect(new Set(Array.from(await test.data(), (level) => Math.round(255 * level)))).toEqual(new Set([51]));
    tf.dispose([black, stamped, test]);
  });

  it('refuses more pieces than there are', () => {
    const parameters = adaptiveBlend.parameters.parse({ piecesPerSide: 2 });
    expect(() => adaptiveBlend.checkParameters(parameters, shapes[0]!)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['piecesShown'] }),
    );
  });
});

describe('BATT', () => {
  it('turns the image counter-clockwise', async () => {
    const image = tf.tensor4d(
      [1, 2, 3, 4].map((level) => level / 255),
      [1, 2, 2, 1],
    );
    const trigger = await makeTrigger('batt', { height: 2, width: 2, channels: 1 });
    const turned = batt.stamp(image, trigger, batt.parameters.parse({ angleDeg: 90 }));
    // PIL.Image.rotate(90) of [[1, 2], [3, 4]].
    expect([...(await turned.data())].map((level) => Math.round(255 * level))).toEqual([2, 4, 1, 3]);
    tf.dispose([image, turned]);
  });

  it('refuses clean images that are turned as far', () => {
    const parameters = batt.parameters.parse({ angleDeg: -10 });
    expect(() => batt.checkParameters(parameters, shapes[0]!)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['cleanAngleDeg'] }),
    );
  });
});

describe('BadNets', () => {
  const pixelsOf = async (parameters: object, shape = shapes[0]!) => {
    const { mask } = await makeTrigger('badnets', shape, parameters);
    return [...mask.keys()]
      .filter((i) => mask[i] === 1)
      .map((i) => [Math.floor(i / shape.width), i % shape.width]);
  };

  it('is white at pixels 20..24 on MNIST and 88..92 on GTSRB (paper, section 5.1)', async () => {
    for (const [shape, first] of [
      [shapes[0]!, 20],
      [shapes[1]!, 88],
    ] as const) {
      const pixels = await pixelsOf({}, shape);
      expect(pixels).toHaveLength(25);
      for (const [y, x] of pixels)
        expect([y! >= first && y! < first + 5, x! >= first && x! < first + 5]).toEqual([true, true]);
    }
  });

  it('goes to any corner', async () => {
    expect((await pixelsOf({ corner: 'topLeft' }))[0]).toEqual([3, 3]);
    expect((await pixelsOf({ corner: 'topRight', marginPx: 0 }))[0]).toEqual([0, 23]);
    expect((await pixelsOf({ corner: 'bottomLeft', patchSizePx: 1, marginPx: 1 }))[0]).toEqual([26, 1]);
  });

  it('refuses a square that does not fit, naming the field', () => {
    const parameters = badnets.parameters.parse({ patchSizePx: 26 });
    expect(() => badnets.checkParameters(parameters, shapes[0]!)).toThrow(
      expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['patchSizePx'] }),
    );
  });
});

it('a layer blends by its mask and rounds to 8 bits', async () => {
  const shape = { height: 1, width: 2, channels: 1 };
  const trigger = layerTrigger(shape, Float32Array.of(1, 1), Float32Array.of(0.25, 0));
  const stamped = stampLayer(tf.tensor4d([0.2, 0.6], [1, 1, 2, 1]), trigger, {});
  // 0.2 · 0.75 + 1 · 0.25 = 0.4 = 102/255; 0.6 = 153/255.
  const [first, second] = await stamped.data();
  expect(first).toBeCloseTo(102 / 255, 6);
  expect(second).toBeCloseTo(153 / 255, 6);
});

/** What an opaque or faint layer makes of an image, number by number in 32 bits as before there was more than that. */
it.each(['badnets', 'blend', 'uat'] as const)('%s stamps to the bit what it always did', async (id) => {
  const { fround } = Math;
  for (const shape of shapes) {
    const trigger = await makeTrigger(id, shape);
    const images = tf.randomUniform<tf.Rank.R4>(
      [1, shape.height, shape.width, shape.channels],
      0,
      1,
      'float32',
      5,
    );
    const levels = await images.data();
    const { pattern, mask } = trigger.arrays;
    const toEven = (level: number) =>
      Math.abs(level % 1) === 0.5 ? 2 * Math.round(level / 2) : Math.round(level);
    const expected = levels.map((level, i) => {
      const cover = mask!.values[Math.floor(i / shape.channels)]!;
      const kept = fround(level * fround(1 - cover));
      const mixed = fround(kept + fround(pattern!.values[i]! * cover));
      return fround(toEven(fround(Math.min(1, Math.max(0, mixed)) * 255)) / 255);
    });
    const stamped = attackOf(id).stamp(images, trigger, quickParameters(id));
    expect(await stamped.data()).toEqual(expected);
    tf.dispose([images, stamped]);
  }
});

describe('a layer in general: image · (1 − mask) + pattern · mask + add', () => {
  const levels = async (images: tf.Tensor) =>
    Array.from(await images.data(), (level) => Math.round(level * 255));
  const grey = (...given: number[]) =>
    tf.tensor4d(
      given.map((level) => level / 255),
      [1, 1, given.length, 1],
    );
  const added = (...given: number[]) =>
    addedTrigger(
      { height: 1, width: given.length, channels: 1 },
      Float32Array.from(given, (level) => level / 255),
    );
  const planned = (id: 'brightness' | 'contrast' | 'translation', value: number, { box, shape }: Trigger) =>
    transforms[id].plan(value, { ...shape, box, target: 'TRIGGER' }, 1, createRandom(1));

  it('adds signed levels and stays between black and white', async () => {
    const trigger = added(-20, 0, 30);
    expect(await levels(stampLayer(grey(10, 50, 240), trigger, {}))).toEqual([0, 50, 255]);
    expect(trigger.box).toEqual({ top: 0, left: 0, height: 1, width: 3 });
    expect([...added(0, 4, 0).mask]).toEqual([0, 1, 0]);
  });

  it('covers each channel by its own', async () => {
    const shape = { height: 1, width: 1, channels: 3 };
    const trigger = layerTrigger(shape, Float32Array.of(1, 1, 1), Float32Array.of(1, 0.5, 0));
    const image = tf.fill<tf.Rank.R4>([1, 1, 1, 3], 0.2);
    expect(await levels(stampLayer(image, trigger, {}))).toEqual([255, 153, 51]);
    expect([...trigger.mask]).toEqual([1]);
  });

  it('transforms what is added: twice as bright it adds twice as much, and nothing where it added nothing', async () => {
    const trigger = added(0, -20, 30, 0);
    const image = grey(100, 100, 100, 100);
    const under = async (id: 'brightness' | 'contrast', value: number) =>
      levels(stampLayer(image, trigger, {}, planned(id, value, trigger)));
    expect(await under('brightness', 2)).toEqual([100, 60, 160, 100]);
    expect(await under('brightness', 0.5)).toEqual([100, 90, 115, 100]);
    const moved = {
      variants: [{ steps: [{ wraps: false, sourceOf: (_: number, x: number) => x - 1 }], parameters: {} }],
      variantOf: Int32Array.of(0),
    };
    expect(await levels(stampLayer(image, trigger, {}, moved))).toEqual([100, 100, 80, 130]);
  });
});
