import { glossary } from '../../lib/glossary';
import { Term } from '../../ui/Term';
import { FAINT } from './CurvesBoard';
import classes from './CurvesLegend.module.css';
import type { Overlay } from './overlay';
import { SeriesKey } from './SeriesKey';

interface CurvesLegendProps {
  overlay: Overlay;
  lifted: string | null;
  onLift: (modelId: string | null) => void;
  /** What the bands are; null while there are none. */
  bands: string | null;
  /** How the benign models' clean accuracy is drawn; null while no clean accuracy is. */
  baselines: string | null;
  /** Whether some lines are means of several seeds. */
  seeds: boolean;
}

/** Which line is which model; the one under the pointer is lifted out of the others. */
export function CurvesLegend({ overlay, lifted, onLift, bands, baselines, seeds }: CurvesLegendProps) {
  const { names, lines, styles } = overlay;
  return (
    <ul className={classes.legend} aria-label="Legend">
      {[...lines].map(([id, line]) => (
        <li
          key={id}
          data-lifted={id === lifted || undefined}
          onPointerEnter={() => line === names.get(id) && onLift(id)}
          onPointerLeave={() => onLift(null)}
        >
          <SeriesKey style={styles.get(id)!} />
          {line}
        </li>
      ))}
      {seeds && <li className={classes.note}>{FAINT}</li>}
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
            clean accuracy: of the trojaned model in its colour, {baselines}
          </Term>
        </li>
      )}
    </ul>
  );
}
