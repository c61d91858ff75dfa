import { expect, it } from 'vitest';
import { drawnOf } from './useDrawnCurves';

const detections = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `det_${i}` }));
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

it('draws all curves while they are few', () => {
  expect(drawnOf(detections(12), ['det_3'], undefined)).toHaveLength(12);
});

it('draws of many the newest, then those chosen, and always the one that is looked into', () => {
  const many = detections(50);
  expect(ids(drawnOf(many, null, undefined))).toEqual(ids(detections(12)));
  expect(ids(drawnOf(many, ['det_40', 'det_7'], undefined))).toEqual(['det_7', 'det_40']);
  expect(ids(drawnOf(many, ['det_7'], 'det_44'))).toEqual(['det_7', 'det_44']);
  // What was chosen among other models' is not here.
  expect(ids(drawnOf(many, ['det_of_another_model'], undefined))).toEqual(ids(detections(12)));
});
