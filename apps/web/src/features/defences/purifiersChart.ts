import { type Figure, Plot, type Size } from '../../charts/chart';
import { sharesFrame } from '../../charts/sharesFrame';
import { dark, type Palette } from '../../theme/palette';
import { bestOf, type PurifiedModel, type Purifier } from './purifiers';

const x = ({ cleanAccuracy }: Purifier) => cleanAccuracy.value;
const y = ({ asr }: Purifier) => asr.value;

/**
 * What purifiers leave: ASR over clean accuracy, the lower and the further right the better. A line joins each model's front,
 * whose points are filled; what one would deploy is named where it is of one model alone, since several names would lie over one
 * another.
 */
export function purifiersChart(
  models: readonly PurifiedModel[],
  size: Size,
  palette: Palette,
  document?: Document,
): Figure {
  const scheme = palette === dark ? 'dark' : 'light';
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
  const [only, ...others] = models;
  const best = only && others.length === 0 ? bestOf(only) : undefined;
  const name = best && {
    at: best,
    toTheLeft: x(best) > (lowest + 1) / 2,
    // Below it is what nothing reaches, but for the axis.
    below: y(best) > 0.2,
  };
  const { options, marks } = sharesFrame(
    { x: { label: 'clean accuracy', from: lowest }, y: { label: 'attack success rate' } },
    size,
    palette,
    document,
  );
  return Plot.plot({
    ...options,
    marks: [
      ...marks,
      ...models.map(({ purifiers, style }) =>
        Plot.line(
          purifiers.filter(({ onFront }) => onFront),
          { x, y, stroke: style.colour[scheme], strokeDasharray: style.dash, strokeWidth: 1.25 },
        ),
      ),
      ...dotsOf(false),
      ...dotsOf(true),
      ...(name
        ? [
            Plot.text([name.at], {
              x,
              y,
              text: 'text',
              textAnchor: name.toTheLeft ? 'end' : 'start',
              dx: name.toTheLeft ? -9 : 9,
              dy: name.below ? 20 : -12,
              fill: palette.ink,
              stroke: palette.surface,
              strokeWidth: 4,
            }),
          ]
        : []),
    ],
  });
}

/** Where the axis of clean accuracy begins: a full ten percent, and never so far up that there is hardly an axis. */
function lowestOf(models: readonly PurifiedModel[]): number {
  const values = models.flatMap(({ purifiers }) => purifiers.map(x));
  return Math.min(0.9, Math.floor(10 * Math.min(...values)) / 10);
}
