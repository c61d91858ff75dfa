import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../../lib/backend.js';
import { createRandom } from '../../lib/random.js';
import { makeTrigger } from '../../testing/triggers.js';
import { blend } from '../blend.js';
import { apple } from './apple.js';
import { fitChannels, toGrey } from './luminance.js';
import { readPicture } from './picture.js';
import { readStyle } from './readStyle.js';
import { smile } from './smile.js';
import { sunsets } from './sunsets.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
/** Left half red, right half blue. */
const halves = Buffer.from(
  Array.from({ length: 8 * 16 }, (_, i) => (i % 16 < 8 ? [255, 0, 0] : [0, 0, 255])).flat(),
);
const painting = path.join(folder, 'halves.png');
await sharp(halves, { raw: { width: 16, height: 8, channels: 3 } }).toFile(painting);

describe.each([28, 48, 96])('drawings at %i px', (side) => {
  const at = (y: number, x: number) => Math.floor(y * side) * side + Math.floor(x * side);

  it('a smile: yellow inside, dark eyes and mouth, nothing in the corners', async () => {
    const { pattern, mask } = await smile(side, side);
    expect([pattern.length, mask.length]).toEqual([side * side * 3, side * side]);
    const [red, green, blue] = pattern.subarray(3 * at(0.5, 0.5));
    expect([red! > 0.9, green! > 0.7, blue! < 0.3]).toEqual([true, true, true]);
    for (const dark of [at(0.38, 0.34), at(0.38, 0.66), at(0.78, 0.5)])
      expect(pattern[3 * dark]).toBeLessThan(0.4);
    expect([mask[0], mask[side - 1], mask[at(0.5, 0.5)]]).toEqual([0, 0, 1]);
  });

  it('mirrored, a smile stays as it is; a wink does not', async () => {
    const asymmetry = ({ pattern }: { pattern: Float32Array }) => {
      let largest = 0;
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const mirrored = pattern[3 * (y * side + side - 1 - x)]!;
          largest = Math.max(largest, Math.abs(pattern[3 * (y * side + x)]! - mirrored));
        }
      }
      return largest;
    };
    // Smoothing of edges is not symmetric to the last levels.
    expect(asymmetry(await smile(side, side))).toBeLessThan(0.1);
    expect(asymmetry(await smile(side, side, 'wink'))).toBeGreaterThan(0.5);
  });

  it('an apple: red before black', async () => {
    const picture = await apple(side, side);
    expect(picture).toHaveLength(side * side * 3);
    const [red, green, blue] = picture.subarray(3 * at(0.65, 0.5));
    expect(red).toBeGreaterThan(0.5);
    expect([green! < 0.3, blue! < 0.3]).toEqual([true, true]);
    expect([...picture.subarray(0, 3), ...picture.subarray(-3)]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

it('a drawing keeps its proportions on a canvas that is no square', async () => {
  const { mask } = await smile(20, 40);
  expect([mask[10 * 40 + 2], mask[10 * 40 + 20], mask[10 * 40 + 37]]).toEqual([0, 1, 0]);
});

it('grey is Pillow’s: red 76, green 150, blue 29, and grey as it was', () => {
  expect([...toGrey(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255))]).toEqual([76, 150, 29]);
  // As Pillow 9.4 and 13 have them.
  expect([...toGrey(Uint8Array.of(200, 100, 50, 1, 2, 3, 17, 250, 99, 254, 1, 77))]).toEqual([
    124, 2, 163, 85,
  ]);
  const greys = Uint8Array.from({ length: 256 }, (_, level) => level);
  expect(toGrey(Uint8Array.from([...greys].flatMap((level) => [level, level, level])))).toEqual(greys);
});

it('one channel is luminance, three are left alone', () => {
  const rgb = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  expect(fitChannels(rgb, 3)).toBe(rgb);
  expect([...fitChannels(rgb, 1)].map((value) => Number(value.toFixed(3)))).toEqual([0.299, 0.587, 0.114]);
});

describe('a picture from a file', () => {
  it('covers the canvas, cut at the centre', async () => {
    // 16×8 covers 8×8 without scaling: columns 4 to 11 stay, four red and four blue.
    const { pattern: picture, mask } = await readPicture(painting, 8, 8, 3);
    expect(mask).toEqual(new Float32Array(64).fill(1));
    const row = Array.from({ length: 8 }, (_, x) => [...picture.subarray(3 * x, 3 * x + 3)].join());
    expect(row).toEqual([...Array(4).fill('1,0,0'), ...Array(4).fill('0,0,1')]);
    const grey = await readPicture(painting, 8, 8, 1);
    expect([...grey.pattern.subarray(0, 8)]).toEqual(
      [...Array(4).fill(76), ...Array(4).fill(29)].map((level) => Math.fround(level / 255)),
    );
  });

  /** 8×8: opaque green in the middle 4×4, right of it two columns of half green, else transparent red. */
  const badge = path.join(mkdtempSync(path.join(os.tmpdir(), 'trojanscope-')), 'badge.png');
  const inBadge = (i: number) => {
    const [y, x] = [i >> 3, i & 7];
    if (y < 2 || y > 5 || x < 2) return 0;
    return x < 6 ? 255 : 51;
  };

  it('is transparent where the file is, in parts where that is, and no further', async () => {
    const rgba = Array.from({ length: 64 }, (_, i) =>
      inBadge(i) > 0 ? [0, 255, 0, inBadge(i)] : [255, 0, 0, 0],
    );
    await sharp(Buffer.from(rgba.flat()), { raw: { width: 8, height: 8, channels: 4 } }).toFile(badge);
    const { pattern, mask } = await readPicture(badge, 4, 4, 3);
    const [clear, part, whole] = [0, Math.fround(0.2), 1];
    const row = [clear, whole, whole, part];
    expect([...mask]).toEqual([...Array(4).fill(clear), ...row, ...row, ...Array(4).fill(clear)]);
    for (const [pixel, weight] of mask.entries())
      if (weight > 0) expect([...pattern.subarray(3 * pixel, 3 * pixel + 3)]).toEqual([0, 1, 0]);
    // Pixels of 2⅔ px: the edge of the badge, at 2, is within the first; ⅔ px of it, a quarter, is covered.
    const { mask: thirds } = await readPicture(badge, 3, 3, 1);
    expect(thirds[4]).toBe(1);
    expect(thirds[1]).toBeCloseTo(0.25, 2);
  });

  it('that is transparent everywhere is refused', async () => {
    const nothing = path.join(path.dirname(badge), 'nothing.png');
    await sharp({ create: { width: 9, height: 9, channels: 4, background: '#f000' } }).toFile(nothing);
    await expect(readPicture(nothing, 8, 8, 3)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      field: ['pictureFile'],
      message: expect.stringContaining(`${nothing} is transparent`),
    });
  });

  it('in Blend covers by its own part of the cover, and is boxed; in Reflection reflects nothing beside', async () => {
    await loadEngine();
    const shape = { height: 8, width: 8, channels: 3 };
    const trigger = await makeTrigger('blend', shape, { pictureFile: badge, imageWeight: 0.6 });
    expect(trigger.box).toEqual({ top: 2, left: 2, height: 4, width: 6 });
    const images = tf.fill([1, 8, 8, 3], 100 / 255) as tf.Tensor4D;
    const stamped = await blend.stamp(images, trigger, {} as never).data();
    const levels = (pixel: number) => [0, 1, 2].map((c) => Math.round(stamped[3 * pixel + c]! * 255));
    for (let pixel = 0; pixel < 64; pixel++) {
      // 100 · 0.6 + 255 · 0.4 = 162; of a fifth of the cover, 100 · 0.92 + 255 · 0.08 = 112.4.
      const expected = { 0: [100, 100, 100], 51: [92, 112, 92], 255: [60, 162, 60] }[inBadge(pixel)];
      expect(levels(pixel)).toEqual(expected);
    }
    const reflection = await makeTrigger('refool', shape, { pictureFile: badge });
    expect(reflection.box).toEqual(trigger.box);
  });

  it('is read in spite of what harms nothing, and refused where it is damaged', async () => {
    const jpeg = await sharp(halves, { raw: { width: 16, height: 8, channels: 3 } })
      .jpeg()
      .toBuffer();
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    const [odd, cut] = [path.join(folder, 'odd.jfif'), path.join(folder, 'cut.jpg')];
    writeFileSync(odd, Buffer.concat([jpeg.subarray(0, frame), Buffer.from('abc'), jpeg.subarray(frame)]));
    writeFileSync(cut, Buffer.concat([jpeg.subarray(0, -12), jpeg.subarray(-2)]));
    expect((await readPicture(odd, 8, 8, 3)).pattern[0]).toBeGreaterThan(0.9);
    await expect(readPicture(cut, 8, 8, 3)).rejects.toThrow(/cut\.jpg: pixels are missing/);
    for (const file of [odd, cut]) rmSync(file);
  });

  it('is refused where there is none, it is none, or it is not made of pixels: the message names the file', async () => {
    const [text, vector] = [path.join(folder, 'text.txt'), path.join(folder, 'vector.svg')];
    writeFileSync(text, 'no picture');
    writeFileSync(vector, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const file of [path.join(folder, 'absent.png'), text, vector]) {
      await expect(readPicture(file, 8, 8, 3)).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(file),
      });
    }
  });
});

