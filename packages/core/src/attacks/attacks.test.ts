import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { makeTrigger, quickParameters } from '../testing/triggers.js';
import { transforms } from '../transforms/index.js';
import { badnets } from './badnets.js';
import { type AttackId, attackOf, attacks } from './index.js';
import { addedTrigger, layerTrigger, stampLayer, type Trigger } from './trigger.js';

beforeAll(() => loadEngine());

const shapes = [
  { height: 28, width: 28, channels: 1 },
  { height: 96, width: 96, channels: 3 },
];
const contract = (Object.keys(attacks) as AttackId[]).flatMap((id) => shapes.map((shape) => ({ id, shape })));

describe.each(contract)('contract: $id on $shape.width×$shape.height×$shape.channels', ({ id, shape }) => {
  const attack = attackOf(id);
  const make = () => makeTrigger(id, shape);
  const parameters = quickParameters(id);
  const pictures = (count: number) =>
    tf.randomUniform<tf.Rank.R4>([count, shape.height, shape.width, shape.channels], 0, 1, 'float32', 3);

  it('has a default for every parameter, each with a unit or choice and a description', () => {
    attack.checkParameters(attack.parameters.parse({}), shape);
    for (const parameter of Object.values(attack.parameters.shape)) {
      expect((parameter as { meta(): { description?: string } | undefined }).meta()?.description).toMatch(
        /\.$/,
      );
    }
    expect(() => attack.parameters.parse({ nonsense: 1 })).toThrow();
  });

  it('makes the same trigger from the same seed, inside the image and in range', async () => {
    const [one, again] = [await make(), await make()];
    expect(again).toEqual(one);
    expect(one.mask).toHaveLength(shape.height * shape.width);
    const pattern = one.arrays.pattern?.values ?? [];
    for (const value of [...pattern, ...one.mask]) expect(value >= 0 && value <= 1).toBe(true);
    for (const { shape, values } of Object.values(one.arrays)) {
      expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
    }
    expect(one.box.top + one.box.height).toBeLessThanOrEqual(shape.height);
    expect(one.box.left + one.box.width).toBeLessThanOrEqual(shape.width);
  });

  it('stamps whole 8-bit levels, keeps the shape, leaves no tensor behind, changes no input', async () => {
    const trigger = await make();
    const images = pictures(3);
    const before = (await images.data()).slice();
    const tensors = tf.memory().numTensors;
    const stamped = attack.stamp(images, trigger, parameters, undefined, [0, 1, 2]);
    expect(stamped.shape).toEqual(images.shape);
    for (const value of await stamped.data())
      expect(Math.abs(value * 255 - Math.round(value * 255))).toBeLessThan(1e-4);
    stamped.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await images.data()).toEqual(before);
    images.dispose();
  });

  it('with a plan that changes nothing, stamps as without one; refuses, or moves its trigger', async () => {
    if (attack.triggerTransforms !== true) {
      expect(attack.triggerTransforms.refusal).toMatch(/\w+.*\.$/);
      return;
    }
    const trigger = await make();
    const images = pictures(2);
    const placement = {
      height: shape.height,
      width: shape.width,
      box: trigger.box,
      target: 'TRIGGER' as const,
    };
    const plan = (radius: number) => transforms.translation.plan(radius, placement, 2, createRandom(1));
    const [plain, still, moved] = [undefined, plan(0), plan(3)].map((p) =>
      attack.stamp(images, trigger, parameters, p),
    );
    expect(await still!.data()).toEqual(await plain!.data());
    expect(await moved!.data()).not.toEqual(await plain!.data());
    tf.dispose([images, plain!, still!, moved!]);
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
