import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine } from '../lib/backend.js';
import { makeTrigger } from '../testing/triggers.js';
import { badnets } from './badnets.js';
import { PATTERN_NAMES, PATTERNS } from './patterns.js';

beforeAll(() => loadEngine());

type Name = (typeof PATTERN_NAMES)[number];
/** Row by row: # the colour, o black, a dot where the image shows. */
const drawn = (name: Name, sizePx: number, turned = (y: number, x: number): [number, number] => [y, x]) =>
  Array.from({ length: sizePx }, (_, y) =>
    Array.from({ length: sizePx }, (_, x) => {
      const at = PATTERNS[name].at(...turned(y, x), sizePx);
      return at === null ? '.' : at ? '#' : 'o';
    }).join(''),
  );

describe('as it is drawn', () => {
  it.each<[Name, number, string[]]>([
    ['square', 2, ['##', '##']],
    ['cross', 3, ['.#.', '###', '.#.']],
    ['cross', 5, ['..#..', '..#..', '#####', '..#..', '..#..']],
    ['cross', 6, ['..##..', '..##..', '######', '######', '..##..', '..##..']],
    ['checkerboard', 3, ['#o#', 'o#o', '#o#']],
    ['letterF', 4, ['####', '#...', '###.', '#...']],
    ['letterF', 5, ['#####', '#....', '####.', '#....', '#....']],
  ])('a %s of %i px', (name, sizePx, rows) => {
    expect(drawn(name, sizePx)).toEqual(rows);
  });

  const sizes = Array.from({ length: 64 }, (_, i) => i + 1);
  const turns = (sizePx: number): ((y: number, x: number) => [number, number])[] => {
    const last = sizePx - 1;
    return [
      (y, x) => [x, last - y],
      (y, x) => [last - y, last - x],
      (y, x) => [last - x, y],
      (y, x) => [y, last - x],
      (y, x) => [last - y, x],
      (y, x) => [x, y],
      (y, x) => [last - x, last - y],
    ];
  };
  const same = (name: Name, sizePx: number) =>
    turns(sizePx).filter((turned) => `${drawn(name, sizePx, turned)}` === `${drawn(name, sizePx)}`).length;

  it('square and cross look the same turned and mirrored, a checkerboard if its side is odd, a letter F never', () => {
    for (const sizePx of sizes) {
      expect(same('square', sizePx)).toBe(7);
      if (sizePx >= 3) expect(same('cross', sizePx)).toBe(7);
      // Of an even one the half turn and the diagonals are left.
      if (sizePx >= 2) expect(same('checkerboard', sizePx)).toBe(sizePx % 2 ? 7 : 3);
      if (sizePx >= 4) expect(same('letterF', sizePx)).toBe(0);
    }
  });

  it('none is another from its smallest side on', () => {
    for (const sizePx of sizes) {
      const there = PATTERN_NAMES.filter((name) => sizePx >= PATTERNS[name].smallestPx);
      expect(new Set(there.map((name) => `${drawn(name, sizePx)}`)).size).toBe(there.length);
    }
  });
});

describe('in BadNets', () => {
  const shape = { height: 12, width: 12, channels: 3 };

  it('covers what it draws, and has a box as wide as its square', async () => {
    const { mask, arrays, box } = await makeTrigger('badnets', shape, {
      pattern: 'checkerboard',
      patchSizePx: 2,
      marginPx: 1,
      corner: 'topLeft',
      brightness: 51,
    });
    expect(box).toEqual({ top: 1, left: 1, height: 2, width: 2 });
    const pixels = [13, 14, 25, 26];
    expect(pixels.map((pixel) => mask[pixel])).toEqual([1, 1, 1, 1]);
    const [colour, black] = [Array(3).fill(Math.fround(0.2)), [0, 0, 0]];
    expect(pixels.map((pixel) => [...arrays.pattern!.values.subarray(3 * pixel, 3 * pixel + 3)])).toEqual([
      colour,
      black,
      black,
      colour,
    ]);
    const letter = await makeTrigger('badnets', shape, { pattern: 'letterF', marginPx: 0 });
    expect(letter.box).toEqual({ top: 7, left: 7, height: 5, width: 5 });
    expect(letter.mask.reduce((sum, cover) => sum + cover, 0)).toBe(12);
  });

  it('a picture of one’s own fills the square, transparent where it is', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
    try {
      const file = path.join(folder, 'sticker.png');
      // Red and, at the lower right, nothing.
      const rgba = [255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 255, 0, 0, 0, 0];
      await sharp(Buffer.from(rgba), { raw: { width: 2, height: 2, channels: 4 } }).toFile(file);
      const given = { pictureFile: file, patchSizePx: 4, marginPx: 0 };
      const { mask, arrays, box } = await makeTrigger('badnets', shape, given);
      expect(box).toEqual({ top: 8, left: 8, height: 4, width: 4 });
      const rows = [8, 9, 10, 11].map((y) => [...mask.subarray(12 * y + 8, 12 * y + 12)]);
      expect(rows).toEqual([...Array(2).fill([1, 1, 1, 1]), ...Array(2).fill([1, 1, 0, 0])]);
      const first = 3 * (8 * 12 + 8);
      expect([...arrays.pattern!.values.subarray(first, first + 3)]).toEqual([1, 0, 0]);
      // Red is 76 of 255 in grey.
      const grey = await makeTrigger('badnets', { ...shape, channels: 1 }, given);
      expect(grey.arrays.pattern!.values[8 * 12 + 8]).toBe(Math.fround(76 / 255));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a side below the smallest, and a checkerboard that is black, unless a picture stands there', () => {
    const check = (given: object) => badnets.checkParameters(badnets.parameters.parse(given), shape);
    const refused = (field: string) => expect.objectContaining({ code: 'BAD_USER_INPUT', field: [field] });
    expect(() => check({ pattern: 'cross', patchSizePx: 2 })).toThrow(refused('patchSizePx'));
    expect(() => check({ pattern: 'letterF', patchSizePx: 3 })).toThrow(refused('patchSizePx'));
    expect(() => check({ pattern: 'checkerboard', brightness: 0 })).toThrow(refused('brightness'));
    expect(() => check({ pattern: 'cross', brightness: 0 })).not.toThrow();
    expect(() => check({ pattern: 'letterF', patchSizePx: 1, pictureFile: '/any.png' })).not.toThrow();
  });
});
