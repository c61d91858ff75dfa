import { useState } from 'react';
import type { SweepCurve } from '../../graphql/fragments';
import classes from './CurveGrid.module.css';
import { CurvePanel } from './CurvePanel';

interface CurveGridProps {
  sweeps: readonly SweepCurve[];
  /** The transforms' ids from left to right; by first appearance when left out. */
  order?: readonly string[];
}

/** Small multiples of one model's sweeps: a row for the trigger, one for the image, a column for each transform. */
export function CurveGrid({ sweeps, order }: CurveGridProps) {
  // One crosshair for a column, so that trigger and image are read at the same value.
  const [hover, setHover] = useState<{ transform: string; value: number } | null>(null);
  const present = [...new Set<string>(sweeps.map(({ transform }) => transform.id))];
  const transforms = order ? order.filter((id) => present.includes(id)) : present;
  return (
    <div className={classes.grid}>
      {transforms.map((transform) => (
        <div key={transform} className={classes.transform}>
          {(['TRIGGER', 'IMAGE'] as const).map((target) => {
            const sweep = sweeps.find((one) => one.transform.id === transform && one.target === target);
            return (
              sweep && (
                <CurvePanel
                  key={sweep.id}
                  sweep={sweep}
                  hovered={hover?.transform === transform ? hover.value : null}
                  onHover={(value) => setHover(value === null ? null : { transform, value })}
                />
              )
            );
          })}
        </div>
      ))}
    </div>
  );
}
