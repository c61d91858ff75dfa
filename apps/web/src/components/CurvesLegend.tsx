import type { SeriesStyle } from '../theme/series';
import { glossary } from '../words/glossary';
import classes from './CurvesLegend.module.css';
import { SeriesKey } from './SeriesKey';
import { Term } from './Term';

interface CurvesLegendProps {
  names: ReadonlyMap<string, string>;
  styles: ReadonlyMap<string, SeriesStyle>;
  lifted: string | null;
  onLift: (modelId: string | null) => void;
  /** What the bands are; null while there are none. */
  bands: string | null;
  baselines: boolean;
}

/** Which line is which model; the one under the pointer is lifted out of the others. */
export function CurvesLegend({ names, styles, lifted, onLift, bands, baselines }: CurvesLegendProps) {
  return (
    <ul className={classes.legend} aria-label="Legend">
      {[...names].map(([id, name]) => (
        <li
          key={id}
          data-lifted={id === lifted || undefined}
          onPointerEnter={() => onLift(id)}
          onPointerLeave={() => onLift(null)}
        >
          <SeriesKey style={styles.get(id)!} />
          {name}
        </li>
      ))}
      {bands && (
        <li className={classes.note}>
          <span className={classes.band} aria-hidden />
          <Term definition={glossary.wilson}>{bands}</Term>
        </li>
      )}
      {baselines && (
        <li className={classes.note}>
          <span className={classes.dots} aria-hidden />
          <Term definition={`${glossary.trojanedClean} ${glossary.cleanBaseline}`}>
            clean accuracy: of the trojaned model in its colour, of the benign model without colour
          </Term>
        </li>
      )}
    </ul>
  );
}
