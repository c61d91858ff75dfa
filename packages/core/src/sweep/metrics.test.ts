import { describe, expect, it } from 'vitest';
import { mcNemarExact, wilson95 } from './metrics.js';
import { countOutcomes, type PointOutcomes, type SweepSamples } from './outcomes.js';

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

it('counts outcomes by the definitions of Table 2 and Table 3', () => {
  // Six samples, target 0. By sample: fires; back to truth; error; error but it never fired; error but its clean image
  // is taken wrong; fires only here.
  const samples: SweepSamples = {
    indices: Int32Array.of(10, 11, 12, 13, 14, 15),
    trueLabels: Int32Array.of(1, 2, 3, 4, 5, 6),
    cleanPredictions: Int32Array.of(1, 2, 3, 4, 9, 6),
    identityPredictions: Int32Array.of(0, 0, 0, 4, 0, 6),
  };
  const point: PointOutcomes = {
    predicted: Int32Array.of(0, 2, 8, 8, 8, 0),
    confidences: new Float32Array(6).fill(1),
    visibleTrigger: Float32Array.of(1, 1, 0, 0, 0.5, 0.5),
    cleanPredicted: Int32Array.of(1, 2, 3, 9, 9, 6),
    benignPredicted: Int32Array.of(1, 2, 3, 4, 5, 9),
    parameters: [],
  };
  expect(countOutcomes(samples, point, 0)).toEqual({
    samples: 6,
    target: 2,
    truth: 1,
    other: 3,
    cleanRight: 4,
    benignRight: 5,
    errors: 1,
    errorsOf: 3,
    lost: 3,
    gained: 1,
    visibleTrigger: expect.closeTo(0.5, 6),
  });
});
