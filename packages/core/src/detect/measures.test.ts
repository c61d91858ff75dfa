import { describe, expect, it } from 'vitest';
import { createRandom } from '../lib/random.js';
import {
  aurocOf,
  cornersOf,
  jointly,
  measureScores,
  permuted,
  rocOf,
  type Scored,
  whyNoMeasures,
} from './measures.js';

/** Samples 0, 1, …, each with its trojaned and its clean image. */
const pairs = (trojaned: readonly number[], clean: readonly number[]): Scored[] => [
  ...trojaned.map((score, sample) => ({ score, sample, trojaned: true })),
  ...clean.map((score, sample) => ({ score, sample, trojaned: false })),
];

describe('AUROC', () => {
  it('is Mann and Whitney’s statistic, and its interval that of images in clusters', () => {
    // 3 beats 1, 2 and 0; each 2 beats 1 and 0 and equals 2: (3 + 2.5 + 2.5) / 9.
    const { value, low, high } = aurocOf(pairs([3, 2, 2], [1, 2, 0]));
    expect(value).toBeCloseTo(8 / 9, 12);
    // Of the samples' shares 4/54, −5/54 and 1/54 the variance is 42/54² · 3/2, and ln 8 ± 1.959964 · √that / (8/81).
    expect(low).toBeCloseTo(0.302074, 4);
    expect(high).toBeCloseTo(0.993283, 4);
  });

  it('is never sure: of images that are all told apart, or all alike, by how often chance would', () => {
    const up = Array.from({ length: 40 }, (_, i) => 100 + i);
    const down = up.map((score) => score - 100);
    // 0.025^(1/40)
    expect(aurocOf(pairs(up, down))).toEqual({ value: 1, low: expect.closeTo(0.911905, 5), high: 1 });
    expect(aurocOf(pairs(down, up))).toEqual({ value: 0, low: 0, high: expect.closeTo(0.088095, 5) });
    const same = aurocOf(
      pairs(
        up.map(() => 1),
        up.map(() => 1),
      ),
    );
    expect(same).toEqual({
      value: 0.5,
      low: expect.closeTo(0.455952, 5),
      high: expect.closeTo(0.544048, 5),
    });
  });

  it('covers what is so in 95 of 100 draws, of pairs that vary together too', () => {
    const random = createRandom(1);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
    let covered = 0;
    for (let draw = 0; draw < 400; draw++) {
      const shared = Array.from({ length: 60 }, normal);
      const { low, high } = aurocOf(
        pairs(
          shared.map((own) => own + normal() + Math.SQRT2),
          shared.map((own) => own + normal()),
        ),
      );
      // A clean and a trojaned image of different samples differ by √2 ± 2: Φ(1/√2) = 0.760250.
      covered += Number(low <= 0.76025 && 0.76025 <= high);
    }
    expect(covered / 400).toBeGreaterThan(0.92);
    expect(covered / 400).toBeLessThan(0.98);
  });

  it('comes to one half where labels are permuted', () => {
    const random = createRandom(7);
    const scores = Array.from({ length: 200 }, () => random.float());
    const images = pairs(
      scores.map((score) => score + 1),
      scores,
    );
    expect(aurocOf(images).value).toBe(1);
    const { low, high } = aurocOf(permuted(images, 1));
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
    expect(permuted(images, 1).filter(({ trojaned }) => trojaned)).toHaveLength(200);
    expect(permuted(images, 1)).toEqual(permuted(images, 1));
  });
});

it('a ROC has a point for each score, equal ones together', () => {
  expect(rocOf(pairs([3, 2, 2], [1, 2, 0]))).toEqual([
    { threshold: null, truePositives: 0, falsePositives: 0 },
    { threshold: 3, truePositives: 1, falsePositives: 0 },
    { threshold: 2, truePositives: 3, falsePositives: 1 },
    { threshold: 1, truePositives: 3, falsePositives: 2 },
    { threshold: 0, truePositives: 3, falsePositives: 3 },
  ]);
});

