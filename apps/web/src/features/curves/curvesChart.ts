import { chartStyle, extent, type Figure, isWithin, Plot, type Size, thinned } from '../../charts/chart';
import { transformValue } from '../../lib/sweep';
import { dark, type Palette } from '../../theme/palette';
import type { SeriesStyle } from '../../theme/series';

/** One model's point at one value. */
export interface CurvePoint {
  id: string;
  value: number;
  asr: { value: number; low: number; high: number; denominator: number };
  /** ASR at the identity minus ASR here, on the same samples. */
  asrDrop: number;
  cleanAccuracy: { value: number };
  /** Null where the model is compared with none. */
  benignModelAccuracy: { value: number } | null;
}
export interface Curve {
  modelId: string;
  style: SeriesStyle;
  /** In the order of their values. */
  points: readonly CurvePoint[];
}
export interface CurvesData {
  curves: readonly Curve[];
  /** Models that differ in their seed alone, of one style: faint lines behind their mean. Others are in none. */
  seedGroups: readonly (readonly string[])[];
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

/** The mean of some curves, at the values that all of them have. */
export function meanOf(curves: readonly Curve[], measure: CurvesData['measure']) {
  const [first, ...others] = curves;
  return (first?.points ?? []).flatMap((point) => {
    const same = others.map(({ points }) => points.find(({ value }) => value === point.value));
    if (same.includes(undefined)) return [];
    const all = [point, ...(same as CurvePoint[])].map((one) => measured(one, measure).value);
    return { value: point.value, mean: all.reduce((sum, value) => sum + value, 0) / all.length };
  });
}

/**
 * Several models' ASR over the values of one transform, as in the paper's Figs. 3 and 4: solid lines with their Wilson
 * bands, the clean accuracy dotted: of the trojaned model in its colour, of the benign one in black, where there is one.
 * Long for one function: one list of marks, in the order in which they are drawn over one another.
 */
export function curvesChart(
  { curves, seedGroups, values, identity, unit, valueName, measure, bands, baselines }: CurvesData,
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
  const domain = extent(values);
  const many = curves.length > 12;
  const lowest = Math.min(0, ...curves.flatMap(({ points }) => points.map(({ asrDrop }) => asrDrop)));
  const grouped = new Set(seedGroups.flat());
  const single = curves.filter(({ modelId }) => !grouped.has(modelId));
  const behind = curves.filter(({ modelId }) => grouped.has(modelId));
  const means = seedGroups.flatMap((ids) => {
    const seeds = curves.filter(({ modelId }) => ids.includes(modelId));
    return seeds[0] ? { style: seeds[0].style, points: meanOf(seeds, measure) } : [];
  });
  // A mark for each dash, not for each curve: a hundred curves are a hundred elements.
  const linesOf = (own: readonly Curve[], look: { strokeWidth: number; strokeOpacity?: number }) =>
    [...new Set(own.map(({ style }) => style.dash))].map((strokeDasharray) =>
      Plot.line(
        own.flatMap(({ modelId, style, points }) =>
          style.dash === strokeDasharray
            ? points.map((point) => ({ modelId, colour: style.colour[scheme], point }))
            : [],
        ),
        {
          x: ({ point }) => point.value,
          y: ({ point }) => measured(point, measure).value,
          z: 'modelId',
          stroke: 'colour',
          strokeDasharray,
          ...look,
        },
      ),
    );
  const dotsOf = <Point>(
    points: readonly Point[],
    style: SeriesStyle,
    y: string | ((point: Point) => number),
  ) =>
    Plot.dot(points, {
      x: 'value',
      y,
      r: 3.25,
      symbol: style.symbol,
      fill: style.colour[scheme],
      stroke: palette.surface,
      strokeWidth: 0.75,
    });
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
        ? single.map(({ points, style }) =>
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
                y: (point: CurvePoint) => point.benignModelAccuracy?.value,
                stroke: palette.baseline,
                strokeWidth: 1.5,
                ...dotted,
              }),
            ),
          ]
        : []),
      ...linesOf(behind, { strokeWidth: 1, strokeOpacity: 0.5 }),
      ...linesOf(single, { strokeWidth: many ? 1 : 2 }),
      ...means.map(({ points, style }) =>
        Plot.line(points, {
          x: 'value',
          y: 'mean',
          stroke: style.colour[scheme],
          strokeWidth: 2,
          strokeDasharray: style.dash,
        }),
      ),
      ...(many
        ? []
        : single.map(({ points, style }) =>
            dotsOf(points, style, (point: CurvePoint) => measured(point, measure).value),
          )),
      ...means.map(({ points, style }) => dotsOf(points, style, 'mean')),
    ],
  });
}
