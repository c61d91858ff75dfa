import { describe, expect, it } from 'vitest';
import { samplesOf, samplesText, transformValue } from './sweep';

describe('transformValue', () => {
  it('writes each unit the way people do', () => {
    expect(transformValue(45, '°')).toBe('45°');
    expect(transformValue(1.2, '×')).toBe('×1.2');
    expect(transformValue(2, 'px')).toBe('2\u202fpx');
    expect(transformValue(-0.30000000000000004, '°')).toBe('−0.3°');
  });
});

it('samples are told as used, with what was asked for where that is more', () => {
  const words = (samples: number, samplesUsed: number | null) => samplesText({ samples, samplesUsed });
  expect(words(1_000, 1_000)).toBe('1,000');
  expect(words(1_000, null)).toBe('1,000');
  expect(words(10_000, 375)).toBe('375 (10,000 asked for)');
  expect(samplesText({ samples: 10_000, samplesUsed: 375 }, ' samples a point')).toBe(
    '375 samples a point (10,000 asked for)',
  );
  expect(samplesOf({ samples: 10_000, samplesUsed: 375 })).toBe(375);
});
