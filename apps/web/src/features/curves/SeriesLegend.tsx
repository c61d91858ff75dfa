import { Legend } from '../../charts/Legend';
import type { SeriesStyle } from '../../theme/series';
import { SeriesKey } from './SeriesKey';

interface SeriesLegendProps {
  entries: readonly { id: string; name: string; style: SeriesStyle }[];
  /** What else is drawn, in words. */
  note: string;
}

/** Which line is what. */
export function SeriesLegend({ entries, note }: SeriesLegendProps) {
  return (
    <Legend below>
      {entries.map(({ id, name, style }) => (
        <li key={id}>
          <SeriesKey style={style} />
          {name}
        </li>
      ))}
      <li>{note}</li>
    </Legend>
  );
}
