import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { applyToImages } from './apply.js';
import { transforms } from './index.js';
import { completeTransforms, drawnPlan, physicalTransforms, randomTransformSchema } from './randomly.js';
import type { Placement } from './transform.js';

beforeAll(() => loadEngine());

const frame: Placement = {
  height: 9,
  width: 9,
  box: { top: 0, left: 0, height: 9, width: 9 },
  target: 'IMAGE',
};
const streams = (count: number) => Array.from({ length: count }, (_, i) => createRandom(`one/${i}`));

describe('a transform at random values', () => {
  it.each([
    [{ transform: 'rotation', from: -361, to: 0 }, 'from', /-360 to 360 °; got -361/],
    [{ transform: 'scaling', from: 1, to: 3.1 }, 'to', /0\.1 to 3 ×; got 3\.1/],
    [{ transform: 'rotation', from: 10, to: -10 }, 'to', /at least the lowest value, 10/],
    [{ transform: 'shear', from: 0, to: 1 }, 'transform', /rotation/],
    [{ transform: 'rotation', from: Number.NaN, to: 1 }, 'from', /number/],
  ])('is refused: %j', (given, field, message) => {
    const { error } = randomTransformSchema.safeParse(given);
    expect(error?.issues[0]).toMatchObject({ path: [field], message: expect.stringMatching(message) });
  });

  it('gives each image its own, whatever else is in its batch', () => {
    const list = [{ transform: 'translation' as const, from: 0, to: 4 }];
    const shifts = (count: number) => {
      const { variants, variantOf } = drawnPlan(list, frame, streams(count));
      return Array.from(variantOf, (index) => {
        const step = variants[index]!.steps[0]!;
        return 'sourceOf' in step ? step.sourceOf(4, 4) : Number.NaN;
      });
    };
    expect(shifts(20).slice(0, 5)).toEqual(shifts(5));
    expect(new Set(shifts(20)).size).toBeGreaterThan(5);
  });

  it('draws between the two ends, and near both', async () => {
    const list = [{ transform: 'brightness' as const, from: 0.5, to: 0.75 }];
    const white = tf.ones([200, 9, 9, 1]) as tf.Tensor4D;
    const dimmed = applyToImages(white, drawnPlan(list, frame, streams(200)));
    const levels = [...(await dimmed.data())].filter((_, i) => i % 81 === 0);
    tf.dispose([white, dimmed]);
    expect(Math.min(...levels)).toBeGreaterThan(0.5 - 1 / 255);
    expect(Math.min(...levels)).toBeLessThan(0.52);
    expect(Math.max(...levels)).toBeGreaterThan(0.73);
    expect(Math.max(...levels)).toBeLessThan(0.75 + 1 / 255);
  });

  it('with both ends at the identity changes nothing', async () => {
    const list = [{ transform: 'brightness' as const, from: 1, to: 1 }];
    const images = tf.randomUniform<tf.Rank.R4>([2, 9, 9, 1], 0, 1, 'float32', 1);
    const same = applyToImages(images, drawnPlan(list, frame, streams(2)));
    expect(await same.data()).toEqual(await images.data());
    tf.dispose([images, same]);
  });

  it('takes those of PhysicalBA where nothing is said, a shift by a tenth of the side among them', () => {
    const given = completeTransforms({ target: 'ALL' }, { height: 32, width: 32, channels: 3 });
    expect(given.transforms).toEqual([
      { transform: 'mirror', from: 50, to: 50 },
      { transform: 'brightness', from: 0.8, to: 1.2 },
      { transform: 'contrast', from: 0.8, to: 1.2 },
      { transform: 'rotation', from: -10, to: 10 },
      { transform: 'scaling', from: 0.8, to: 0.9 },
      { transform: 'translation', from: 0, to: 3.2 },
    ]);
    // In range up to the largest images there are.
    for (const one of physicalTransforms({ height: 512, width: 512, channels: 3 }))
      expect(randomTransformSchema.parse(one)).toEqual(one);
  });
});

describe('mirroring', () => {
  const row = (...levels: number[]) =>
    tf.tensor4d(
      levels.map((level) => level / 255),
      [1, 1, levels.length, 1],
    );
  const at = (share: number, box: Placement['box'], samples: number) =>
    transforms.mirror.plan(share, { height: 1, width: 4, box, target: 'TRIGGER' }, samples, createRandom(1));
  const levelsOf = (images: tf.Tensor4D) => [...images.dataSync()].map((level) => Math.round(255 * level));

  it('turns the image left to right, and a trigger about its own middle', () => {
    const whole = at(100, { top: 0, left: 0, height: 1, width: 4 }, 1);
    expect(levelsOf(applyToImages(row(1, 2, 3, 4), whole))).toEqual([4, 3, 2, 1]);
    // Of a box of two pixels at the right, what is left of it goes beyond the frame.
    const own = at(100, { top: 0, left: 2, height: 1, width: 2 }, 1);
    expect(levelsOf(applyToImages(row(0, 0, 3, 4), own))).toEqual([0, 0, 4, 3]);
  });

  it('does so to the share that is asked for', () => {
    const { variants, variantOf } = at(30, { top: 0, left: 0, height: 1, width: 4 }, 1_000);
    const mirrored = [...variantOf].filter((index) => variants[index]!.parameters.mirrored === 1).length;
    // Three standard deviations of 1,000 draws are 43.
    expect(Math.abs(mirrored - 300)).toBeLessThan(44);
  });
});
