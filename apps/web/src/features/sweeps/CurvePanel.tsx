import { useRouter } from 'next/navigation';
import { percent } from '../../format/percent';
import type { Point, SweepCurve } from '../../graphql/fragments';
import { links } from '../../lib/links';
import { isUnfinished, statuses } from '../../lib/statuses';
import { targets, transformValue } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { StatusMark } from '../../ui/StatusMark';
import classes from './CurvePanel.module.css';
import { RobustnessFigure } from './RobustnessFigure';
import { SmallMultiple } from './SmallMultiple';
import { useSweepPoints } from './useSweepPoints';

interface CurvePanelProps {
  sweep: SweepCurve;
  hovered: number | null;
  onHover: (value: number | null) => void;
}

/** One small multiple: a sweep's curve, growing while it runs; opens the sweep. */
export function CurvePanel({ sweep, hovered, onHover }: CurvePanelProps) {
  const router = useRouter();
  const points = useSweepPoints(sweep);
  const { transform, target, status, values } = sweep;
  const title = `${transform.title} of the ${targets[target]}`;
  const open = (value: number | null) => {
    const point = points.find((one) => one.value === value);
    router.push(links.sweep(sweep.id, point && { point: point.id }));
  };
  return (
    <SmallMultiple
      transform={transform.id}
      target={target}
      title={<InternalLink href={links.sweep(sweep.id)}>{title}</InternalLink>}
      aside={
        <span className={classes.state}>
          {isUnfinished(status) && points.length > 0 ? (
            `${points.length} of ${values.length} points`
          ) : status === 'SUCCEEDED' ? (
            <Lowest points={points} unit={transform.unit} />
          ) : (
            <StatusMark status={status} />
          )}
        </span>
      }
    >
      {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: a shortcut for the pointer; the title is the link */}
      <div className={classes.chart} onClick={() => open(hovered)}>
        <RobustnessFigure
          label={`${title}: ${points.length} of ${values.length} points, ${statuses[status]}`}
          sweep={sweep}
          points={points}
          height={154}
          small
          hovered={hovered}
          onHover={onHover}
        />
      </div>
    </SmallMultiple>
  );
}

/** Where the backdoor fires least. */
function Lowest({ points, unit }: { points: readonly Point[]; unit: string }) {
  const [first, ...rest] = points;
  if (!first) return null;
  const lowest = rest.reduce((least, point) => (point.asr.value < least.asr.value ? point : least), first);
  return (
    <>
      lowest ASR <strong>{percent(lowest.asr.value, lowest.asr.denominator)}</strong> at{' '}
      {transformValue(lowest.value, unit)}
    </>
  );
}
