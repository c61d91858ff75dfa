import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { badnets } from '../attacks/badnets.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { nearestPositions, roundHalfToEven } from './affine.js';
import { checkTransformValue, type TransformId, transforms } from './index.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import { type Placement, TRANSFORM_TARGETS, type WarpPlan } from './transform.js';
import { translation } from './translation.js';
import { visibleShare, warpImages } from './warp.js';

beforeAll(() => loadEngine());

const square = { top: 20, left: 20, height: 5, width: 5 };
const place = (target: Placement['target'], more: Partial<Placement> = {}): Placement => ({
  height: 28,
  width: 28,
  box: target === 'TRIGGER' ? square : { top: 0, left: 0, height: 28, width: 28 },
  target,
  ...more,
});
const pictures = (count: number) => tf.randomUniform<tf.Rank.R4>([count, 28, 28, 1], 0, 1, 'float32', 7);
/** A trigger's layer has nothing outside its box. */
const layers = (count: number, target: Placement['target']) =>
  tf.tidy(() => {
    const { top, left, height, width } = place(target).box;
    const rest = [28 - top - height, 28 - left - width] as const;
    return tf.pad(tf.slice(pictures(count), [0, top, left, 0], [count, height, width, 1]), [
      [0, 0],
      [top, rest[0]],
      [left, rest[1]],
      [0, 0],
    ]);
  });
const contract = (Object.keys(transforms) as TransformId[]).flatMap((id) =>
  TRANSFORM_TARGETS.map((target) => ({ id, target })),
);

describe.each(contract)('contract: $id of the $target', ({ id, target }) => {
  const transform = transforms[id];

  it('leaves everything as it is at its identity', async () => {
    const images = layers(4, target);
    const plan = transform.plan(transform.identity, place(target), 4, createRandom(1));
    const warped = warpImages(images, plan);
    expect(await warped.data()).toEqual(await images.data());
    tf.dispose([images, warped]);
  });

  it('keeps shape and range, leaves no tensor behind, changes no input', async () => {
    const images = pictures(4);
    const before = (await images.data()).slice();
    const tensors = tf.memory().numTensors;
    for (const value of transform.paperValues) {
      const warped = warpImages(images, transform.plan(value, place(target), 4, createRandom(1)));
      expect(warped.shape).toEqual([4, 28, 28, 1]);
      for (const pixel of await warped.data()) expect(pixel >= 0 && pixel <= 1).toBe(true);
      warped.dispose();
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(await images.data()).toEqual(before);
    images.dispose();
  });

  it('plans the same for the same seed, one warp for each sample', () => {
    const plans = [1, 1, 2].map((seed) => transform.plan(3, place(target), 50, createRandom(seed)));
    expect(plans[0]!.warpOf).toEqual(plans[1]!.warpOf);
    expect(plans[0]!.warpOf).toHaveLength(50);
    for (const index of plans[0]!.warpOf) expect(plans[0]!.warps[index]).toBeDefined();
  });

  it('refuses values out of its range, and names the field', () => {
    for (const value of [transform.minimum - 0.01, transform.maximum + 0.01, Number.NaN]) {
      expect(() => checkTransformValue(id, value, ['values', 0])).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['values', 0] }),
      );
    }
    for (const value of transform.paperValues) checkTransformValue(id, value, []);
  });
});

const single = (plan: WarpPlan) => plan.warps[0]!;
const shown = (plan: WarpPlan, box: typeof square) => {
  const pixels = new Set<number>();
  for (let y = 0; y < 28; y++) {
    for (let x = 0; x < 28; x++) {
      const source = single(plan).sourceOf(y, x);
      const row = Math.floor(source / 28);
      const column = source % 28;
      const inside =
        source >= 0 &&
        row >= box.top &&
        row < box.top + box.height &&
        column >= box.left &&
        column < box.left + box.width;
      if (inside) pixels.add(y * 28 + x);
    }
  }
  return pixels;
};

