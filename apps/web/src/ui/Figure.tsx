import type { ReactNode } from 'react';
import { count } from '../format/count';
import { percent } from '../format/percent';
import type { Rate } from '../graphql/fragments';
import classes from './Figure.module.css';
import { interval } from './RateText';
import { Term } from './Term';

interface FigureProps {
  title: string;
  definition: string;
  children: ReactNode;
  /** What stands small below the number. */
  note?: ReactNode;
  tone?: 'asr' | 'right' | 'other';
}

/** One number that a page is about. */
export function Figure({ title, definition, children, note, tone }: FigureProps) {
  return (
    <div className={classes.figure} data-tone={tone}>
      <dt className={classes.title}>
        <Term definition={definition}>{title}</Term>
      </dt>
      <dd className={classes.value}>{children}</dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}

type RateFigureProps = Pick<FigureProps, 'title' | 'definition' | 'tone'> & {
  rate: Rate | null;
  /** Shown while there is no rate. */
  missing: string;
};

/** A rate as a figure: percent, what it was counted from, its interval. */
export function RateFigure({ rate, missing, definition, ...rest }: RateFigureProps) {
  if (!rate) {
    return (
      <Figure definition={definition} {...rest} note={missing}>
        –
      </Figure>
    );
  }
  return (
    <Figure
      {...rest}
      definition={`${rate.definition} ${definition}`}
      note={
        <>
          {count(rate.numerator)} / {count(rate.denominator)}
          <br />
          95 %: {interval(rate)}
        </>
      }
    >
      {percent(rate.value, rate.denominator)}
    </Figure>
  );
}
