import { useState } from 'react';
import { ValueStrip } from '../../controls/ValueStrip';
import type { Point, SweepCurve } from '../../graphql/fragments';
import { statuses } from '../../lib/statuses';
import { RobustnessFigure } from './RobustnessFigure';

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
      <ValueStrip
        values={values}
        unit={transform.unit}
        points={points}
        selectedId={selectedId}
        onSelect={onSelect}
        onHover={setHovered}
      />
    </>
  );
}
