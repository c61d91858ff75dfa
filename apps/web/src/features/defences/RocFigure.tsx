import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from 'react';
import { ChartFrame } from '../../charts/ChartFrame';
import { ChartTooltip } from '../../charts/ChartTooltip';
import { type Figure, position } from '../../charts/chart';
import { percent } from '../../format/percent';
import { SeriesKey } from '../curves/SeriesKey';
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
            <Surface {...{ figure, places, label, onOpen }} looked={looked ?? open ?? null} onLook={look} />
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
      <ul className={classes.legend} aria-label="Legend">
        {curves.map(({ id, name, style }) => (
          <li key={id}>
            <SeriesKey style={style} />
            {name}
          </li>
        ))}
        <li>dotted: chance</li>
      </ul>
    </>
  );
}

/** A curve drawn over the others, with one of its points. */
function Lifted({ curve: { points, style }, point, figure }: Place & { figure: Figure }) {
  const colours = {
    '--series-light': style.colour.light,
    '--series-dark': style.colour.dark,
  } as React.CSSProperties;
  const x = (one: RocPoint) => position(figure, 'x', one.falsePositiveRate);
  const y = (one: RocPoint) => position(figure, 'y', one.truePositiveRate);
  return (
    <svg className={classes.over} aria-hidden="true" style={colours}>
      <polyline
        className={classes.line}
        points={points.map((one) => `${x(one)},${y(one)}`).join(' ')}
        strokeDasharray={style.dash}
      />
      <circle className={classes.dot} cx={x(point)} cy={y(point)} r={6} />
    </svg>
  );
}

interface SurfaceProps {
  figure: Figure;
  places: readonly Place[];
  label: string;
  looked: Place | null;
  onLook: (place: Place | null) => void;
  onOpen: RocFigureProps['onOpen'];
}

/** What pointer and keyboard touch: one button, however many points there are. */
function Surface({ figure, places, label, looked, onLook, onOpen }: SurfaceProps) {
  const said = useRef<HTMLSpanElement>(null);
  const nearest = (event: { currentTarget: HTMLElement; clientX: number; clientY: number }) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const away = ({ point }: Place) =>
      Math.hypot(
        position(figure, 'x', point.falsePositiveRate) - (event.clientX - left),
        position(figure, 'y', point.truePositiveRate) - (event.clientY - top),
      );
    return places.reduce<Place | null>((best, one) => (best && away(best) <= away(one) ? best : one), null);
  };
  const walk = (event: KeyboardEvent) => {
    const [along, across] = STEPS[event.key] ?? [];
    if (along === undefined || across === undefined) return;
    event.preventDefault();
    const next = looked ? neighbour(places, looked, along, across) : places[0];
    if (!next) return;
    onLook(next);
    if (said.current) said.current.textContent = readAloud(next);
  };
  return (
    <>
      <button
        type="button"
        className={classes.surface}
        aria-label={`${label}. Arrow keys walk the points, Enter opens the samples of one`}
        onPointerMove={(event) => onLook(nearest(event))}
        onPointerLeave={() => onLook(null)}
        onBlur={() => onLook(null)}
        onKeyDown={walk}
        onClick={(event) => {
          // Enter clicks where the arrow keys went, and has no place of its own.
          const place = event.detail === 0 ? looked : nearest(event);
          if (place) onOpen(place.curve.id, place.point.threshold!);
        }}
      />
      <span ref={said} className={classes.said} aria-live="polite" />
    </>
  );
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Along a curve, or to where the next one flags as many clean images. */
function neighbour(places: readonly Place[], from: Place, along: number, across: number): Place | undefined {
  const ofCurve = (curve: RocCurve | undefined) => places.filter((place) => place.curve === curve);
  const own = ofCurve(from.curve);
  const at = own.findIndex(({ point }) => point === from.point);
  if (along !== 0) return own[at + along];
  const curves = [...new Set(places.map(({ curve }) => curve))];
  const other = ofCurve(curves[curves.indexOf(from.curve) + across]);
  return other.find(({ point }) => point.falsePositiveRate >= from.point.falsePositiveRate) ?? other.at(-1);
}

const readAloud = ({ curve, point }: Place) =>
  `${curve.name}: ${percent(point.truePositiveRate)} of trojaned and ${percent(point.falsePositiveRate)} of clean images flagged`;