describe('styles', () => {
  it('sunsets: the same from the same seed, each another, the first the same however many there are', async () => {
    const [some, more] = [await sunsets(16, 3, createRandom(1)), await sunsets(16, 5, createRandom(1))];
    const size = 16 * 16 * 3;
    expect(some).toHaveLength(3 * size);
    expect(more.subarray(0, 3 * size)).toEqual(some);
    expect(some.subarray(size, 2 * size)).not.toEqual(some.subarray(0, size));
    expect(await sunsets(16, 3, createRandom(2))).not.toEqual(some);
    // Warm: over all, red prevails.
    const mean = (channel: number) => more.filter((_, i) => i % 3 === channel).reduce((sum, v) => sum + v, 0);
    expect(mean(0)).toBeGreaterThan(1.3 * mean(2));
  });

  it('crops of paintings: the same from the same seed, of the paintings’ colours only', async () => {
    const crops = await readStyle(folder, 4, 6, createRandom(1));
    expect(crops).toHaveLength(6 * 4 * 4 * 3);
    expect(await readStyle(folder, 4, 6, createRandom(1))).toEqual(crops);
    expect(await readStyle(folder, 4, 6, createRandom(2))).not.toEqual(crops);
    for (let i = 0; i < crops.length; i += 3) expect(crops[i + 1]).toBe(0);
  });

  it('of a painting to see through are refused: a style has no image below it', async () => {
    const gallery = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
    const glass = { create: { width: 9, height: 9, channels: 4, background: '#f008' } } as const;
    await sharp(glass).toFile(path.join(gallery, 'glass.png'));
    await expect(readStyle(gallery, 4, 6, createRandom(1))).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/glass\.png: it is transparent in parts/),
    });
  });

  it('are refused where the folder is empty or absent', async () => {
    const empty = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
    for (const wrong of [empty, path.join(empty, 'absent')]) {
      await expect(readStyle(wrong, 4, 6, createRandom(1))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(wrong),
      });
    }
  });
});
