import { describe, expect, it } from 'vitest';
import { mcNemarExact, wilson95 } from './statistics.js';

describe('Wilson 95 %', () => {
  it('is as worked out with z = 1.959964', () => {
    // (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n) for 8 of 10: 0.49016, 0.94332.
    expect(wilson95(8, 10).low).toBeCloseTo(0.490162, 5);
    expect(wilson95(8, 10).high).toBeCloseTo(0.943318, 5);
    // For 0 of n the upper end is z² / (n + z²).
    expect(wilson95(0, 1000)).toEqual({ low: 0, high: expect.closeTo(3.841459 / 1003.841459, 6) });
    expect(wilson95(1000, 1000).high).toBe(1);
    expect(wilson95(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe('McNemar’s exact test', () => {
  it('is twice the binomial tail', () => {
    // 2 · (C(12,0) + C(12,1) + C(12,2)) / 2¹² = 2 · 79 / 4096
    expect(mcNemarExact(10, 2)).toBeCloseTo(158 / 4096, 10);
    expect(mcNemarExact(2, 10)).toBeCloseTo(158 / 4096, 10);
    expect(mcNemarExact(6, 0)).toBeCloseTo(2 / 64, 10);
  });
  it('never exceeds 1, and is 1 where nothing changed', () => {
    expect(mcNemarExact(5, 5)).toBe(1);
    expect(mcNemarExact(0, 0)).toBe(1);
  });
});
