import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { layerTrigger, stampLayer } from '../attacks/trigger.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { applyToImages, applyToLayer } from './apply.js';
import { blur } from './blur.js';
import { brightness } from './brightness.js';
import { contrast } from './contrast.js';
import { jpeg } from './jpeg.js';
import { noise } from './noise.js';
import { photograph } from './photograph.js';
import type { Filter, Placement, TransformDefinition, Warp } from './transform.js';

beforeAll(() => loadEngine());

/** What Pillow and SciPy made of the same pixels; fixtures/makeFilters.py made the file. */
interface Case {
  width: number;
  height: number;
  channels: number;
  operation: 'brightness' | 'contrast' | 'jpeg' | 'blur';
  value: number;
  input: string;
  output: string;
}
const { cases } = JSON.parse(readFileSync(new URL('./fixtures/filters.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

const canvas = (height: number, width: number): Placement => ({
  height,
  width,
  box: { top: 0, left: 0, height, width },
  target: 'IMAGE',
});
/** Images of 8-bit levels. */
const imagesOf = (levels: ArrayLike<number>, shape: [number, number, number, number]) =>
  tf.tidy(() => tf.div(tf.tensor4d(Float32Array.from(levels), shape), 255)) as tf.Tensor4D;
const levelsOf = async (images: tf.Tensor) => [...(await images.data())].map((x) => Math.round(x * 255));
/** The levels of one image, transformed. */
async function transformed(transform: TransformDefinition, value: number, levels: number[][]) {
  const [height, width] = [levels.length, levels[0]!.length];
  const images = imagesOf(levels.flat(), [1, height, width, 1]);
  return levelsOf(applyToImages(images, transform.plan(value, canvas(height, width), 1, createRandom(1))));
}

describe('Pillow and SciPy', () => {
  it.each(cases)('$operation $value of $width×$height×$channels', async (given) => {
    const { width, height, channels, operation, value } = given;
    const transform = { brightness, contrast, jpeg, blur }[operation];
    const images = imagesOf(Buffer.from(given.input, 'base64'), [1, height, width, channels]);
    const plan = transform.plan(value, canvas(height, width), 1, createRandom(1));
    const output = Buffer.from(given.output, 'base64');
    if (operation === 'blur') {
      const exact = new Float32Array(Uint8Array.from(output).buffer);
      const ours = await (plan.variants[0]!.steps[0] as Filter).apply(images).data();
      expect(Math.max(...ours.map((x, i) => Math.abs(x - exact[i]!)))).toBeLessThan(1e-6);
      return;
    }
    const levels = await levelsOf(applyToImages(images, plan));
    // Pillow cuts fractions off, we round.
    const differences = levels.map((level, i) => level - output[i]!);
    expect(
      [...new Set(differences)].filter((by) => by !== 0 && by !== (operation === 'jpeg' ? 0 : 1)),
    ).toEqual([]);
  });
});

describe('facts worked out by hand', () => {
  it('brightness multiplies levels and stops at white', async () => {
    // 127.5 rounds to the even neighbour.
    expect(await transformed(brightness, 0.5, [[0, 100, 255]])).toEqual([0, 50, 128]);
    expect(await transformed(brightness, 2, [[0, 100, 255]])).toEqual([0, 200, 255]);
    expect(await transformed(brightness, 11, [[1, 23, 24]])).toEqual([11, 253, 255]);
  });

  it('contrast spreads levels about the mean', async () => {
    expect(await transformed(contrast, 0.5, [[100, 200]])).toEqual([125, 175]);
    expect(await transformed(contrast, 1.5, [[100, 200]])).toEqual([75, 225]);
    expect(await transformed(contrast, 4, [[100, 200]])).toEqual([0, 255]);
    expect(await transformed(contrast, 0, [[100, 200]])).toEqual([150, 150]);
  });

  it('a trigger’s contrast is about its own mean, whatever is around it', async () => {
    const pattern = imagesOf([0, 0, 100, 200, 0, 0], [1, 1, 6, 1]);
    const mask = imagesOf([0, 0, 255, 255, 0, 0], [1, 1, 6, 1]);
    const box = { top: 0, left: 2, height: 1, width: 2 };
    const placement: Placement = { height: 1, width: 6, box, target: 'TRIGGER' };
    const { variants } = contrast.plan(0.5, placement, 1, createRandom(1));
    const changed = applyToLayer({ pattern, mask }, variants);
    expect((await levelsOf(changed.pattern)).slice(2, 4)).toEqual([125, 175]);
    expect(await levelsOf(changed.mask)).toEqual([0, 0, 255, 255, 0, 0]);
  });

  it('blur gives a pixel’s light to its neighbours, and keeps what is even as it is', async () => {
    const point = Array.from({ length: 9 }, (_, y) =>
      Array.from({ length: 9 }, (_, x) => +(x === 4 && y === 4)),
    );
    const plan = blur.plan(1, canvas(9, 9), 1, createRandom(1));
    const apply = (values: number[]) =>
      (plan.variants[0]!.steps[0] as Filter).apply(tf.tensor4d(values, [1, 9, 9, 1])).data();
    // exp(−d²/2) over its sum for d = −4..4, 2.506621; squared, for down and across.
    const at = await apply(point.flat());
    expect(at[4 * 9 + 4]).toBeCloseTo(0.159156, 5);
    expect(at[4 * 9 + 5]).toBeCloseTo(0.159156 * Math.exp(-0.5), 5);
    expect(at[3 * 9 + 5]).toBeCloseTo(0.159156 * Math.exp(-1), 5);
    for (const value of await apply(Array(81).fill(0.3))) expect(value).toBeCloseTo(0.3, 6);
  });

  it('a blurred trigger fades into the image, in its own colour', async () => {
    const shape = { height: 15, width: 15, channels: 3 };
    const [pattern, mask] = [new Float32Array(15 * 15 * 3), new Float32Array(15 * 15)];
    for (let y = 6; y < 9; y++) {
      for (let x = 6; x < 9; x++) {
        mask[y * 15 + x] = 1;
        pattern.set([1, 0.4, 0], (y * 15 + x) * 3);
      }
    }
    const trigger = layerTrigger(shape, pattern, mask);
    const placement: Placement = { ...canvas(15, 15), box: trigger.box, target: 'TRIGGER' };
    const plan = blur.plan(1, placement, 1, createRandom(1));
    const onSame = tf.tensor4d(Array.from({ length: 15 * 15 }, () => [1, 0.4, 0]).flat(), [1, 15, 15, 3]);
    // Orange over orange is orange, however it fades.
    const same = await levelsOf(stampLayer(onSame, trigger, {}, plan));
    expect(same).toEqual(await levelsOf(onSame));
    const onBlack = await levelsOf(stampLayer(tf.zeros([1, 15, 15, 3]), trigger, {}, plan));
    const red = (y: number, x: number) => onBlack[(y * 15 + x) * 3]!;
    // Three of a row's nine weights, (1 + 2·exp(−½))/2.506621 = 0.882886, down as across.
    expect(red(7, 7)).toBe(Math.round(255 * 0.882886 ** 2));
    expect(red(7, 9)).toBeLessThan(red(7, 8));
    expect(red(7, 9)).toBeGreaterThan(red(7, 10));
    expect(red(7, 14)).toBe(0);
    expect(onBlack[(7 * 15 + 9) * 3 + 1]! / red(7, 9)).toBeCloseTo(0.4, 1);
  });

  it('noise is Gaussian, a sample’s own, and the same at every value but for its strength', async () => {
    const grey = tf.fill<tf.Rank.R4>([2, 64, 64, 3], 0.5);
    const at = async (sigma: number) => {
      const plan = noise.plan(sigma, canvas(64, 64), 2, createRandom(5));
      return { plan, levels: (await levelsOf(applyToImages(grey, plan))).map((level) => level - 127.5) };
    };
    const [weak, strong] = [await at(10), await at(20)];
    const size = 64 * 64 * 3;
    for (const { levels, sigma } of [
      { ...weak, sigma: 10 },
      { ...strong, sigma: 20 },
    ]) {
      const own = levels.slice(0, size);
      const mean = own.reduce((sum, x) => sum + x, 0) / size;
      const deviation = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / size);
      // Four standard errors.
      expect(Math.abs(mean)).toBeLessThan((4 * sigma) / Math.sqrt(size));
      expect(Math.abs(deviation / sigma - 1)).toBeLessThan(4 / Math.sqrt(2 * size));
      const within = own.filter((x) => Math.abs(x) < sigma).length / size;
      expect(within).toBeCloseTo(0.683, 1);
    }
    for (const [i, level] of weak.levels.entries())
      expect(Math.abs(2 * level - strong.levels[i]!)).toBeLessThanOrEqual(1.5);
    expect(weak.levels.slice(0, size)).not.toEqual(weak.levels.slice(size));
    const seeds = ({ plan }: typeof weak) => plan.variants.map(({ parameters }) => parameters.noiseSeed);
    expect(seeds(strong)).toEqual(seeds(weak));
  });

  it('noise is the same one by one and together', async () => {
    const grey = tf.fill<tf.Rank.R4>([2, 8, 8, 1], 0.5);
    const plan = noise.plan(20, canvas(8, 8), 2, createRandom(5));
    const together = await levelsOf(applyToImages(grey, plan));
    const single = tf.slice(grey, [0, 0, 0, 0], [1, 8, 8, 1]);
    const alone = plan.variants.map(({ steps }) => levelsOf((steps[0] as Filter).apply(single)));
    expect(together).toEqual((await Promise.all(alone)).flat());
  });

  it('JPEG takes whole qualities, and none of 99.7 is no JPEG', () => {
    const quality = (value: number) => jpeg.plan(value, canvas(8, 8), 1, createRandom(1)).variants[0]!;
    expect([1, 72.4, 99.7].map((value) => quality(value).parameters.quality)).toEqual([1, 72, 99]);
    expect(quality(99.7).steps).toHaveLength(1);
    expect(quality(100).steps).toHaveLength(0);
  });
});

describe('print and photograph', () => {
  const plan = (strength: number) => photograph.plan(strength, canvas(96, 96), 30, createRandom(3));

  it('grows every part from its identity, with what was drawn the same at every strength', () => {
    const [half, full] = [plan(0.5), plan(1)];
    const [weak, strong] = [half.variants[0]!.parameters, full.variants[0]!.parameters];
    expect(strong).toMatchObject({ rotation: 10, brightness: 0.7, jpeg: 50, translation: 4.8 });
    expect(weak).toMatchObject({ rotation: 5, brightness: 0.85, jpeg: 75, translation: 2.4 });
    for (const [i, { parameters }] of full.variants.entries()) {
      const before = half.variants[i]!.parameters;
      expect(parameters.noiseSeed).toBe(before.noiseSeed);
      expect(Math.abs(parameters.shiftXPx! - 2 * before.shiftXPx!)).toBeLessThanOrEqual(1);
    }
    expect(plan(0).variants.every(({ steps }) => steps.length === 0)).toBe(true);
  });

  it('shares the work of its parts among the samples', () => {
    const { variants } = plan(1);
    expect(variants).toHaveLength(30);
    const warps = variants.flatMap(({ steps }) => steps.filter((step): step is Warp => 'sourceOf' in step));
    // Three that are the same for all, and the directions.
    expect(new Set(warps).size).toBeLessThanOrEqual(3 + 30);
    const firsts = variants.map(({ steps }) => steps[0]);
    expect(new Set(firsts).size).toBe(1);
  });
});
