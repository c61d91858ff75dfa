import { transformValue } from '../format/transformValue';
import { dark, type Palette } from '../theme/palette';
import type { SeriesStyle } from '../theme/series';
import { chartStyle, extent, type Figure, isWithin, type Size, thinned } from './chart';
import { Plot } from './plot';

/** One model's point at one value. */
export interface CurvePoint {
  id: string;
  value: number;
  asr: { value: number; low: number; high: number; denominator: number };
  /** ASR at the identity minus ASR here, on the same samples. */
  asrDrop: number;
  cleanAccuracy: { value: number };
  benignAccuracy: { value: number };
}
export interface Curve {
  modelId: string;
  style: SeriesStyle;
  /** In the order of their values. */
  points: readonly CurvePoint[];
}
export interface CurvesData {
  curves: readonly Curve[];
  /** All values of all curves. */
  values: readonly number[];
  /** The value that changes nothing. */
  identity: number;
  unit: string;
  /** What the value is called. */
  valueName: string;
  measure: 'asr' | 'drop';
  /** Wilson bands, and the clean accuracies dotted. Over many curves they would hide them. */
  bands: boolean;
  baselines: boolean;
}

/** What a curve shows at a point: ASR, or what of it the transform took. */
export const measured = ({ asr, asrDrop }: CurvePoint, measure: CurvesData['measure']) => {
  if (measure === 'asr') return asr;
  // The interval is the ASR's, seen from the identity.
  const before = asr.value + asrDrop;
  return { value: asrDrop, low: before - asr.high, high: before - asr.low };
};

/**
 * Several models' ASR over the values of one transform, as in the paper's Figs. 3 and 4: solid lines with their Wilson
 * bands, the clean accuracy dotted: of the trojaned model in its colour, of the benign one in black.
 */
export function curvesChart(
  { curves, values, identity, unit, valueName, measure, bands, baselines }: CurvesData,
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
  const domain = extent(values);
  const many = curves.length > 12;
  const lowest = Math.min(0, ...curves.flatMap(({ points }) => points.map(({ asrDrop }) => asrDrop)));
  const dotted = { strokeDasharray: '0.1 4', strokeLinecap: 'round' } as const;
  return Plot.plot({
    document,
    width,
    height,
    marginTop: 8,
    marginRight: 14,
    marginBottom: 38,
    marginLeft: 44,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { domain, label: null, inset: 8 },
    y: { domain: measure === 'asr' ? [0, 1] : [lowest, 1], label: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: palette.line, strokeOpacity: 1 }),
      Plot.ruleX([identity].filter(isWithin(domain)), { stroke: palette.lineStrong }),
      Plot.ruleY([0], { stroke: palette.lineStrong }),
      Plot.axisY({
        ticks: 4,
        tickSize: 0,
        tickFormat: (fraction: number) =>
          `${Math.round(fraction * 100)}\u202f${measure === 'asr' ? '%' : 'pp'}`.replace('-', '−'),
        fill: palette.inkFaint,
      }),
      Plot.axisX(thinned(values, width / 40), {
        tickSize: 4,
        stroke: palette.lineStrong,
        tickFormat: (value: number) => transformValue(value, unit),
        fill: palette.inkFaint,
        label: `${valueName} (${unit})`,
        labelAnchor: 'center',
        labelArrow: 'none',
        labelOffset: 34,
      }),
      ...(bands
        ? curves.map(({ points, style }) =>
            Plot.areaY(points, {
              x: 'value',
              y1: (point: CurvePoint) => measured(point, measure).low,
              y2: (point: CurvePoint) => measured(point, measure).high,
              fill: style.colour[scheme],
              fillOpacity: 0.14,
            }),
          )
        : []),
      ...(baselines && measure === 'asr'
        ? [
            ...curves.map(({ points, style }) =>
              Plot.lineY(points, {
                x: 'value',
                y: (point: CurvePoint) => point.cleanAccuracy.value,
                stroke: style.colour[scheme],
                strokeWidth: 1.5,
                ...dotted,
              }),
            ),
            ...curves.map(({ points }) =>
              Plot.lineY(points, {
                x: 'value',
                y: (point: CurvePoint) => point.benignAccuracy.value,
                stroke: palette.baseline,
                strokeWidth: 1.5,
                ...dotted,
              }),
            ),
          ]
        : []),
      // A mark for each dash, not for each curve: a hundred curves are a hundred elements.
      ...[...new Set(curves.map(({ style }) => style.dash))].map((strokeDasharray) =>
        Plot.line(
          curves.flatMap(({ modelId, style, points }) =>
            style.dash === strokeDasharray
              ? points.map((point) => ({ modelId, colour: style.colour[scheme], point }))
              : [],
          ),
          {
            x: ({ point }) => point.value,
            y: ({ point }) => measured(point, measure).value,
            z: 'modelId',
            stroke: 'colour',
            strokeWidth: many ? 1 : 2,
            strokeDasharray,
          },
        ),
      ),
      ...(many
        ? []
        : curves.map(({ points, style }) =>
            Plot.dot(points, {
              x: 'value',
              y: (point: CurvePoint) => measured(point, measure).value,
              r: 3.25,
              symbol: style.symbol,
              fill: style.colour[scheme],
              stroke: palette.surface,
              strokeWidth: 0.75,
            }),
          )),
    ],
  });
}
