import { percent } from '../format/percent';
import type { Point } from '../graphql/fragments';
import { transformValue } from '../lib/sweep';
import classes from './ValueStrip.module.css';

interface ValueStripProps {
  values: readonly number[];
  unit: string;
  points: readonly Point[];
  selectedId: string | undefined;
  onSelect: (pointId: string) => void;
  /** Called with the value under the pointer. */
  onHover?: (value: number | null) => void;
}

/** The values of a sweep to step through, each with its ASR. */
export function ValueStrip({ values, unit, points, selectedId, onSelect, onHover }: ValueStripProps) {
  return (
    <fieldset className={classes.strip}>
      <legend className={classes.legend}>Point</legend>
      {[...values]
        .sort((a, b) => a - b)
        .map((value) => {
          const point = points.find((one) => one.value === value);
          return (
            <button
              key={value}
              type="button"
              className={classes.value}
              disabled={!point}
              aria-pressed={point !== undefined && point.id === selectedId}
              onClick={() => point && onSelect(point.id)}
              onPointerEnter={() => onHover?.(value)}
              onPointerLeave={() => onHover?.(null)}
            >
              {transformValue(value, unit)}
              <span className={classes.asr}>
                {point ? percent(point.asr.value, point.asr.denominator) : '…'}
              </span>
            </button>
          );
        })}
    </fieldset>
  );
}
