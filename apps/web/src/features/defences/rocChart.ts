import { chartStyle, type Figure, Plot, type Size } from '../../charts/chart';
import { dark, type Palette } from '../../theme/palette';
import type { SeriesStyle } from '../../theme/series';
import type { RocPoint } from './detections';

export interface RocCurve {
  id: string;
  name: string;
  style: SeriesStyle;
  /** From flagging nothing to flagging all. */
  points: readonly RocPoint[];
}

const percent = (fraction: number) => `${Math.round(fraction * 100)}\u202f%`;

/** Trojaned images flagged over clean images flagged, a line for each detection; the diagonal is chance. */
export function rocChart(
  curves: readonly RocCurve[],
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
  const axis = { tickFormat: percent, fill: palette.inkFaint, labelArrow: 'none' } as const;
  return Plot.plot({
    document,
    width,
    height,
    marginTop: 24,
    marginRight: 18,
    marginBottom: 38,
    marginLeft: 48,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { domain: [0, 1], label: null, inset: 4 },
    y: { domain: [0, 1], label: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: palette.line, strokeOpacity: 1 }),
      Plot.ruleX([0], { stroke: palette.lineStrong }),
      Plot.ruleY([0], { stroke: palette.lineStrong }),
      Plot.axisY({ ...axis, ticks: 4, tickSize: 0, label: 'trojaned images flagged' }),
      Plot.axisX({
        ...axis,
        ticks: 5,
        tickSize: 4,
        stroke: palette.lineStrong,
        label: 'clean images flagged',
        labelAnchor: 'center',
        labelOffset: 34,
      }),
      Plot.line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: palette.lineStrong, strokeDasharray: '0.1 4', strokeLinecap: 'round', strokeWidth: 1.5 },
      ),
      ...curves.map(({ points, style }) =>
        Plot.line(points, {
          x: 'falsePositiveRate',
          y: 'truePositiveRate',
          stroke: style.colour[scheme],
          strokeDasharray: style.dash,
          strokeWidth: 2,
        }),
      ),
    ],
  });
}
