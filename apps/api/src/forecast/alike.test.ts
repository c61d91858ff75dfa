import type { ModelSpec } from '@trojanscope/core';
import { describe, expect, test } from 'vitest';
import { alikeKey, alikeOf, median } from './alike.js';

const spec = (changes: Partial<ModelSpec>) =>
  ({ dataset: 'mnist', architecture: 'lenet5', recipe: { epochs: 1, seed: 1 }, ...changes }) as ModelSpec;

describe('the median', () => {
  test.each([
    [[], null, null],
    [[3], 3, 3],
    [[20, 12], 16, 20],
    [[30, 9, 10], 10, 10],
    // As numbers, not as words.
    [[100, 9, 20, 30], 25, 30],
    [[Number.NaN, 5, Number.POSITIVE_INFINITY], 5, 5],
  ])('of %j is %s, or the greater %s', (numbers, mean, greater) => {
    expect(median(numbers)).toBe(mean);
    expect(median(numbers, 'GREATER')).toBe(greater);
  });

  test('leaves its numbers as they are', () => {
    const numbers = [2, 1];
    median(numbers);
    expect(numbers).toEqual([2, 1]);
  });
});

describe('models are alike', () => {
  test('whatever their training and trigger', () => {
    const other = spec({ recipe: { epochs: 7, seed: 2 } as never, backdoor: { attack: 'badnets' } as never });
    expect(alikeKey(other)).toBe(alikeKey(spec({})));
    expect(alikeOf(spec({}))).toEqual({ dataset: 'mnist', architecture: 'lenet5', sizePx: null });
  });

  test.each([{ dataset: 'gtsrb' }, { architecture: 'resnet18' }, { sizePx: 48 }])(
    'but not with another %j',
    (changes) => expect(alikeKey(spec(changes as never))).not.toBe(alikeKey(spec({}))),
  );
});
