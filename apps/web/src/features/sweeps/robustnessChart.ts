import type { LineYOptions } from '@observablehq/plot';
import { chartStyle, extent, type Figure, isWithin, Plot, type Size, thinned } from '../../charts/chart';
import { transformValue } from '../../lib/sweep';
import type { Palette } from '../../theme/palette';

interface Interval {
  value: number;
  low: number;
  high: number;
}

/** One value of a sweep, as drawn. */
export interface RobustnessPoint {
  id: string;
  value: number;
  asr: Interval;
  cleanAccuracy: { value: number };
  /** Null where the model is compared with none. */
  benignModelAccuracy: { value: number } | null;
}

export interface RobustnessData {
  /** In the order of their values. */
  points: readonly RobustnessPoint[];
  /** All values asked for: the axis spans them before they are computed. */
  values: readonly number[];
  /** The value that changes nothing. */
  identity: number;
  unit: string;
  /** What the value is called; null leaves the axis to its ticks. */
  valueName: string | null;
  /** The point looked at, drawn as a ring. */
  selectedId?: string | undefined;
}

/**
 * ASR with its Wilson band over the values of a transform, with the clean accuracy of the benign model (dotted, as in the
 * paper's figures; none where there is no such model) and of the trojaned one (dashed). Small multiples leave out what
 * their neighbours already say.
 * Long for one function: one list of marks, in the order in which they are drawn over one another.
 */
export function robustnessChart(
  { points, values, identity, unit, valueName, selectedId }: RobustnessData,
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const large = valueName !== null;
  const domain = extent(values);
  const lineOf = (y: (point: RobustnessPoint) => number | undefined, options: LineYOptions) =>
    Plot.lineY(points, { x: 'value', y, curve: 'linear', ...options });
  // A line of one point is nothing to see: until the second comes, the clean lines are dots too.
  const lonely = points.length === 1 ? points : [];
  return Plot.plot({
    document,
    width,
    height,
    marginTop: large ? 16 : 8,
    marginRight: large ? 20 : 12,
    marginBottom: large ? 44 : 24,
    marginLeft: large ? 52 : 38,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { domain, label: null, inset: large ? 16 : 8 },
    y: { domain: [0, 1], label: null },
    marks: [
      Plot.gridY({ ticks: large ? 5 : 2, stroke: palette.line, strokeOpacity: 1 }),
      Plot.ruleX([identity].filter(isWithin(domain)), { stroke: palette.lineStrong, strokeWidth: 1 }),
      Plot.ruleY([0], { stroke: palette.lineStrong }),
      Plot.axisY({
        ticks: large ? 5 : 2,
        tickSize: 0,
        tickFormat: (fraction: number) => `${Math.round(fraction * 100)}\u202f%`,
        fill: palette.inkFaint,
      }),
      Plot.axisX(thinned(values, large ? width / 44 : width / 40), {
        tickSize: 4,
        stroke: palette.lineStrong,
        tickFormat: (value: number) => transformValue(value, unit),
        fill: palette.inkFaint,
        label: large ? `${valueName} (${unit})` : null,
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 40,
      }),
      large
        ? Plot.text([identity].filter(isWithin(domain)), {
            x: (value: number) => value,
            text: () => 'identity',
            frameAnchor: 'bottom',
            textAnchor: identity === domain[1] ? 'end' : 'start',
            dx: identity === domain[1] ? -5 : 5,
            dy: -5,
            fill: palette.inkFaint,
          })
        : null,
      Plot.areaY(points, {
        x: 'value',
        y1: (point: RobustnessPoint) => point.asr.low,
        y2: (point: RobustnessPoint) => point.asr.high,
        fill: palette.asr,
        fillOpacity: 0.18,
      }),
      lineOf((point) => point.cleanAccuracy.value, {
        stroke: palette.right,
        strokeWidth: large ? 1.75 : 1.4,
        strokeDasharray: '6 4',
      }),
      lineOf((point) => point.benignModelAccuracy?.value, {
        stroke: palette.baseline,
        strokeWidth: large ? 2 : 1.6,
        strokeDasharray: '0.1 4.5',
        strokeLinecap: 'round',
      }),
      lineOf((point) => point.asr.value, { stroke: palette.asr, strokeWidth: large ? 2.5 : 2 }),
      Plot.ruleX(points, {
        x: 'value',
        y1: (point: RobustnessPoint) => point.asr.low,
        y2: (point: RobustnessPoint) => point.asr.high,
        stroke: palette.asr,
        strokeWidth: 1.25,
      }),
      Plot.dot(lonely, { x: 'value', y: (point) => point.cleanAccuracy.value, r: 2, fill: palette.right }),
      Plot.dot(lonely, {
        x: 'value',
        y: (point) => point.benignModelAccuracy?.value,
        r: 1.4,
        fill: palette.baseline,
      }),
      Plot.dot(points, {
        x: 'value',
        y: (point: RobustnessPoint) => point.asr.value,
        r: large ? 4.5 : 2.75,
        fill: palette.asr,
        stroke: palette.surface,
        strokeWidth: large ? 1.5 : 1,
      }),
      Plot.dot(points, {
        filter: (point: RobustnessPoint) => point.id === selectedId,
        x: 'value',
        y: (point: RobustnessPoint) => point.asr.value,
        r: 9,
        stroke: palette.ink,
        strokeWidth: 1.75,
      }),
    ],
  });
}
