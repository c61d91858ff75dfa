import { describe, expect, it } from 'vitest';
import { dark, light } from './palette';
import { seriesStyle, seriesStyles } from './series';

type Vector = readonly [number, number, number];

/** Linear red, green and blue of #rrggbb, 0..1. */
const linear = (colour: string): Vector =>
  [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as unknown as Vector;
const times = (matrix: readonly Vector[], [r, g, b]: Vector) =>
  matrix.map(([x, y, z]) => Math.min(1, Math.max(0, x * r + y * g + z * b))) as unknown as Vector;

/** How the colour-blind see, fully so: Machado, Oliveira and Fernandes (2009). */
const eyes: Record<string, readonly Vector[]> = {
  'full colour vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
};

/** CIELAB under D65. */
function lab(rgb: Vector): Vector {
  const [x, y, z] = times(
    [
      [0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047],
      [0.2126, 0.7152, 0.0722],
      [0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883],
    ],
    rgb,
  ).map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)) as unknown as Vector;
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
const luminance = (colour: string) => times([[0.2126, 0.7152, 0.0722]], linear(colour))[0];

describe.each([
  ['light', light],
  ['dark', dark],
] as const)('the first six series in %s colours', (scheme, palette) => {
  const colours = Array.from({ length: 6 }, (_, place) => seriesStyle(place).colour[scheme]);

  it.each(Object.entries(eyes))('stay apart for %s', (_, matrix) => {
    for (const [i, one] of colours.entries())
      for (const other of colours.slice(i + 1)) {
        const [a, b] = [one, other].map((colour) => lab(times(matrix, linear(colour))));
        // A just noticeable difference is about 2.3.
        expect(Math.hypot(...a!.map((value, at) => value - b![at]!)), `${one} and ${other}`).toBeGreaterThan(
          20,
        );
      }
  });
  it('can be seen on a panel', () => {
    for (const colour of colours) {
      const [dim, bright] = [luminance(colour), luminance(palette.surface)].sort((a, b) => a - b);
      expect((bright! + 0.05) / (dim! + 0.05)).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('a model’s style', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `mod_${i}`);
  it('does not depend on the order in which models are chosen', () => {
    expect(seriesStyles([...ids].reverse())).toEqual(seriesStyles(ids));
  });
  it('stays when a newer model joins', () => {
    const before = seriesStyles(['mod_1', 'mod_2']);
    const after = seriesStyles(['mod_1', 'mod_2', 'mod_3']);
    expect(after.get('mod_1')).toEqual(before.get('mod_1'));
  });
  it('is nobody else’s among six, and differs in more than colour among many', () => {
    const looks = (of: readonly string[]) =>
      new Set([...seriesStyles(of).values()].map((style) => JSON.stringify(style))).size;
    expect(looks(ids.slice(0, 6))).toBe(6);
    expect(looks(ids.slice(0, 21))).toBe(21);
  });
});
