import { expect, test } from 'vitest';
import { KIND_TITLES, kindOf } from './networkKinds';

test('each operator is of one kind, and an unknown one is drawn as well', () => {
  expect(['Conv', 'Relu', 'Add', 'ReduceMean', 'Reshape', 'constructor'].map(kindOf)).toEqual([
    'product',
    'activation',
    'join',
    'pool',
    'other',
    'other',
  ]);
  expect(new Set(Object.values(KIND_TITLES)).size).toBe(Object.keys(KIND_TITLES).length);
});
