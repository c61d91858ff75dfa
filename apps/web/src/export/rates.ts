import { percent } from '../format/percent';
import type { Column } from './table';

interface NamedRate {
  name: string;
  rate: { value: number; numerator: number; denominator: number; low: number; high: number };
}

/** A rate as a line of a table, with what it was counted from and its interval. */
export const rateColumns: readonly Column<NamedRate>[] = [
  { title: 'measure', value: ({ name }) => name },
  {
    title: 'rate',
    value: ({ rate }) => rate.value,
    text: ({ rate }) => percent(rate.value, rate.denominator),
  },
  { title: 'of', value: ({ rate }) => rate.denominator },
  { title: 'hits', value: ({ rate }) => rate.numerator },
  {
    title: 'Wilson 95 % low',
    value: ({ rate }) => rate.low,
    text: ({ rate }) => percent(rate.low, rate.denominator),
  },
  {
    title: 'Wilson 95 % high',
    value: ({ rate }) => rate.high,
    text: ({ rate }) => percent(rate.high, rate.denominator),
  },
];
