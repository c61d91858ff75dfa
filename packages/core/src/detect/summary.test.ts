import { expect, it } from 'vitest';
import { type JudgedImage, summarize } from './summary.js';

/** Thirty samples of class 1, target 0: the trojaned images of the first `fired` fire, and score 2; else 0. */
const images = (fired: number, others: number): JudgedImage[] => {
  const one = (image: Partial<JudgedImage>): JudgedImage => ({
    kind: 'CLEAN',
    sampleIndex: 0,
    trueLabel: 1,
    predicted: 1,
    score: 0,
    benignScore: 0,
    ...image,
  });
  const clean = Array.from({ length: 30 }, (_, sampleIndex) => one({ sampleIndex, score: sampleIndex % 2 }));
  const trojaned = clean.map(({ sampleIndex }) =>
    one({
      kind: 'TROJANED',
      sampleIndex,
      predicted: sampleIndex < fired ? 0 : 1,
      score: sampleIndex < fired ? 2 : 0,
    }),
  );
  const redrawn = Array.from({ length: others }, (_, i) =>
    one({ kind: 'OTHER_CLEAN', sampleIndex: 100 + i, score: i % 2, benignScore: null }),
  );
  return [...clean, ...trojaned, ...redrawn];
};

it('measures all images, and those that fire or are right, with the floor and controls', () => {
  const { samples, others, measures, benign, controls } = summarize(images(20, 30), 0, 2);
  expect([samples, others]).toEqual([30, 30]);
  // Twenty score above all clean ones, ten equal half of them and are below the rest: (20 + 10 · 0.25) / 30.
  expect(measures.ALL).toMatchObject({ trojaned: 30, clean: 30, auroc: { value: 0.75 } });
  expect(measures.FIRED_AND_RIGHT).toMatchObject({ trojaned: 20, clean: 30, auroc: { value: 1 } });
  expect(benign!.ALL).toMatchObject({ auroc: { value: 0.5 } });
  // The same scores on either side.
  expect(controls.otherClean!.value).toBe(0.5);
  expect(controls.permuted!.low).toBeLessThan(0.5);
  expect(controls.permuted!.high).toBeGreaterThan(0.5);
});

it('says why where hardly any sample fires, and has no control of hardly any images', () => {
  const { measures, controls } = summarize(images(3, 4), 0, 1);
  expect(measures.FIRED_AND_RIGHT).toEqual({
    why: '3 trojaned and 30 clean images: expected at least 10 of each.',
  });
  expect(controls.otherClean).toBeNull();
});

it('has no floor without a benign model', () => {
  expect(
    summarize(
      images(20, 30).map((image) => ({ ...image, benignScore: null })),
      0,
      1,
    ).benign,
  ).toBeNull();
});
