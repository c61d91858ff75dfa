import { expect, it } from 'vitest';
import type { SaliencyScore } from '../explain/score.js';
import type { ExplainerId } from '../explainers/index.js';
import { type ComparedMap, compareMaps, pickCompared } from './comparison.js';

const score = (changes: Partial<SaliencyScore>): SaliencyScore => ({
  box: { top: 0, left: 0, height: 1, width: 1 },
  pointingHit: true,
  triggerEnergy: 0.5,
  chanceEnergy: 0.1,
  centreEnergy: 0.2,
  marginPx: 2,
  pointingNear: true,
  iou: 0.4,
  highlight: 0.5,
  rankAccuracy: 0.6,
  ...changes,
});
const map = (method: ExplainerId, position: number, defeated: boolean, changes = {}): ComparedMap => ({
  method,
  position,
  defeated,
  score: score(changes),
  faithfulness: { deletion: 0.2, insertion: 0.9, randomDeletion: 0.5, randomInsertion: 0.6 },
  completenessError: method === 'integratedGradients' ? position / 1_000 : null,
});

it('is over samples that all methods have explained on both images', () => {
  const both = (method: ExplainerId, position: number, changes = {}) => [
    map(method, position, false, changes),
    map(method, position, true),
  ];
  const { samples, rows } = compareMaps(
    [
      ...both('smoothGrad', 1),
      ...both('smoothGrad', 2, { pointingHit: false, triggerEnergy: 0.3 }),
      ...both('smoothGrad', 3),
      ...both('integratedGradients', 1),
      ...both('integratedGradients', 2),
      // On one image alone: sample 3 is left out.
      map('integratedGradients', 3, false),
    ],
    ['smoothGrad', 'integratedGradients'],
  );
  expect(samples).toBe(2);
  expect(rows.map(({ method, defeated }) => [method, defeated])).toEqual([
    ['smoothGrad', false],
    ['smoothGrad', true],
    ['integratedGradients', false],
    ['integratedGradients', true],
  ]);
  expect(rows[0]).toMatchObject({ pointing: { hits: 1, total: 2 }, pointingNear: { hits: 2, total: 2 } });
  // Of 0.5 and 0.3 the mean is 0.4, Student’s reach 12.7 · 0.1: more than there is.
  expect(rows[0]!.triggerEnergy!.value).toBeCloseTo(0.4);
  expect(rows[0]!.triggerEnergy!.high).toBe(1);
  expect(rows[0]!.deletionGain!.value).toBeCloseTo(0.3);
  expect(rows[0]!.insertionGain!.value).toBeCloseTo(0.3);
  expect(rows[0]!.completenessError).toBeNull();
  expect(rows[2]!.completenessError).toBe(0.002);
});

it('leaves out maps without a score, and says of how many a mean is', () => {
  const none = { ...map('occlusion', 2, false), score: null, faithfulness: null };
  const { rows } = compareMaps(
    [
      map('occlusion', 1, false),
      map('occlusion', 1, true, { pointingHit: null, triggerEnergy: null, iou: null, rankAccuracy: null }),
      none,
      map('occlusion', 2, true),
    ],
    ['occlusion'],
  );
  expect(rows[0]).toMatchObject({ pointing: { hits: 1, total: 1 }, iou: { maps: 1 }, deletion: { maps: 1 } });
  expect(rows[1]).toMatchObject({
    pointing: { hits: 1, total: 1 },
    chanceEnergy: { maps: 1 },
    rankAccuracy: { maps: 1 },
  });
  // A method that has not begun makes no sample whole.
  expect(
    compareMaps([map('occlusion', 1, false), map('occlusion', 1, true)], ['occlusion', 'gradCam']).samples,
  ).toBe(0);
});

it('is on samples that fire untransformed and whose label comes back', () => {
  const outcome = (position: number, kind: 'TARGET' | 'TRUTH' | 'OTHER', changes = {}) => ({
    position,
    sampleIndex: position,
    kind,
    identityKind: 'TARGET' as const,
    cleanRight: true,
    ...changes,
  });
  const outcomes = [
    outcome(0, 'TARGET'),
    outcome(1, 'TRUTH', { identityKind: 'TRUTH' }),
    outcome(2, 'TRUTH', { cleanRight: false }),
    outcome(3, 'TRUTH'),
    outcome(4, 'OTHER'),
    outcome(5, 'TRUTH'),
    outcome(6, 'TRUTH'),
  ];
  expect(pickCompared(outcomes, 2)).toEqual([3, 5]);
});
