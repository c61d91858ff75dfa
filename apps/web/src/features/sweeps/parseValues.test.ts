import { describe, expect, it } from 'vitest';
import { parseValues } from './parseValues';

describe('parseValues', () => {
  const angle = { minimum: -180, maximum: 180, unit: '°' };
  it('reads numbers apart by commas, semicolons or spaces', () => {
    expect(parseValues(' 0, 15;30  −45 ', angle)).toEqual({ values: [0, 15, 30, -45], error: null });
  });
  it('names the word that is no number', () => {
    expect(parseValues('0, 15°', angle)).toEqual({ values: null, error: '“15°” is not a number.' });
    expect(parseValues('0, Infinity', angle).error).toContain('Infinity');
  });
  it('names what is out of range, and what is there twice', () => {
    expect(parseValues('0, 181', angle).error).toBe('Expected values from −180 to 180 °; got 181.');
    expect(parseValues('0, 15, 15', angle).error).toBe('15 is there twice.');
  });
  it('asks for at least one', () => {
    expect(parseValues(' , ', angle).error).toBe('At least one value is needed.');
  });
});
