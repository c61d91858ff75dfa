import type { SeriesStyle } from '../../theme/series';
import { SeriesKey } from './SeriesKey';
import classes from './SeriesLegend.module.css';

interface SeriesLegendProps {
  entries: readonly { id: string; name: string; style: SeriesStyle }[];
  /** What else is drawn, in words. */
  note: string;
}

/** Which line is what. */
export function SeriesLegend({ entries, note }: SeriesLegendProps) {
  return (
    <ul className={classes.legend} aria-label="Legend">
      {entries.map(({ id, name, style }) => (
        <li key={id}>
          <SeriesKey style={style} />
          {name}
        </li>
      ))}
      <li>{note}</li>
    </ul>
  );
}
