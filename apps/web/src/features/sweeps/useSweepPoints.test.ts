import { describe, expect, it } from 'vitest';
import type { Point } from '../../graphql/fragments';
import { mergePoints } from './useSweepPoints';

const aRate = (value: number) => ({ value, numerator: 0, denominator: 1, low: 0, high: 1, definition: '' });
const aPoint = (id: string, value: number): Point => ({
  id,
  value,
  asr: aRate(1),
  cleanAccuracy: aRate(1),
  benignModelAccuracy: aRate(1),
});

describe('mergePoints', () => {
  it('orders by value, whatever the order of arrival', () => {
    const merged = mergePoints([aPoint('c', 90)], [aPoint('b', 45), aPoint('a', 0)]);
    expect(merged.map(({ value }) => value)).toEqual([0, 45, 90]);
  });

  it('counts a point once that a reconnection sends again', () => {
    const first = mergePoints([], [aPoint('a', 0), aPoint('b', 15)]);
    const again = mergePoints(first, [aPoint('a', 0), aPoint('b', 15), aPoint('c', 30)]);
    expect(again.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });
});
