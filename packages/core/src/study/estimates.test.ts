import { describe, expect, it, test } from 'vitest';
import { deviation, holm, mean, meanOf, minus, pairedDrop, rankCorrelation, share } from './estimates.js';

const rounded = ({ value, low, high }: { value: number; low: number; high: number }) =>
  [value, low, high].map((number) => Math.round(number * 1e4) / 1e4);

test('the difference of two shares is Newcombe’s: 56/70 and 48/80 give 0.2, from 0.0524 to 0.3339', () => {
  // Newcombe 1998 (Statistics in Medicine 17, 873–890), table II, method 10, example (a).
  expect(rounded(minus(share({ hits: 56, total: 70 }), share({ hits: 48, total: 80 })))).toEqual([
    0.2, 0.0524, 0.3339,
  ]);
});

describe('the paired drop', () => {
  it('is that of Agresti and Min, by hand: 150 lost and 86 gained of 1,600', () => {
    // (150 − 86) / 1602 = 0.039950; √(237 − 64² / 1602) / 1602 = 0.0095579; times 1.959964.
    expect(rounded(pairedDrop(150, 86, 1600))).toEqual([0.04, 0.0212, 0.0587]);
  });
  it('keeps a width where nothing changed, and never leaves −1..1', () => {
    const { value, low, high } = pairedDrop(0, 0, 1000);
    expect(value).toBe(0);
    expect(high).toBeCloseTo(1.959964 / 1002, 6);
    expect(low).toBeCloseTo(-high, 12);
    expect(pairedDrop(3, 0, 3).high).toBe(1);
    expect(pairedDrop(0, 0, 0)).toMatchObject({ low: -1, high: 1 });
  });
});

test('the mean of draws has Student’s interval', () => {
  // Deviation √((0.01 + 0 + 0.01) / 2) = 0.1; t at 0.975 with 2 degrees of freedom is 4.3027: 4.3027 · 0.1 / √3 = 0.2484.
  expect(deviation([0.4, 0.5, 0.6])).toBeCloseTo(0.1, 12);
  expect(rounded(mean([0.4, 0.5, 0.6]))).toEqual([0.5, 0.2516, 0.7484]);
  expect(mean([0.3])).toMatchObject({ value: 0.3, low: Number.NaN, high: Number.NaN });
  expect(mean([]).value).toBeNaN();
});

test('the mean of independent estimates reaches as far as the root of their squares over their number', () => {
  // 0.6 − 0.5 and 0.8 − 0.6: √(0.1² + 0.2²) / 2 = 0.1118; upwards √(0.2² + 0.1²) / 2, the same.
  const two = [
    { value: 0.6, low: 0.5, high: 0.8 },
    { value: 0.8, low: 0.6, high: 0.9 },
  ];
  expect(rounded(meanOf(two))).toEqual([0.7, 0.5882, 0.8118]);
  expect(meanOf(two.slice(1))).toEqual(two[1]);
});

test('Holm as R’s p.adjust has it, in the order given', () => {
  const close = (numbers: number[]) => numbers.map((number) => Math.round(number * 1e6) / 1e6);
  expect(close(holm([0.01, 0.02, 0.03, 0.04]))).toEqual([0.04, 0.06, 0.06, 0.06]);
  expect(close(holm([0.04, 0.001, 0.6]))).toEqual([0.08, 0.003, 0.6]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

test('rank correlation, ties sharing their rank', () => {
  expect(rankCorrelation([1, 2, 3], [10, 20, 90])).toBeCloseTo(1);
  expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
  // Ranks 0, 1, 2, 3 and 0, 1.5, 1.5, 3: 4.5 / √(5 · 4.5).
  expect(rankCorrelation([1, 2, 3, 4], [5, 6, 6, 7])).toBeCloseTo(4.5 / Math.sqrt(22.5));
  expect(rankCorrelation([1, 2], [3, 3])).toBeNaN();
});
