import { percent } from '../format/percent';
import type { Column } from './table';

interface CountedRate {
  value: number;
  numerator: number;
  denominator: number;
  low: number;
  high: number;
}
interface NamedRate {
  name: string;
  rate: CountedRate;
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

/** A rate as columns of a wider table: itself, and both ends of its interval. */
export const rateAcross = <Row>(
  title: string,
  of: (row: Row) => CountedRate | null | undefined,
): Column<Row>[] =>
  (
    [
      [title, 'value'],
      [`${title}, Wilson 95 % low`, 'low'],
      [`${title}, Wilson 95 % high`, 'high'],
    ] as const
  ).map(([heading, field]) => ({
    title: heading,
    value: (row) => of(row)?.[field] ?? null,
    text: (row) => {
      const rate = of(row);
      return rate ? percent(rate[field], rate.denominator) : '–';
    },
  }));
