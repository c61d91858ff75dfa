import { chartStyle, type Figure, Plot, type Size } from '../../charts/chart';
import { dark, type Palette } from '../../theme/palette';
import { bestOf, type PurifiedModel, type Purifier } from './purifiers';

const percent = (fraction: number) => `${Math.round(fraction * 100)}\u202f%`;
/** More names would hide one another. */
const MOST_NAMED = 6;

const x = ({ cleanAccuracy }: Purifier) => cleanAccuracy.value;
const y = ({ asr }: Purifier) => asr.value;

/**
 * What purifiers leave: ASR over clean accuracy, the lower and the further right the better. A line joins each model's front,
 * whose points are filled; what one would deploy is named.
 */
export function purifiersChart(
  models: readonly PurifiedModel[],
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
  const axis = { tickFormat: percent, fill: palette.inkFaint, labelArrow: 'none' } as const;
  const lowest = lowestOf(models);
  const dotsOf = (onFront: boolean) =>
    models.map(({ purifiers, style }) =>
      Plot.dot(
        purifiers.filter((one) => one.onFront === onFront),
        {
          x,
          y,
          r: onFront ? 4.5 : 3,
          symbol: style.symbol,
          fill: onFront ? style.colour[scheme] : palette.surface,
          stroke: onFront ? palette.surface : style.colour[scheme],
          strokeWidth: 1,
        },
      ),
    );
  const named = models.length > MOST_NAMED ? [] : models.flatMap((model) => bestOf(model) ?? []);
  const namesOf = (textAnchor: 'start' | 'end') =>
    Plot.text(
      named.filter((one) => (x(one) > (lowest + 1) / 2 ? 'end' : 'start') === textAnchor),
      {
        x,
        y,
        text: 'text',
        textAnchor,
        dx: textAnchor === 'end' ? -9 : 9,
        // Below it is what nothing reaches.
        dy: 20,
        fill: palette.ink,
        stroke: palette.surface,
        strokeWidth: 4,
      },
    );
  return Plot.plot({
    document,
    width,
    height,
    marginTop: 24,
    marginRight: 18,
    marginBottom: 38,
    marginLeft: 48,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { domain: [lowest, 1], label: null, inset: 8 },
    y: { domain: [0, 1], label: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: palette.line, strokeOpacity: 1 }),
      Plot.ruleY([0], { stroke: palette.lineStrong }),
      Plot.axisY({ ...axis, ticks: 4, tickSize: 0, label: 'attack success rate' }),
      Plot.axisX({
        ...axis,
        ticks: 5,
        tickSize: 4,
        stroke: palette.lineStrong,
        label: 'clean accuracy',
        labelAnchor: 'center',
        labelOffset: 34,
      }),
      ...models.map(({ purifiers, style }) =>
        Plot.line(
          purifiers.filter(({ onFront }) => onFront),
          { x, y, stroke: style.colour[scheme], strokeDasharray: style.dash, strokeWidth: 1.25 },
        ),
      ),
      ...dotsOf(false),
      ...dotsOf(true),
      namesOf('start'),
      namesOf('end'),
    ],
  });
}

/** Where the axis of clean accuracy begins: a full ten percent, and never so far up that there is hardly an axis. */
function lowestOf(models: readonly PurifiedModel[]): number {
  const values = models.flatMap(({ purifiers }) => purifiers.map(x));
  return Math.min(0.9, Math.floor(10 * Math.min(...values)) / 10);
}
