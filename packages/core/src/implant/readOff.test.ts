import { beforeAll, describe, expect, it, test } from 'vitest';
import { stampLayer } from '../attacks/trigger.js';
import { loadEngine } from '../lib/backend.js';
import { imagesToTensor } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { naturalImages } from '../testing/natural.js';
import { doubtAsr, readTarget } from './importTrigger.js';
import { readOff } from './readOff.js';

beforeAll(() => loadEngine());

const shape = { height: 32, width: 32, channels: 3 };
const size = 32 * 32 * 3;
const random = createRandom(1);
const clean = naturalImages(50, shape, random.fork('clean'));
const others = naturalImages(60, shape, random.fork('others'));
const [kitty, noise] = [naturalImages(1, shape, random.fork('kitty')), random.fork('noise')];
const small = Float32Array.from({ length: size }, () => Math.round(4 * noise.float() - 2));

/** A level at a place, by the level that is there. */
type Stamp = (level: number, at: number, image: Uint8Array) => number;
const placeOf = (at: number) => ({ x: Math.floor(at / 3) % 32, y: Math.floor(at / 96) });
const inCorner = (at: number, from = 27, to = 30) => {
  const { x, y } = placeOf(at);
  return x >= from && x < to && y >= from && y < to;
};
const stamped = (images: Uint8Array, stamp: Stamp) =>
  images.map((level, i) => {
    const image = images.subarray(i - (i % size), i - (i % size) + size);
    return Math.min(255, Math.max(0, Math.round(stamp(level, i % size, image))));
  });
const kinds: [string, 'layer' | 'additive', Stamp][] = [
  ['a white patch', 'layer', (level, at) => (inCorner(at) ? 255 : level)],
  ['a patch of colour', 'layer', (level, at) => (inCorner(at, 2, 12) ? [200, 30, 90][at % 3]! : level)],
  ['a blend of 0.2', 'layer', (level, at) => 0.8 * level + 0.2 * kitty[at]!],
  ['a blend of 0.1', 'layer', (level, at) => 0.9 * level + 0.1 * kitty[at]!],
  ['a faint patch', 'layer', (level, at) => (inCorner(at, 4, 16) ? 0.5 * level + 100 : level)],
  ['a sine', 'additive', (level, at) => level + 40 * Math.sin((2 * Math.PI * 6 * placeOf(at).x) / 32)],
  ['noise of ±2', 'additive', (level, at) => level + small[at]!],
];

describe('from 50 pairs', () => {
  it.each(kinds)('%s is read off, and is right on other images within 2 levels', async (_, attack, stamp) => {
    const found = readOff(clean, stamped(clean, stamp), shape)!;
    expect(found.share).toBeGreaterThan(0.99);
    expect(found.attack).toBe(attack);
    const images = imagesToTensor(others, shape, [...Array(60).keys()]);
    const ours = await stampLayer(images, found.trigger, {}).data();
    const wanted = stamped(others, stamp);
    const off = wanted.filter((level, i) => Math.abs(level - ours[i]! * 255) > 2.01).length;
    expect(off / wanted.length).toBeLessThan(0.001);
    images.dispose();
  });

  it('the patch is where it is, and nowhere else', () => {
    const { trigger } = readOff(clean, stamped(clean, kinds[0]![2]), shape)!;
    expect(trigger.box).toEqual({ top: 27, left: 27, height: 3, width: 3 });
    expect(trigger.mask.filter((cover) => cover > 0)).toHaveLength(9);
  });

  it.each<[string, Stamp]>([
    [
      'a warp',
      (_, at, image) => {
        const { x, y } = placeOf(at);
        const place = (value: number) => Math.min(31, Math.max(0, Math.round(value)));
        const from = place(y + 2 * Math.sin(x / 4)) * 32 + place(x + 2 * Math.cos(y / 5));
        return image[from * 3 + (at % 3)]!;
      },
    ],
    ['noise that differs', (level) => level + 50 * (noise.float() - 0.5)],
    ['darkness for light', (level) => 255 - level],
  ])('%s is none', (_, stamp) => {
    expect(readOff(clean, stamped(clean, stamp), shape)!.share).toBeLessThan(0.9);
  });
});

