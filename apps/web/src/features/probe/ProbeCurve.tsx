import { useCallback, useMemo } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { position } from '../../charts/chart';
import { percent } from '../../format/percent';
import { CurveFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { transformValue } from '../../lib/sweep';
import { Empty } from '../../ui/Empty';
import { robustnessChart } from '../sweeps/robustnessChart';
import classes from './ProbeCurve.module.css';

export const ProbeCurveQuery = graphql(
  `
  query ProbeCurve($modelId: ID!, $transform: TransformId!, $target: TransformTarget!) {
    robustnessCurves(filter: { modelIds: [$modelId], transform: $transform, target: $target }) {
      sweep {
        ...CurveFields
      }
    }
  }
`,
  [CurveFields],
);
type Sweep = ResultOf<typeof ProbeCurveQuery>['robustnessCurves'][number]['sweep'];
export type ProbeTarget = Sweep['target'];
export type ProbeTransform = Sweep['transform']['id'];

interface ProbeCurveProps {
  modelId: string;
  transform: ProbeTransform;
  target: ProbeTarget;
  value: number;
  onValue: (value: number) => void;
}

/** Where the probe stands on the model's curve. */
export function ProbeCurve({ modelId, transform, target, value, onValue }: ProbeCurveProps) {
  const { data } = useLiveQuery(ProbeCurveQuery, { modelId, transform, target });
  const sweep = data?.robustnessCurves[0]?.sweep;
  if (!data) return <div style={{ height: 190 }} />;
  if (!sweep) {
    return (
      <Empty>There is no finished sweep of this transform and target. The model’s page starts one.</Empty>
    );
  }
  return <Curve key={sweep.id} sweep={sweep} value={value} onValue={onValue} />;
}

function Curve({ sweep, value, onValue }: { sweep: Sweep; value: number; onValue: (value: number) => void }) {
  const { transform, values, curve } = sweep;
  const points = useMemo(() => [...curve.points].sort((a, b) => a.value - b.value), [curve.points]);
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) =>
      robustnessChart(
        { points, values, identity: transform.identity, unit: transform.unit, valueName: null },
        size,
        palette,
      ),
    [points, values, transform],
  );
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const asr = interpolated(points, value);
  return (
    <>
      <ChartFrame
        label={`ASR of this model over ${transform.valueName.toLowerCase()}`}
        height={190}
        draw={draw}
      >
        {(figure) =>
          value >= low && value <= high ? (
            <div
              className={classes.place}
              data-testid="place"
              style={{ left: position(figure, 'x', value) }}
              aria-hidden
            />
          ) : null
        }
      </ChartFrame>
      <p className={classes.words}>
        {asr === null
          ? `The sweep ends before ${transformValue(value, transform.unit)}.`
          : `ASR at ${transformValue(value, transform.unit)}: ${points.some((point) => point.value === value) ? '' : 'about '}${percent(asr, 100)}.`}{' '}
        {points.map((point) => (
          <button key={point.id} type="button" className={classes.value} onClick={() => onValue(point.value)}>
            {transformValue(point.value, transform.unit)}
          </button>
        ))}
      </p>
    </>
  );
}

/** Between two points of the sweep, along the line that is drawn. */
function interpolated(
  points: readonly { value: number; asr: { value: number } }[],
  value: number,
): number | null {
  const after = points.findIndex((point) => point.value >= value);
  const right = points[after];
  if (!right) return null;
  if (right.value === value) return right.asr.value;
  const left = points[after - 1];
  if (!left) return null;
  const share = (value - left.value) / (right.value - left.value);
  return left.asr.value + share * (right.asr.value - left.asr.value);
}
