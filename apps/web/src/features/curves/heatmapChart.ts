import { chartStyle, type Figure, Plot, type Size } from '../../charts/chart';
import { transformValue } from '../../lib/sweep';
import type { Palette } from '../../theme/palette';

/** One transform of one target: some of the columns. */
export interface HeatmapGroup {
  key: string;
  title: string;
  unit: string;
  values: readonly number[];
}
export interface HeatmapCell {
  modelId: string;
  group: string;
  value: number;
  /** A fraction, 0..1; a drop may be below 0. */
  shown: number;
}
export interface HeatmapData {
  models: readonly { id: string; name: string }[];
  groups: readonly HeatmapGroup[];
  cells: readonly HeatmapCell[];
}

export const columnKey = (group: string, value: number) => `${group} ${value}`;

const ROW_PX = 22;
const TOP_PX = 56;
/** Of more models the cells' colours are compared; a number is what a cell says when it is looked at. */
const MOST_NUMBERED = 40;
/** What a heatmap of so many models is high. */
export const heatmapHeight = (models: number) => TOP_PX + 8 + models * ROW_PX;

/** A row for each model, a column for each value of each transform and target; the lighter, the more. */
export function heatmapChart(
  { models, groups, cells }: HeatmapData,
  { width, height }: Size,
  palette: Palette,
  document?: Document,
): Figure {
  // An empty column keeps two groups apart.
  const columns = groups.flatMap(({ key, values }, index) => [
    ...(index > 0 ? [`gap ${index}`] : []),
    ...values.map((value) => columnKey(key, value)),
  ]);
  const left = Math.min(180, width / 3);
  const wide = (width - left) / Math.max(1, columns.length);
  const ticks = groups.flatMap(({ key, unit, values }) =>
    values.map((value) => ({ x: columnKey(key, value), text: transformValue(value, unit) })),
  );
  const names = new Map(models.map(({ id, name }) => [id, name]));
  return Plot.plot({
    document,
    width,
    height,
    marginTop: TOP_PX,
    marginRight: 4,
    marginBottom: 8,
    marginLeft: left,
    style: { ...chartStyle, color: palette.inkFaint },
    x: { type: 'band', domain: columns, paddingInner: 0.06, paddingOuter: 0, axis: null },
    y: { type: 'band', domain: models.map(({ id }) => id), paddingInner: 0.08, axis: null },
    color: { type: 'linear', scheme: 'cividis', domain: [0, 1], clamp: true },
    marks: [
      Plot.text(models, {
        y: 'id',
        text: ({ name }: { name: string }) => cut(name, left / 6.6),
        frameAnchor: 'left',
        dx: -8,
        textAnchor: 'end',
        fill: palette.inkSoft,
        title: ({ id }: { id: string }) => names.get(id) ?? id,
      }),
      Plot.text(groups, {
        x: ({ key, values }: HeatmapGroup) => columnKey(key, values[0]!),
        text: ({ title, values }: HeatmapGroup) =>
          title
            .split(' of the ')
            .map((line) => cut(line, (wide * values.length) / 6))
            .join('\n'),
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: -wide / 2 + 1,
        dy: -TOP_PX + 4,
        lineAnchor: 'top',
        fontWeight: 600,
        fill: palette.inkSoft,
      }),
      Plot.text(
        ticks.filter((_, index) => index % Math.max(1, Math.ceil(30 / wide)) === 0),
        { x: 'x', text: 'text', frameAnchor: 'top', dy: -9, fontSize: 10, fill: palette.inkFaint },
      ),
      Plot.cell(cells, {
        x: ({ group, value }: HeatmapCell) => columnKey(group, value),
        y: 'modelId',
        fill: 'shown',
        inset: 0,
      }),
      wide >= 24 && models.length <= MOST_NUMBERED
        ? Plot.text(cells, {
            x: ({ group, value }: HeatmapCell) => columnKey(group, value),
            y: 'modelId',
            text: ({ shown }: HeatmapCell) => String(Math.round(shown * 100)).replace('-', '−'),
            // Cividis is dark below its middle, whatever the page is.
            fill: ({ shown }: HeatmapCell) => (shown < 0.55 ? '#ffffff' : '#000000'),
            fontSize: 10,
          })
        : null,
    ],
  });
}

/** As much of a text as there is room for. */
const cut = (text: string, letters: number) =>
  text.length <= letters ? text : `${text.slice(0, Math.max(1, Math.floor(letters) - 1))}…`;
