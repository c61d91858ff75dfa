import { expect, it } from 'vitest';
import { countOutcomes, type PointOutcomes, type SweepSamples } from './outcomes.js';

it('counts outcomes by the definitions of Table 2 and Table 3', () => {
  // Seven samples, target 0. By sample: fires; back to truth; error; error but it never fired; error but its clean image
  // is taken wrong; fires only here, and so does its clean image; is of the target class itself.
  const samples: SweepSamples = {
    indices: Int32Array.of(10, 11, 12, 13, 14, 15, 16),
    trueLabels: Int32Array.of(1, 2, 3, 4, 5, 6, 0),
    cleanPredictions: Int32Array.of(1, 2, 3, 4, 9, 6, 0),
    identityPredictions: Int32Array.of(0, 0, 0, 4, 0, 6, 8),
  };
  const point: PointOutcomes = {
    predicted: Int32Array.of(0, 2, 8, 8, 8, 0, 8),
    confidences: new Float32Array(7).fill(1),
    visibleTrigger: Float32Array.of(1, 1, 0, 0, 0.5, 0.5, 0.5),
    cleanPredicted: Int32Array.of(1, 2, 3, 9, 9, 0, 0),
    cleanConfidences: new Float32Array(7).fill(1),
    benignPredicted: Int32Array.of(1, 2, 3, 4, 5, 9, 9),
    parameters: [],
  };
  expect(countOutcomes(samples, point, 0)).toEqual({
    samples: 7,
    target: 2,
    truth: 1,
    other: 4,
    cleanRight: 4,
    benignRight: 5,
    errors: 1,
    errorsOf: 3,
    cleanTarget: 1,
    cleanTargetOf: 6,
    lost: 3,
    gained: 1,
    visibleTrigger: expect.closeTo(0.5, 6),
  });
});
