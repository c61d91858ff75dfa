import { describe, expect, it } from 'vitest';
import { type Palette, palettes } from './palette';

/** Relative luminance of a colour #rrggbb (WCAG 2.2). */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(one: string, other: string): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright! + 0.05) / (dim! + 0.05);
}

const words: (keyof Palette)[] = [
  'ink',
  'inkSoft',
  'inkFaint',
  'link',
  'asrText',
  'rightText',
  'otherText',
  'good',
  'bad',
];
const marks: (keyof Palette)[] = ['asr', 'right', 'other', 'baseline'];

describe.each(Object.entries(palettes))('the %s palette', (_name, palette) => {
  it.each(words)('lets %s be read on every ground', (name) => {
    for (const ground of ['ground', 'surface', 'sunken', 'hover'] as const) {
      expect(contrast(palette[name], palette[ground])).toBeGreaterThanOrEqual(4.5);
    }
  });
  it.each(marks)('lets %s be seen in a chart', (name) => {
    expect(contrast(palette[name], palette.surface)).toBeGreaterThanOrEqual(3);
  });
});
