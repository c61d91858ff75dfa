import type { SeriesStyle } from '../../theme/series';
import classes from './SeriesKey.module.css';

/** A short piece of a model's curve. */
export function SeriesKey({ style: { colour, dash } }: { style: SeriesStyle }) {
  return (
    <svg
      className={classes.key}
      viewBox="0 0 22 8"
      width="22"
      height="8"
      aria-hidden="true"
      style={{ '--series-light': colour.light, '--series-dark': colour.dark } as React.CSSProperties}
    >
      <line x1="1" x2="21" y1="4" y2="4" strokeDasharray={dash} />
    </svg>
  );
}
