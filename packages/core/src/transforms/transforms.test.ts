import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { badnets } from '../attacks/badnets.js';
import type { Trigger } from '../attacks/trigger.js';
import { transformChecks } from '../contract/transforms.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { nearestPositions, roundHalfToEven } from './affine.js';
import { visibleShare } from './apply.js';
import { checkTransformValue, type TransformId, transforms } from './index.js';
import { perspective } from './perspective.js';
import { rotation } from './rotation.js';
import { scaling } from './scaling.js';
import { shrinkPad } from './shrinkPad.js';
import { type Placement, type Plan, TRANSFORM_TARGETS, type Warp } from './transform.js';
import { shift, translation } from './translation.js';

beforeAll(() => loadEngine());

const square = { top: 20, left: 20, height: 5, width: 5 };
const place = (target: Placement['target'], more: Partial<Placement> = {}): Placement => ({
  height: 28,
  width: 28,
  box: target === 'TRIGGER' ? square : { top: 0, left: 0, height: 28, width: 28 },
  target,
  ...more,
});
/** In 8-bit levels, as the images of data sets are. */
const pictures = (count: number, channels: number) =>
  tf.tidy(() =>
    tf.div(tf.floor(tf.randomUniform<tf.Rank.R4>([count, 28, 28, channels], 0, 256, 'float32', 7)), 255),
  ) as tf.Tensor4D;
const contract = (Object.keys(transforms) as TransformId[]).flatMap((id) =>
  TRANSFORM_TARGETS.flatMap((target) => [1, 3].map((channels) => ({ id, target, channels }))),
);

describe.each(contract)('contract: $id of the $target, channels: $channels', ({ id, target, channels }) => {
  for (const { name, run } of transformChecks(transforms[id], target, channels)) it(name, run);
});

it.each(Object.keys(transforms) as TransformId[])(
  '%s refuses values out of its range, and names the field',
  (id) => {
    const { minimum, maximum, defaultValues } = transforms[id];
    for (const value of [minimum - 0.01, maximum + 0.01, Number.NaN]) {
      expect(() => checkTransformValue(id, value, ['values', 0])).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT', field: ['values', 0] }),
      );
    }
    for (const value of defaultValues) checkTransformValue(id, value, []);
  },
);

/** The one warp of a plan; at an identity there is none. */
const single = ({ variants }: Plan) =>
  (variants[0]!.steps[0] as Warp | undefined) ?? {
    wraps: false,
    sourceOf: (y: number, x: number) => y * 28 + x,
  };
