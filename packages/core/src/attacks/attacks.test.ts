import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { makeTrigger, quickParameters } from '../testing/triggers.js';
import { transforms } from '../transforms/index.js';
import { badnets } from './badnets.js';
import { type AttackId, attackOf, attacks } from './index.js';
import { layerTrigger, stampLayer } from './trigger.js';

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
    const stamped = attack.stamp(images, trigger, parameters);
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