it('a ROC is drawn by its corners', () => {
  // Up, up, right, right: one corner between the ends.
  const roc = rocOf(pairs([4, 3], [2, 1]));
  expect(roc).toHaveLength(5);
  expect(cornersOf(roc)).toEqual([roc[0], roc[2], roc[4]]);
});

describe('a detector’s measures', () => {
  // Clean 0…99; trojaned 50…149: 100 clean images, of which the highest ten are 90…99.
  const clean = Array.from({ length: 100 }, (_, i) => i);
  const images = pairs(
    clean.map((score) => score + 50),
    clean,
  );

  it('are counts at thresholds with at most so many false positives', () => {
    const { at, trojaned, clean: cleanCount, auroc } = measureScores(images);
    expect([trojaned, cleanCount]).toEqual([100, 100]);
    // A trojaned 50 + i beats min(50 + i, 100) and equals one where 50 + i < 100: (Σ 50…99 + 50/2 + 50 · 100) / 10⁴.
    expect(auroc.value).toBeCloseTo(0.875, 12);
    expect(
      at.map(({ threshold, truePositives, falsePositives }) => [threshold, truePositives, falsePositives]),
    ).toEqual([
      [99, { hits: 51, total: 100 }, { hits: 1, total: 100 }],
      [95, { hits: 55, total: 100 }, { hits: 5, total: 100 }],
      [90, { hits: 60, total: 100 }, { hits: 10, total: 100 }],
    ]);
  });

  it('have thresholds from every other sample judged on the rest', () => {
    const [one, five] = measureScores(images).at;
    // 50 clean images of one half: one false positive is more than 1 % of them.
    expect(one!.heldOut).toBeNull();
    // Two of 0, 2, …, 98 are at most 5 %: 96 is the threshold, which of 1, 3, …, 99 flags 97 and 99, of 51, …, 149 27.
    expect(five!.heldOut).toEqual({
      threshold: 96,
      truePositives: { hits: 27, total: 50 },
      falsePositives: { hits: 2, total: 50 },
    });
  });

  it('flag nothing where the highest score is that of too many clean images', () => {
    const tied = pairs(
      clean.map(() => 1),
      clean.map((i) => Number(i < 20)),
    );
    for (const { threshold, truePositives, falsePositives } of measureScores(tied).at)
      expect([threshold, truePositives.hits, falsePositives.hits]).toEqual([null, 0, 0]);
  });

  it('leave out rates that there are too few clean images for, and are refused of nearly none', () => {
    const few = (count: number) => pairs(clean.slice(0, count), clean.slice(0, count));
    expect(measureScores(few(20)).at.map(({ falsePositiveRate }) => falsePositiveRate)).toEqual([0.05, 0.1]);
    expect(measureScores(few(10)).at.map(({ falsePositiveRate }) => falsePositiveRate)).toEqual([0.1]);
    expect(whyNoMeasures(few(9))).toMatch('9 trojaned and 9 clean images: expected at least 10 of each');
    expect(() => measureScores(few(9))).toThrow(RangeError);
  });
});

it('one of ten intervals that are to hold together is wider, as by hand', () => {
  // z of 99.5 % over that of 95 %: 2.80703 / 1.95996 = 1.43219; logit(0.6) = 0.405465, times that 0.580704.
  const { low, high } = jointly({ value: 0.5, low: 0.4, high: 0.6 }, 10);
  expect([low, high]).toEqual([expect.closeTo(0.35877, 4), expect.closeTo(0.64123, 4)]);
  const one = jointly({ value: 0.7, low: 0.6, high: 0.8 }, 1);
  expect(one.low).toBeCloseTo(0.6);
  // Where no variance is known there is nothing to widen.
  expect(jointly({ value: 1, low: 0.9, high: 1 }, 10)).toEqual({ value: 1, low: 0.9, high: 1 });
});
