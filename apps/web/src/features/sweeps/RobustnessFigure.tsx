import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { type Figure, position } from '../../charts/chart';
import { percent } from '../../format/percent';
import type { Point, SweepCurve } from '../../graphql/fragments';
import { transformValue } from '../../lib/sweep';
import { PointTooltip } from './PointTooltip';
import classes from './RobustnessFigure.module.css';
import { robustnessChart } from './robustnessChart';

interface RobustnessFigureProps {
  label: string;
  sweep: Pick<SweepCurve, 'values' | 'transform'>;
  points: readonly Point[];
  height: number;
  /** A small multiple: no axis title, no handles. */
  small?: boolean;
  selectedId?: string | undefined;
  /** Makes the points buttons. */
  onSelect?: (pointId: string) => void;
  /** The value under the pointer, shared by panels of one transform. */
  hovered: number | null;
  onHover: (value: number | null) => void;
}

/** A robustness curve to read off: a crosshair with the numbers, and points to open. */
export function RobustnessFigure({
  label,
  sweep: { values, transform },
  points,
  height,
  small = false,
  selectedId,
  onSelect,
  hovered,
  onHover,
}: RobustnessFigureProps) {
  const [inside, setInside] = useState(false);
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) =>
      robustnessChart(
        {
          points,
          values,
          identity: transform.identity,
          unit: transform.unit,
          valueName: small ? null : transform.valueName,
          selectedId,
        },
        size,
        palette,
      ),
    [points, values, transform, small, selectedId],
  );
  const under = points.find((point) => point.value === hovered);
  const follow = (figure: Figure) => (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    onHover(nearest(figure, points, x)?.value ?? null);
    setInside(true);
  };
  const leave = () => {
    onHover(null);
    setInside(false);
  };
  return (
    <ChartFrame label={label} height={height} draw={draw}>
      {(figure, { width }) => (
        // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: the keyboard reaches the points themselves
        <div
          className={classes.overlay}
          onPointerMove={follow(figure)}
          onPointerLeave={leave}
          onClick={(event) => {
            const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
            const point = nearest(figure, points, x);
            if (point) onSelect?.(point.id);
          }}
        >
          {under && (
            <div
              className={classes.crosshair}
              style={{ left: position(figure, 'x', under.value) }}
              aria-hidden
            />
          )}
          {onSelect &&
            points.map((point) => (
              <button
                key={point.id}
                type="button"
                className={classes.handle}
                aria-pressed={point.id === selectedId}
                aria-label={`${readAloud(point, transform.unit)}. Show its samples`}
                style={{
                  left: position(figure, 'x', point.value),
                  top: position(figure, 'y', point.asr.value),
                }}
                onFocus={() => onHover(point.value)}
                onBlur={() => onHover(null)}
                onKeyDown={moveAmongPoints}
                onClick={(event) => {
                  event.stopPropagation();
                  onSelect(point.id);
                }}
              />
            ))}
          {under && (inside || onSelect) && (
            <PointTooltip
              point={under}
              unit={transform.unit}
              left={position(figure, 'x', under.value)}
              width={width}
            />
          )}
        </div>
      )}
    </ChartFrame>
  );
}

const readAloud = ({ value, asr, cleanAccuracy, benignModelAccuracy }: Point, unit: string) =>
  [
    `${transformValue(value, unit)}: ASR ${percent(asr.value, asr.denominator)}`,
    `clean accuracy ${percent(cleanAccuracy.value, cleanAccuracy.denominator)}`,
    benignModelAccuracy
      ? `clean baseline ${percent(benignModelAccuracy.value, benignModelAccuracy.denominator)}`
      : 'no benign model',
  ].join(', ');

function nearest(figure: Figure, points: readonly Point[], x: number): Point | undefined {
  let best: Point | undefined;
  let distance = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const away = Math.abs(position(figure, 'x', point.value) - x);
    if (away < distance) {
      best = point;
      distance = away;
    }
  }
  return best;
}

function moveAmongPoints(event: KeyboardEvent<HTMLButtonElement>) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const handles = [...(event.currentTarget.parentElement?.querySelectorAll('button') ?? [])];
  handles[handles.indexOf(event.currentTarget) + step]?.focus();
  event.preventDefault();
}