describe('facts worked out by hand and with Pillow', () => {
  it('NEAREST takes the pixel under the centre', () => {
    expect([...nearestPositions(5, 4)]).toEqual([0, 1, 3, 4]);
    expect([...nearestPositions(5, 6)]).toEqual([0, 1, 2, 2, 3, 4]);
  });

  it('sizes round halves to even', () => {
    expect([28 * 0.8, 28 * 1.2, 96 * 0.8, 96 * 1.2].map(roundHalfToEven)).toEqual([22, 34, 77, 115]);
    expect([0.5, 1.5, 2.5, 3.5].map(roundHalfToEven)).toEqual([0, 2, 2, 4]);
  });

  it('a turned 5×5 square keeps 25 pixels and overlaps its place by 25, 25, 21, 21, 21, 25, 25', () => {
    const home = shown(rotation.plan(0, place('TRIGGER'), 1, createRandom(0)), square);
    const overlaps = rotation.paperValues.map((angle) => {
      const turned = shown(rotation.plan(angle, place('TRIGGER'), 1, createRandom(0)), square);
      expect(turned.size).toBe(25);
      return [...turned].filter((pixel) => home.has(pixel)).length;
    });
    expect(overlaps).toEqual([25, 25, 21, 21, 21, 25, 25]);
  });

  it('a 3×3 square does not change at 15° (paper, section 6)', () => {
    const box = { top: 10, left: 10, height: 3, width: 3 };
    const at = (angle: number) =>
      shown(rotation.plan(angle, place('TRIGGER', { box }), 1, createRandom(0)), box);
    expect(at(15)).toEqual(at(0));
  });

  it('the square of GTSRB leaves the frame under an image scaling of 1.2', () => {
    const size = 96;
    const mask = new Float32Array(size * size);
    for (let y = 88; y < 93; y++) mask.fill(1, y * size + 88, y * size + 93);
    const canvas = place('IMAGE', {
      height: size,
      width: size,
      box: { top: 0, left: 0, height: size, width: size },
    });
    const share = (value: number) =>
      visibleShare(mask, single(scaling.plan(value, canvas, 1, createRandom(0))), size, size);
    expect([0.8, 1, 1.2].map(share)).toEqual([1, 1, 0]);
    const turned = rotation.plan(45, canvas, 1, createRandom(0));
    expect(visibleShare(mask, single(turned), size, size)).toBe(0);
    const square90 = rotation.plan(90, canvas, 1, createRandom(0));
    expect(visibleShare(mask, single(square90), size, size)).toBe(1);
  });

  it('translation scatters over the ring, rounded to whole pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 1000 }), (radius, seed) => {
        const { warps, warpOf } = translation.plan(radius, place('TRIGGER'), 200, createRandom(seed));
        for (const { parameters } of warps) {
          const { shiftXPx, shiftYPx } = parameters as { shiftXPx: number; shiftYPx: number };
          expect(Number.isInteger(shiftXPx) && Number.isInteger(shiftYPx)).toBe(true);
          // Rounding moves each coordinate by at most a half.
          expect(Math.abs(Math.hypot(shiftXPx, shiftYPx) - radius)).toBeLessThanOrEqual(Math.SQRT1_2 + 1e-9);
        }
        expect(new Set(warpOf).size).toBe(warps.length);
      }),
      { numRuns: 50 },
    );
  });

  it('draws the same direction for a sample at every radius', () => {
    const angleOf = (radius: number) => {
      const { warps, warpOf } = translation.plan(radius, place('TRIGGER'), 20, createRandom(5));
      return [...warpOf].map((index) => {
        const { shiftXPx, shiftYPx } = warps[index]!.parameters as { shiftXPx: number; shiftYPx: number };
        return Math.atan2(shiftYPx, shiftXPx);
      });
    };
    const [near, far] = [angleOf(20), angleOf(40)];
    for (const [i, angle] of near.entries()) expect(Math.abs(Math.sin(angle - far[i]!))).toBeLessThan(0.1);
  });

  it('an image wraps around, a trigger leaves', () => {
    const image = translation.plan(4, place('IMAGE'), 100, createRandom(1));
    const trigger = translation.plan(4, place('TRIGGER'), 100, createRandom(1));
    const mask = new Float32Array(28 * 28);
    for (let y = 20; y < 25; y++) mask.fill(1, y * 28 + 20, y * 28 + 25);
    for (const warp of image.warps) expect(visibleShare(mask, warp, 28, 28)).toBe(1);
    // 3 px of margin: a shift of 4 px to the right hides one of five columns.
    const right = trigger.warps.find(
      ({ parameters }) => parameters.shiftXPx === 4 && parameters.shiftYPx === 0,
    )!;
    expect(visibleShare(mask, right, 28, 28)).toBeCloseTo(20 / 25);
  });
});

it('stamps BadNets unchanged at 15°, 75° and 90° of trigger rotation', async () => {
  const shape = { height: 28, width: 28, channels: 1 };
  const trigger = await badnets.createTrigger(badnets.parameters.parse({}), {
    shape,
    random: createRandom(1),
  });
  const images = pictures(3);
  const stamped = async (angle: number) => {
    const plan = rotation.plan(angle, place('TRIGGER', { box: trigger.box }), 3, createRandom(1));
    const result = badnets.stamp(images, trigger, plan);
    const pixels = await result.data();
    result.dispose();
    return pixels;
  };
  const upright = await stamped(0);
  for (const angle of [15, 75, 90]) expect(await stamped(angle)).toEqual(upright);
  expect(await stamped(45)).not.toEqual(upright);
  images.dispose();
});