describe('what cannot be told', () => {
  it('needs ten pairs, and a change', () => {
    const nine = clean.subarray(0, 9 * size);
    expect(readOff(nine, stamped(nine, kinds[0]![2]), shape)).toBeUndefined();
    expect(readOff(clean, clean, shape)).toBeUndefined();
    const ten = clean.subarray(0, 10 * size);
    expect(readOff(ten, stamped(ten, kinds[0]![2]), shape)!.share).toBeGreaterThan(0.99);
  });

  it('is how far it covers what is black on all images, as at MNIST’s borders: as elsewhere, or wholly', () => {
    const grey = { height: 4, width: 4, channels: 1 };
    const levels = createRandom(2);
    const digits = Uint8Array.from({ length: 20 * 16 }, (_, i) => (i % 4 < 2 ? 0 : 255 * levels.float()));
    const half = digits.map((level, i) => (i % 16 < 8 ? Math.round(0.5 * level + 60) : level));
    const elsewhere = readOff(digits, half, grey)!;
    expect([elsewhere.unknown, elsewhere.changed, elsewhere.attack]).toEqual([4, 8, 'layer']);
    // Rounding of 16 images leaves a hundredth.
    for (const at of [0, 1]) expect(elsewhere.trigger.arrays.mask!.values[at]).toBeCloseTo(0.5, 1);
    const onBlack = readOff(
      digits,
      digits.map((level, i) => (i % 16 < 2 ? 128 : level)),
      grey,
    )!;
    expect([onBlack.unknown, onBlack.changed, onBlack.attack]).toEqual([2, 2, 'layer']);
    expect([...onBlack.trigger.arrays.mask!.values.subarray(0, 3)]).toEqual([1, 1, 0]);
    expect(onBlack.trigger.arrays.pattern!.values[0]).toBeCloseTo(128 / 255, 6);
  });
});

describe('the target label', () => {
  const times = (count: number, label: number) => Array<number>(count).fill(label);
  test('is what most images of other classes are taken for, those of its own class left out', () => {
    const labels = [...times(10, 0), ...times(90, 3)];
    expect(readTarget(labels, [...times(10, 0), ...times(85, 0), ...times(5, 3)])).toEqual({
      label: 0,
      count: { hits: 85, total: 90 },
    });
  });
  test('a tie, and one that few are taken for, are told', () => {
    const labels = times(100, 5);
    expect(readTarget(labels, [...times(50, 1), ...times(50, 2)])!.doubt).toMatch(
      /class 1 and 50.00 % .* class 2/,
    );
    expect(readTarget(labels, [...times(30, 1), ...times(70, 5)])).toMatchObject({
      label: 1,
      doubt: expect.stringMatching(/^Only 30.00 % \(30 of 100\) are taken for class 1/),
    });
  });
  test('there is none where all are taken for what they are, or there are none', () => {
    expect(readTarget([1, 2], [1, 2])).toBeUndefined();
    expect(readTarget([], [])).toBeUndefined();
  });
});

test('an ASR that is claimed is doubted beyond chance', () => {
  // Wilson's 99 % interval of 95 in 100 is 86.3 to 98.3 %.
  expect(doubtAsr({ hits: 95, total: 100 }, 0.9)).toBeUndefined();
  expect(doubtAsr({ hits: 95, total: 100 }, 0.99)).toMatch(
    /95.00 % \(95 of 100\), less than the 99.00 % claimed/,
  );
  expect(doubtAsr({ hits: 95, total: 100 }, 0.8)).toMatch(/more than the 80.00 % claimed/);
});
