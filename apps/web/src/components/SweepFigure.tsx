import { useState } from 'react';
import { RobustnessFigure } from '../charts/RobustnessFigure';
import { percent } from '../format/percent';
import { transformValue } from '../format/transformValue';
import type { Point, SweepCurve } from '../graphql/fragments';
import { statuses } from '../words/statuses';
import classes from './SweepFigure.module.css';

interface SweepFigureProps {
  sweep: SweepCurve;
  points: readonly Point[];
  selectedId: string | undefined;
  onSelect: (pointId: string) => void;
}

/** The curve of a sweep, large, with a strip of its values to step through. */
export function SweepFigure({ sweep, points, selectedId, onSelect }: SweepFigureProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const { transform, status, values } = sweep;
  const sorted = [...values].sort((a, b) => a - b);
  return (
    <>
      <RobustnessFigure
        label={`ASR over ${transform.valueName.toLowerCase()}: ${points.length} of ${values.length} points, ${statuses[status]}`}
        sweep={sweep}
        points={points}
        height={360}
        selectedId={selectedId}
        onSelect={onSelect}
        hovered={hovered}
        onHover={setHovered}
      />
      <fieldset className={classes.strip}>
        <legend className={classes.legend}>Point</legend>
        {sorted.map((value) => {
          const point = points.find((one) => one.value === value);
          return (
            <button
              key={value}
              type="button"
              className={classes.value}
              disabled={!point}
              aria-pressed={point !== undefined && point.id === selectedId}
              onClick={() => point && onSelect(point.id)}
              onPointerEnter={() => setHovered(value)}
              onPointerLeave={() => setHovered(null)}
            >
              {transformValue(value, transform.unit)}
              <span className={classes.asr}>
                {point ? percent(point.asr.value, point.asr.denominator) : '…'}
              </span>
            </button>
          );
        })}
      </fieldset>
    </>
  );
}
