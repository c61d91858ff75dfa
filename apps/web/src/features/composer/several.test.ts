import { expect, it } from 'vitest';
import { asValue, canShow, readTyped, severalOf, typed, wrongWithSeveral } from './several';

const size = { type: 'integer', minimum: 1, maximum: 64 };
const turns = { type: 'array', items: { type: 'number', minimum: -180, maximum: 180 } };

it('has one value alone, several in a list, and none as nothing', () => {
  expect([undefined, null, 3, [3, 5]].map((value) => severalOf(size, value))).toEqual([[], [], [3], [3, 5]]);
  expect([[], [3], [3, 5]].map(asValue)).toEqual([undefined, 3, [3, 5]]);
});

it('tells a list that is one value from a list of such', () => {
  expect(severalOf(turns, [-15, 15])).toEqual([[-15, 15]]);
  expect(severalOf(turns, [[-15, 15], [5]])).toEqual([[-15, 15], [5]]);
});

it('is read as it is typed', () => {
  expect(readTyped(size, '3, 5 7')).toEqual([3, 5, 7]);
  expect(readTyped(turns, '−15, 15; 5')).toEqual([[-15, 15], [5]]);
  expect(typed(turns, [[-15, 15], [5]])).toBe('-15, 15; 5');
});

it('says which of several does not do', () => {
  expect(wrongWithSeveral(size, [3, 5])).toBeNull();
  expect(wrongWithSeveral(size, [3, 300])).toBe('Expected a whole number, 1 to 64; got 300.');
  expect(wrongWithSeveral(size, [3, 3])).toBe('3 is there twice.');
  expect(wrongWithSeveral(turns, [[5], [200]])).toMatch(/got 200/);
});

it('shows what a field can hold, and leaves the rest to the text', () => {
  expect(canShow({ enum: ['a', 'b'] }, ['a', 'b'])).toBe(true);
  expect(canShow({ enum: ['a', 'b'] }, 'c')).toBe(false);
  expect(canShow({ type: 'boolean' }, [true, false])).toBe(true);
  expect(canShow({ type: 'string' }, ['one', 'two'])).toBe(false);
  expect(canShow(size, { from: 1 })).toBe(false);
  expect(canShow({ properties: {} }, undefined)).toBe(false);
});
