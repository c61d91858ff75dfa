import { useCallback, useMemo } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { ChartOver } from '../../charts/ChartOver';
import { ChartSurface, nearestOf } from '../../charts/ChartSurface';
import { ChartTooltip } from '../../charts/ChartTooltip';
import { type Figure, position } from '../../charts/chart';
import { count } from '../../format/count';
import { percent, percentagePoints } from '../../format/percent';
import { transformValue } from '../../lib/sweep';
import classes from './CurvesFigure.module.css';
import { type CurvePoint, type CurvesData, curvesChart, measured } from './curvesChart';

/** A point of a model's curve that is looked at; `here` where the pointer is. */
export interface LookedAt {
  modelId: string;
  value: number;
}

interface CurvesFigureProps {
  label: string;
  data: CurvesData;
  names: ReadonlyMap<string, string>;
  height: number;
  /** In this panel, or in another of the same transform; the value is null in panels of other transforms. */
  lookedAt: { modelId: string; value: number | null } | null;
  onLook: (at: LookedAt | null) => void;
  onOpen: (pointId: string) => void;
}

/** Overlaid curves to read off: the nearest point with its numbers, the same model and value in its neighbours too. */
export function CurvesFigure({ label, data, names, height, lookedAt, onLook, onOpen }: CurvesFigureProps) {
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) => curvesChart(data, size, palette),
    [data],
  );
  const curve = lookedAt && data.curves.find(({ modelId }) => modelId === lookedAt.modelId);
  const point = curve?.points.find(({ value }) => value === lookedAt?.value);
  return (
    <div className={classes.figure} data-dimmed={(curve && data.curves.length > 1) || undefined}>
      <ChartFrame label={label} height={height} draw={draw}>
        {(figure, { width }) => (
          <>
            {curve && (
              <ChartOver colour={curve.style.colour}>
                <polyline
                  points={curve.points
                    .map((one) => `${position(figure, 'x', one.value)},${y(figure, one, data)}`)
                    .join(' ')}
                  className={classes.line}
                  strokeDasharray={curve.style.dash}
                />
                {curve.points.map((one) => (
                  <circle
                    key={one.id}
                    cx={position(figure, 'x', one.value)}
                    cy={y(figure, one, data)}
                    r={one === point ? 6 : 3.25}
                    className={classes.dot}
                  />
                ))}
              </ChartOver>
            )}
            {lookedAt?.value != null && (
              <div
                className={classes.crosshair}
                style={{ left: position(figure, 'x', lookedAt.value) }}
                aria-hidden
              />
            )}
            <Surface {...{ figure, data, names, label, lookedAt, onLook, onOpen }} />
            {lookedAt && point && (
              <Tooltip
                name={names.get(lookedAt.modelId) ?? ''}
                point={point}
                unit={data.unit}
                left={position(figure, 'x', point.value)}
                width={width}
              />
            )}
          </>
        )}
      </ChartFrame>
    </div>
  );
}

const y = (figure: Figure, point: CurvePoint, { measure }: CurvesData) =>
  position(figure, 'y', measured(point, measure).value);

type SurfaceProps = Omit<CurvesFigureProps, 'height'> & { figure: Figure };

/** Points to the pixel, with what is said of them. */
function Surface({ figure, data, names, label, lookedAt, onLook, onOpen }: SurfaceProps) {
  const places = useMemo(
    () =>
      data.curves.flatMap(({ modelId, points }) =>
        points.map((point) => ({
          modelId,
          point,
          x: position(figure, 'x', point.value),
          y: y(figure, point, data),
        })),
      ),
    [figure, data],
  );
  return (
    <ChartSurface<Place>
      label={label}
      opens="the samples of one"
      first={places[0]}
      looked={places.find(
        ({ modelId, point }) => modelId === lookedAt?.modelId && point.value === lookedAt.value,
      )}
      // Along the values first: between two of them one wants the nearer, and there the nearest model.
      nearest={(px, py) => nearestOf(places, ({ x, y }) => 4 * Math.abs(x - px) + Math.abs(y - py))}
      next={(from, along, up) => neighbour(places, from, [along, up])}
      readAloud={({ modelId, point }) => readAloud(point, data, names.get(modelId) ?? '')}
      onLook={(place) => onLook(place && { modelId: place.modelId, value: place.point.value })}
      onOpen={({ point }) => onOpen(point.id)}
    />
  );
}

interface Place {
  modelId: string;
  point: CurvePoint;
  x: number;
  y: number;
}

/** Left and right along a curve; up and down to the next model at the same value. */
function neighbour(places: readonly Place[], from: Place, [across, up]: [number, number]): Place | undefined {
  if (across !== 0) {
    const own = places.filter(({ modelId }) => modelId === from.modelId);
    return own[own.indexOf(from) + across];
  }
  const column = places
    .filter(({ point }) => point.value === from.point.value)
    .sort((a, b) => b.y - a.y || a.modelId.localeCompare(b.modelId));
  return column[column.indexOf(from) + up];
}

const readAloud = ({ value, asr }: CurvePoint, { unit }: CurvesData, name: string) =>
  `${name}, ${transformValue(value, unit)}: ASR ${percent(asr.value, asr.denominator)}`;

interface TooltipProps {
  name: string;
  point: CurvePoint;
  unit: string;
  left: number;
  width: number;
}

function Tooltip({ name, point, unit, left, width }: TooltipProps) {
  const { asr, asrDrop, cleanAccuracy, benignModelAccuracy, value } = point;
  const samples = asr.denominator;
  return (
    <ChartTooltip left={left} width={width}>
      <header>
        {name}, {transformValue(value, unit)}
      </header>
      <table>
        <tbody>
          <tr>
            <th scope="row">ASR</th>
            <td>{percent(asr.value, samples)}</td>
          </tr>
          <tr>
            <th scope="row">Wilson 95 %</th>
            <td>
              {percent(asr.low, samples)} – {percent(asr.high, samples)}
            </td>
          </tr>
          <tr>
            <th scope="row">against identity</th>
            <td>{percentagePoints(-asrDrop)}</td>
          </tr>
          <tr>
            <th scope="row">clean, trojaned model</th>
            <td>{percent(cleanAccuracy.value, samples)}</td>
          </tr>
          <tr>
            <th scope="row">clean, benign model</th>
            <td>{benignModelAccuracy ? percent(benignModelAccuracy.value, samples) : 'none'}</td>
          </tr>
        </tbody>
      </table>
      <footer>{count(samples)} samples; a click shows them</footer>
    </ChartTooltip>
  );
}
