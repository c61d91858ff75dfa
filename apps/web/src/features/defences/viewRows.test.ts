import { expect, it } from 'vitest';
import { viewRows } from './viewRows';

type Id = 'noise' | 'blur' | 'rotation' | 'shrinkPad';
const step = (transform: Id | null, value = 1) => ({
  transform,
  value: transform && value,
  overlay: transform ? null : { index: 7 },
});
const shape = (steps: ReturnType<typeof step>[][]) =>
  viewRows(steps.map((steps) => ({ steps }))).map(({ title, views }) => [title, views.length]);

it('gives a row to each kind that is asked about four times or more', () => {
  const severities = (id: Id) => [1, 2, 3, 4, 5].map((value) => [step(id, value)]);
  expect(shape([[], ...severities('noise'), ...severities('shrinkPad')])).toEqual([
    [null, 1],
    ['Noise', 5],
    ['Shrink pad', 5],
  ]);
  // Piled up, the last one is what is new.
  const piled = severities('blur').map((_, i) => Array.from({ length: i + 1 }, () => step('blur')));
  expect(shape([[step('noise')], ...piled])).toEqual([
    [null, 1],
    ['Blur', 5],
  ]);
  expect(shape(Array.from({ length: 100 }, () => [step(null)]))).toEqual([
    ['Other images laid over it', 100],
  ]);
});

it('keeps few of each kind together, in their order', () => {
  const few = [[], [step('rotation')], [step('rotation')], [step('blur')], [step('rotation'), step('blur')]];
  expect(shape(few)).toEqual([[null, 5]]);
  expect(shape([])).toEqual([]);
});
