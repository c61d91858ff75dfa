import { describe, expect, it } from 'vitest';
import {
  adapted,
  allFit,
  fullTitleOf,
  isNumbers,
  isThere,
  labelOf,
  namesIn,
  numbersIn,
  rangeOf,
  startOf,
  titleOf,
  valueText,
  wrongEnd,
  wrongWith,
} from './schema';

describe('a schema of parameters', () => {
  const rate = { type: 'number', exclusiveMinimum: 0, maximum: 0.9 };
  const schema = {
    properties: {
      sizePx: { type: 'integer', minimum: 1, maximum: 2_000, unit: 'px' },
      augmentation: { properties: { rate } },
    },
  };
  it('reads a list of numbers, and tells which of them does not do', () => {
    const turns = { type: 'array', items: { type: 'number', minimum: -180, maximum: 180 } };
    expect([isNumbers(turns), isNumbers({ type: 'array', items: { type: 'string' } })]).toEqual([
      true,
      false,
    ]);
    expect(numbersIn('−15, 15;2.5 x')).toEqual([-15, 15, 2.5, 'x']);
    expect(numbersIn(' ')).toEqual([]);
    expect(wrongWith(turns, [-15, 15])).toBeNull();
    expect(wrongWith(turns, [-15, 'x'])).toBe('Expected a number, −180 to 180; got x.');
    expect(wrongWith(turns, [181])).toBe('Expected a number, −180 to 180; got 181.');
    expect(valueText([-15, 15])).toBe('-15 15');
    expect(valueText([])).toBe('none');
  });
  it('tells what a value may be, and why one does not do', () => {
    expect(rangeOf(rate)).toBe('above 0 to 0.9');
    expect(rangeOf(schema.properties.sizePx)).toBe('1 to 2,000 px');
    expect(rangeOf({ minimum: 0, maximum: 2 ** 31 - 1 })).toBe('0 or more');
    expect(wrongWith(rate, 0)).toBe('Expected a number, above 0 to 0.9; got 0.');
    expect(wrongWith(schema.properties.sizePx, 1.5)).toBe('Expected a whole number, 1 to 2,000 px; got 1.5.');
    expect(wrongWith(rate, undefined)).toBeNull();
  });
  it('is looked through with its groups', () => {
    expect(namesIn(schema)).toEqual(['sizePx', 'augmentation', 'rate']);
    expect(allFit(schema, { sizePx: 5, augmentation: { rate: 0.5 } })).toBe(true);
    expect(allFit(schema, { augmentation: { rate: 1 } })).toBe(false);
  });
  it('of a group asks first for what it cannot do without; without that it says nothing', () => {
    const group = { properties: { target: {}, transforms: {} }, required: ['target'] };
    expect(Object.keys(startOf(group).properties!)).toEqual(['target']);
    expect(startOf(group, { target: 'ALL' })).toBe(group);
    expect([isThere(group, { transforms: [] }), isThere(group, { target: 'ALL' })]).toEqual([false, true]);
    expect([isThere({}, {}), isThere({}, { rate: 1 })]).toEqual([false, true]);
  });
  it('knows which ends a range may have, by its transform', () => {
    const list = { ranges: { scaling: { minimum: 0.1, maximum: 3, unit: '×' } } };
    const range = (from?: number, to?: number) => ({ transform: 'scaling', from, to });
    expect(wrongEnd(list, range(0.8, 0.9), 'from')).toBeNull();
    expect(wrongEnd(list, range(0.8, 4), 'to')).toBe('Expected a number, 0.1 to 3 ×; got 4.');
    expect(wrongEnd(list, range(0.8), 'to')).toBe('Expected a number.');
    expect(wrongEnd(list, range(0.8, 0.5), 'to')).toBe('Expected at least 0.8.');
    const fits = (...ranges: object[]) => allFit({ properties: { list } }, { list: ranges });
    expect([fits(), fits(range(0.8, 0.9)), fits(range(0.8, 0.9), range(1))]).toEqual([true, true, false]);
  });
  it('loses what there is no choice of, and gets defaults that follow from another choice', () => {
    const { properties } = adapted(schema, { sizePx: { default: 96 }, augmentation: null });
    expect(properties).toEqual({ sizePx: { ...schema.properties.sizePx, default: 96 } });
  });
  it('names parameters as people read them', () => {
    expect(['patchSizePx', 'TRUE_LABEL', 'rotationDeg'].map(titleOf)).toEqual([
      'Patch size',
      'True label',
      'Rotation',
    ]);
  });
  it('says a unit once', () => {
    expect([labelOf('epochs', 'epochs'), labelOf('brightness', '0–255'), fullTitleOf('patchSizePx')]).toEqual(
      ['Epochs', 'Brightness (0–255)', 'Patch size (px)'],
    );
  });
  it('shows values as words, and leaves what people wrote alone', () => {
    expect(
      ['bottomRight', 'TRUE_LABEL', '/srv/Cezanne', '', { scale: 0.1, mirror: true }].map(valueText),
    ).toEqual(['bottom right', 'true label', '/srv/Cezanne', 'none', 'scale 0.1, mirror yes']);
  });
});
