import type { Palette } from '../theme/palette';
import { chartStyle, Plot, type Size } from './chart';

interface Axis {
  label: string;
  /** Where it begins; all end at 100 %. */
  from?: number;
}

const percent = (fraction: number) => `${Math.round(fraction * 100)}\u202f%`;

/** The frame of a chart of one share over another: what `Plot.plot` is given beside the marks, and the marks below all others. */
export function sharesFrame(
  { x, y }: { x: Axis; y: Axis },
  { width, height }: Size,
  palette: Palette,
  document?: Document,
) {
  const axis = { tickFormat: percent, fill: palette.inkFaint, labelArrow: 'none' } as const;
  return {
    options: {
      document,
      width,
      height,
      marginTop: 24,
      marginRight: 18,
      marginBottom: 38,
      marginLeft: 48,
      style: { ...chartStyle, color: palette.inkFaint },
      x: { domain: [x.from ?? 0, 1], label: null, inset: 8 },
      y: { domain: [y.from ?? 0, 1], label: null },
    },
    marks: [
      Plot.gridY({ ticks: 4, stroke: palette.line, strokeOpacity: 1 }),
      Plot.ruleY([y.from ?? 0], { stroke: palette.lineStrong }),
      Plot.axisY({ ...axis, ticks: 4, tickSize: 0, label: y.label }),
      Plot.axisX({
        ...axis,
        ticks: 5,
        tickSize: 4,
        stroke: palette.lineStrong,
        label: x.label,
        labelAnchor: 'center',
        labelOffset: 34,
      }),
    ],
  };
}
