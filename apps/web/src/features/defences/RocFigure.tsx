import { useCallback, useMemo, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { ChartOver } from '../../charts/ChartOver';
import { ChartSurface, nearestOf } from '../../charts/ChartSurface';
import { ChartTooltip } from '../../charts/ChartTooltip';
import { type Figure, position } from '../../charts/chart';
import { percent } from '../../format/percent';
import { SeriesLegend } from '../curves/SeriesLegend';
import type { RocPoint } from './detections';
import classes from './RocFigure.module.css';
import { type RocCurve, rocChart } from './rocChart';

interface Place {
  curve: RocCurve;
  point: RocPoint;
}

interface RocFigureProps {
  curves: readonly RocCurve[];
  /** The point whose samples are shown. */
  selected: { id: string; threshold: number } | null;
  onOpen: (id: string, threshold: number) => void;
}

/** ROC curves over one another, to read off and to open the samples behind a point. */
export function RocFigure({ curves, selected, onOpen }: RocFigureProps) {
  const [looked, look] = useState<Place | null>(null);
  const draw = useCallback<Parameters<typeof ChartFrame>[0]['draw']>(
    (size, palette) => rocChart(curves, size, palette),
    [curves],
  );
  // Where nothing is flagged there is no threshold, and nothing to show.
  const places = useMemo(
    () =>
      curves.flatMap((curve) =>
        curve.points.flatMap((point) => (point.threshold === null ? [] : [{ curve, point }])),
      ),
    [curves],
  );
  const open = places.find(
    ({ curve, point }) => curve.id === selected?.id && point.threshold === selected.threshold,
  );
  const label = `ROC curves of ${curves.length} ${curves.length === 1 ? 'detection' : 'detections'}`;
  return (
    <>
      <ChartFrame label={label} height={420} draw={draw}>
        {(figure, { width }) => (
          <>
            {[open, looked].map(
              (place, at) =>
                place && <Lifted key={at === 0 ? 'open' : 'looked'} {...place} figure={figure} />,
            )}
            <ChartSurface<Place>
              label={label}
              opens="the samples of one"
              first={places[0]}
              looked={looked ?? open}
              nearest={(x, y) =>
                nearestOf(places, ({ point }) =>
                  Math.hypot(
                    position(figure, 'x', point.falsePositiveRate) - x,
                    position(figure, 'y', point.truePositiveRate) - y,
                  ),
                )
              }
              next={(from, along, up) => neighbour(places, from, along, up)}
              readAloud={readAloud}
              onLook={look}
              onOpen={({ curve, point }) => onOpen(curve.id, point.threshold!)}
            />
            {looked && (
              <ChartTooltip left={position(figure, 'x', looked.point.falsePositiveRate)} width={width}>
                <header>{looked.curve.name}</header>
                <table>
                  <tbody>
                    <tr>
                      <th scope="row">trojaned flagged</th>
                      <td>{percent(looked.point.truePositiveRate)}</td>
                    </tr>
                    <tr>
                      <th scope="row">clean flagged</th>
                      <td>{percent(looked.point.falsePositiveRate)}</td>
                    </tr>
                    <tr>
                      <th scope="row">score at least</th>
                      <td>{looked.point.threshold?.toPrecision(4)}</td>
                    </tr>
                  </tbody>
                </table>
                <footer>a click shows the samples</footer>
              </ChartTooltip>
            )}
          </>
        )}
      </ChartFrame>
      <SeriesLegend entries={curves} note="dotted: chance" />
    </>
  );
}

/** A curve drawn over the others, with one of its points. */
function Lifted({ curve: { points, style }, point, figure }: Place & { figure: Figure }) {
  const x = (one: RocPoint) => position(figure, 'x', one.falsePositiveRate);
  const y = (one: RocPoint) => position(figure, 'y', one.truePositiveRate);
  return (
    <ChartOver colour={style.colour}>
      <polyline
        className={classes.line}
        points={points.map((one) => `${x(one)},${y(one)}`).join(' ')}
        strokeDasharray={style.dash}
      />
      <circle className={classes.dot} cx={x(point)} cy={y(point)} r={6} />
    </ChartOver>
  );
}

/** Along a curve, or to where the next one flags as many clean images. */
function neighbour(places: readonly Place[], from: Place, along: number, up: number): Place | undefined {
  const ofCurve = (curve: RocCurve | undefined) => places.filter((place) => place.curve === curve);
  const own = ofCurve(from.curve);
  const at = own.findIndex(({ point }) => point === from.point);
  if (along !== 0) return own[at + along];
  const curves = [...new Set(places.map(({ curve }) => curve))];
  const other = ofCurve(curves[curves.indexOf(from.curve) - up]);
  return other.find(({ point }) => point.falsePositiveRate >= from.point.falsePositiveRate) ?? other.at(-1);
}

const readAloud = ({ curve, point }: Place) =>
  `${curve.name}: ${percent(point.truePositiveRate)} of trojaned and ${percent(point.falsePositiveRate)} of clean images flagged`;