/** The canvas pixels that show the box. */
const shown = (plan: Plan, box: typeof square) => {
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
    const overlaps = rotation.defaultValues.map((angle) => {
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
      visibleShare(mask, scaling.plan(value, canvas, 1, createRandom(0)).variants[0]!, size, size);
    expect([0.8, 1, 1.2].map(share)).toEqual([1, 1, 0]);
    const turned = rotation.plan(45, canvas, 1, createRandom(0));
    expect(visibleShare(mask, turned.variants[0]!, size, size)).toBe(0);
    const square90 = rotation.plan(90, canvas, 1, createRandom(0));
    expect(visibleShare(mask, square90.variants[0]!, size, size)).toBe(1);
  });

  it('a tilted 20×20 square reaches from 24 to 33, 24 px high on the near side and 16 px on the far', () => {
    // At 60°, seen from 40 px: edges at ±10·cos·40/(40 ± 10·sin) = −6.38 and 4.11 from the middle, of half heights
    // 10·40/(40 ± 10·sin) = 12.76 and 8.22.
    const [size, box] = [60, { top: 20, left: 20, height: 20, width: 20 }];
    const heights = (tilt: number) => {
      const canvas = place('TRIGGER', { height: size, width: size, box });
      const { sourceOf } = single(perspective.plan(tilt, canvas, 1, createRandom(0)));
      return Array.from({ length: size }, (_, x) => {
        const sources = Array.from({ length: size }, (_, y) => sourceOf(y, x));
        return sources.filter((source) => {
          const [row, column] = [Math.floor(source / size), source % size];
          return source >= 0 && row >= 20 && row < 40 && column >= 20 && column < 40;
        }).length;
      });
    };
    const away = heights(60);
    expect([away.findIndex((rows) => rows > 0), away.findLastIndex((rows) => rows > 0)]).toEqual([24, 33]);
    expect([away[24], away[33]]).toEqual([24, 16]);
    expect(heights(-60)).toEqual(away.toReversed());
  });

  it('translation scatters over the ring, rounded to whole pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 1000 }), (radius, seed) => {
        const { variants, variantOf } = translation.plan(radius, place('TRIGGER'), 200, createRandom(seed));
        for (const { parameters } of variants) {
          const { shiftXPx, shiftYPx } = parameters as { shiftXPx: number; shiftYPx: number };
          expect(Number.isInteger(shiftXPx) && Number.isInteger(shiftYPx)).toBe(true);
          // Rounding moves each coordinate by at most a half.
          expect(Math.abs(Math.hypot(shiftXPx, shiftYPx) - radius)).toBeLessThanOrEqual(Math.SQRT1_2 + 1e-9);
        }
        expect(new Set(variantOf).size).toBe(variants.length);
      }),
      { numRuns: 50 },
    );
  });

  it('draws the same direction for a sample at every radius', () => {
    const angleOf = (radius: number) => {
      const { variants, variantOf } = translation.plan(radius, place('TRIGGER'), 20, createRandom(5));
      return [...variantOf].map((index) => {
        const { shiftXPx, shiftYPx } = variants[index]!.parameters as { shiftXPx: number; shiftYPx: number };
        return Math.atan2(shiftYPx, shiftXPx);
      });
    };
    const [near, far] = [angleOf(20), angleOf(40)];
    for (const [i, angle] of near.entries()) expect(Math.abs(Math.sin(angle - far[i]!))).toBeLessThan(0.1);
  });

  it('shrinks, and pads at every place with the same share of the room at every value', () => {
    const canvas = place('IMAGE', { height: 4, width: 4, box: { top: 0, left: 0, height: 4, width: 4 } });
    const plan = shrinkPad.plan(2, canvas, 200, createRandom(1));
    // 4 → 2 takes the pixels under 1 and 3; there are 3 × 3 places for 2×2 in 4×4.
    expect(plan.variants).toHaveLength(9);
    for (const { steps, parameters } of plan.variants) {
      const { padTopPx: top, padLeftPx: left, scaledWidthPx, scaledHeightPx } = parameters;
      expect([scaledWidthPx, scaledHeightPx]).toEqual([2, 2]);
      const shows = Array.from({ length: 16 }, (_, i) => (steps[0] as Warp).sourceOf(i >> 2, i & 3));
      const expected = Array<number>(16).fill(-1);
      [5, 7, 13, 15].forEach((source, i) => {
        expected[(top! + (i >> 1)) * 4 + left! + (i & 1)] = source;
      });
      expect(shows).toEqual(expected);
    }
    const [small, large] = [1, 3].map((by) => shrinkPad.plan(by, canvas, 50, createRandom(2)));
    for (let i = 0; i < 50; i++) {
      const at = ({ variants, variantOf }: Plan) => variants[variantOf[i]!]!.parameters.padLeftPx!;
      // Of 4 places and of 2: the second half of the one are the second of the other.
      expect(at(small!)).toBe(at(large!) < 2 ? 0 : 1);
    }
  });

  it('shrinks to no less than a pixel, by whole pixels, and what it shows is all in view', () => {
    const box = { top: 10, left: 10, height: 3, width: 5 };
    const plan = shrinkPad.plan(4.4, place('TRIGGER', { box }), 20, createRandom(1));
    expect(plan.variants[0]!.parameters).toMatchObject({ scaledWidthPx: 1, scaledHeightPx: 1 });
    const mask = new Float32Array(28 * 28);
    for (let y = 10; y < 13; y++) mask.fill(1, y * 28 + 10, y * 28 + 15);
    for (const variant of plan.variants) expect(visibleShare(mask, variant, 28, 28)).toBe(1);
  });

  it('an image wraps around, a trigger leaves', () => {
    const image = translation.plan(4, place('IMAGE'), 100, createRandom(1));
    const trigger = translation.plan(4, place('TRIGGER'), 100, createRandom(1));
    const mask = new Float32Array(28 * 28);
    for (let y = 20; y < 25; y++) mask.fill(1, y * 28 + 20, y * 28 + 25);
    for (const variant of image.variants) expect(visibleShare(mask, variant, 28, 28)).toBe(1);
    // 3 px of margin: a shift of 4 px to the right hides one of five columns.
    const right = trigger.variants.find(
      ({ parameters }) => parameters.shiftXPx === 4 && parameters.shiftYPx === 0,
    )!;
    expect(visibleShare(mask, right, 28, 28)).toBeCloseTo(20 / 25);
  });

  it('a corner of a wide canvas turned by 90° is out of sight', () => {
    const [height, width] = [10, 40];
    const mask = new Float32Array(height * width).fill(1);
    const canvas = place('IMAGE', { height, width, box: { top: 0, left: 0, height, width } });
    const [turned] = rotation.plan(90, canvas, 1, createRandom(0)).variants;
    // 40 rows then, of which 10 are in the frame.
    expect(visibleShare(mask, turned!, height, width)).toBeCloseTo(1 / 4);
  });

  it('counts what leaves the frame at any scale, also beyond those of the transforms', () => {
    const side = 20;
    const mask = new Float32Array(side * side).fill(1);
    const enlarged = (factor: number): Warp => ({
      wraps: false,
      sourceOf(y, x) {
        const [row, column] = [y, x].map((at) => Math.floor((at - side / 2) / factor + side / 2));
        const within = [row!, column!].every((at) => at >= 0 && at < side);
        return within ? row! * side + column! : -1;
      },
    });
    for (const factor of [2, 3, 5, 8])
      expect(visibleShare(mask, { steps: [enlarged(factor)], parameters: {} }, side, side)).toBe(
        1 / factor ** 2,
      );
  });

  it('sees a trigger through several steps', () => {
    const mask = new Float32Array(28 * 28);
    for (let y = 20; y < 25; y++) mask.fill(1, y * 28 + 20, y * 28 + 25);
    const after = (...steps: Warp[]) => visibleShare(mask, { steps, parameters: {} }, 28, 28);
    // 3 px of margin on the right: 4 px hide one column of five, 2 px more two of the four left.
    expect(after(shift(4, 0, 28, 28, false), shift(2, 0, 28, 28, false))).toBeCloseTo(2 / 5);
    // Wrapped around to columns 24..27 and 0, then 1 px to the left: column 0 leaves.
    expect(after(shift(4, 0, 28, 28, true), shift(-1, 0, 28, 28, false))).toBeCloseTo(4 / 5);
    expect(after(shift(20, 0, 28, 28, false), shift(-20, 0, 28, 28, false))).toBe(0);
  });
});

it('stamps BadNets unchanged at 15°, 75° and 90° of trigger rotation', async () => {
  const shape = { height: 28, width: 28, channels: 1 };
  const context = { shape, random: createRandom(1) } as Parameters<typeof badnets.createTrigger>[1];
  const trigger = (await badnets.createTrigger(badnets.parameters.parse({}), context)) as Trigger;
  const images = pictures(3, 1);
  const stamped = async (angle: number) => {
    const plan = rotation.plan(angle, place('TRIGGER', { box: trigger.box }), 3, createRandom(1));
    const result = badnets.stamp(images, trigger, badnets.parameters.parse({}), plan);
    const pixels = await result.data();
    result.dispose();
    return pixels;
  };
  const upright = await stamped(0);
  for (const angle of [15, 75, 90]) expect(await stamped(angle)).toEqual(upright);
  expect(await stamped(45)).not.toEqual(upright);
  images.dispose();
});
