import { type Figure, Plot, type Size } from '../../charts/chart';
import { sharesFrame } from '../../charts/sharesFrame';
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

/** Trojaned images flagged over clean images flagged, a line for each detection; the diagonal is chance. */
export function rocChart(
  curves: readonly RocCurve[],
  size: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
  const { options, marks } = sharesFrame(
    { x: { label: 'clean images flagged' }, y: { label: 'trojaned images flagged' } },
    size,
    palette,
    document,
  );
  return Plot.plot({
    ...options,
    marks: [
      ...marks,
      Plot.ruleX([0], { stroke: palette.lineStrong }),
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
