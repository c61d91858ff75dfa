import { describe, expect, it } from 'vitest';
import { transformValue } from './transformValue';

describe('transformValue', () => {
  it('writes each unit the way people do', () => {
    expect(transformValue(45, '°')).toBe('45°');
    expect(transformValue(1.2, '×')).toBe('×1.2');
    expect(transformValue(2, 'px')).toBe('2\u202fpx');
    expect(transformValue(-0.30000000000000004, '°')).toBe('−0.3°');
  });
});
