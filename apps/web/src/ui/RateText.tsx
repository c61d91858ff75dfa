import { Tooltip } from '@mantine/core';
import { count } from '../format/count';
import { percent } from '../format/percent';
import type { Rate } from '../graphql/fragments';
import classes from './Term.module.css';

/** A rate in percent; what it was counted from and its interval on hover and focus. */
export function RateText({ rate }: { rate: Rate | null }) {
  if (!rate) return <span title="not known yet">–</span>;
  return (
    <Tooltip
      label={
        <>
          {count(rate.numerator)} of {count(rate.denominator)}; Wilson 95 %: {interval(rate)}.<br />
          {rate.definition}
        </>
      }
    >
      <button type="button" className={classes.term}>
        {percent(rate.value, rate.denominator)}
      </button>
    </Tooltip>
  );
}

/** The Wilson interval of a rate, in words. */
export const interval = ({ low, high, denominator }: Rate) =>
  `${percent(low, denominator)} to ${percent(high, denominator)}`;
