import { describe, expect, it } from 'vitest';
import { bytes } from './bytes';
import { count, counted } from './count';
import { duration, secondsBetween } from './duration';
import { percent, percentagePoints } from './percent';
import { pValue } from './pValue';

describe('percent', () => {
  it('shows as many digits as the samples bear', () => {
    expect(percent(0.98765, 10_000)).toBe('98.77\u202f%');
    expect(percent(0.98765, 1_000)).toBe('98.8\u202f%');
    expect(percent(0.5, 10)).toBe('50\u202f%');
  });
  it('writes differences in percentage points, with their sign', () => {
    expect(percentagePoints(-0.789)).toBe('−78.9\u202fpp');
    expect(percentagePoints(0.021)).toBe('+2.1\u202fpp');
    expect(percentagePoints(0)).toBe('±0.0\u202fpp');
    expect(percentagePoints(-0.0001)).toBe('±0.0\u202fpp');
  });
});

describe('count', () => {
  it('groups thousands and counts words', () => {
    expect(count(60_000)).toBe('60,000');
    expect(counted(1, 'point')).toBe('1 point');
    expect(counted(1_000, 'point')).toBe('1,000 points');
  });
});

describe('duration', () => {
  it('keeps the two largest units', () => {
    expect(duration(0.2)).toBe('under 1 s');
    expect(duration(59.4)).toBe('59 s');
    expect(duration(59.6)).toBe('1 min 0 s');
    expect(duration(3_725)).toBe('1 h 2 min');
  });
  it('measures between two moments', () => {
    expect(secondsBetween('2026-01-01T00:00:00Z', '2026-01-01T00:01:30Z')).toBe(90);
  });
});

describe('pValue', () => {
  it('keeps the digits that mean something', () => {
    expect(pValue(1e-9)).toBe('< 0.0001');
    expect(pValue(0.0123)).toBe('0.012');
    expect(pValue(0.5)).toBe('0.500');
  });
});

it('bytes have two digits and a unit', () => {
  expect([0, 999, 1_000, 9_940, 560_000, 2_345_678_901].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '9.9 kB',
    '560 kB',
    '2.3 GB',
  ]);
});
