import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../lib/random.js';
import { apple } from './apple.js';
import { fitChannels } from './luminance.js';
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

it('one channel is luminance, three are left alone', () => {
  const rgb = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  expect(fitChannels(rgb, 3)).toBe(rgb);
  expect([...fitChannels(rgb, 1)].map((value) => Number(value.toFixed(3)))).toEqual([0.299, 0.587, 0.114]);
});

describe('a picture from a file', () => {
  it('covers the canvas, cut at the centre', async () => {
    // 16×8 covers 8×8 without scaling: columns 4 to 11 stay, four red and four blue.
    const picture = await readPicture(painting, 8, 8, 3);
    const row = Array.from({ length: 8 }, (_, x) => [...picture.subarray(3 * x, 3 * x + 3)].join());
    expect(row).toEqual([...Array(4).fill('1,0,0'), ...Array(4).fill('0,0,1')]);
    const grey = await readPicture(painting, 8, 8, 1);
    expect(grey).toHaveLength(64);
    expect(grey[0]).toBeCloseTo(0.299, 6);
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
