import { expect, it } from 'vitest';
import { all, markup, svgDocument } from '../../charts/testing/svgDocument';
import { dark, light } from '../../theme/palette';
import { seriesStyle } from '../../theme/series';
import type { PurifiedModel, Purifier } from './purifiers';
import { purifiersChart } from './purifiersChart';

const rate = (value: number) => ({
  value,
  numerator: 100 * value,
  denominator: 100,
  low: value,
  high: value,
  definition: '',
});
const purifier = (text: string, clean: number, asr: number, how: Partial<Purifier> = {}): Purifier => ({
  text,
  draws: 1,
  cost: 1 - clean,
  onFront: false,
  deployed: false,
  asr: rate(asr),
  cleanAccuracy: rate(clean),
  benignAccuracy: null,
  ...how,
});
const aModel = (place: number): PurifiedModel => ({
  id: `model-${place}`,
  name: `Model ${place}`,
  style: seriesStyle(place),
  purifiers: [
    purifier('nothing', 1, 1, { onFront: true }),
    purifier('blur 1 px', 0.95, 0.75),
    purifier('rotation 15 °', 0.9, 0.5, { onFront: true, deployed: true }),
    purifier('rotation 45 °', 0.6, 0, { onFront: true }),
  ],
});

// From 48 + 8 to 474 − 18 − 8 px across for 60 to 100 %, and from 262 − 38 up to 24 px: 392 by 200 px.
const size = { width: 474, height: 262 };
const draw = (models: PurifiedModel[], palette = light) =>
  purifiersChart(models, size, palette, svgDocument());
const paths = (figure: unknown) => all(figure, 'path').map(({ d }) => d);

it('joins the front, by clean accuracy and ASR', () => {
  // 100, 90 and 60 % of clean accuracy: the right end, a quarter of the way from it, and the left end.
  expect(paths(draw([aModel(0)]))).toContain('M448,24L350,124L56,224');
});

it('fills the points of the front alone', () => {
  const circles = all(draw([aModel(0)]), 'circle');
  expect(circles.map(({ r }) => Number(r)).sort()).toEqual([3, 4.5, 4.5, 4.5]);
  const text = markup(draw([aModel(0)], dark));
  expect(text).toContain(`fill="${dark.surface}"`);
  expect(text).toContain('#56b4e9');
});

it('names what one would deploy, of one model alone', () => {
  expect(markup(draw([aModel(0)]))).toContain('rotation 15 °');
  expect(markup(draw([aModel(0)]))).not.toContain('blur');
  expect(markup(draw([aModel(0), aModel(1)]))).not.toContain('rotation 15 °');
});
