import { count } from '../../format/count';
import classes from './Composer.module.css';
import type { Grid } from './grid';

/** The grid in words, and how much of everything it is. */
export function GridSummary({ grid }: { grid: Grid }) {
  const { benign, trojaned, sweeps, detections, explained, jobs, words } = grid;
  const facts: [string, number][] = [
    ['Benign models', benign],
    ['Trojaned models', trojaned],
    ['Sweeps', sweeps],
    ['Detections', detections],
    ['Models explained', explained],
    ['Jobs in all', jobs],
  ];
  return (
    <>
      <p className={classes.words} role="status" aria-label="Grid">
        {words}
      </p>
      <dl className={classes.facts}>
        {facts.map(([name, number]) => (
          <div key={name} data-none={number === 0 || undefined}>
            <dt>{name}</dt>
            <dd>{count(number)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
