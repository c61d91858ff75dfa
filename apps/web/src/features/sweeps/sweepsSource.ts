import type { PanelSource } from '../../export/panelSource';
import { rateAcross } from '../../export/rates';
import { sheetSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
import { count } from '../../format/count';
import { CurveFields, type Point, type SweepCurve } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { statuses } from '../../lib/statuses';
import { samplesOf, targets, transformValue } from '../../lib/sweep';
import { light } from '../../theme/palette';
import { robustnessChart } from './robustnessChart';
import { type SweepOfRow, SweepsTableFields } from './SweepsTable';

const SweepsQuery = graphql(
  `
  query Sweeps($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...CurveFields
    }
  }
`,
  [CurveFields],
);

/** A sweep with the points that it has by now, in the order of their values. */
export interface DrawnSweep {
  sweep: SweepCurve;
  points: readonly Point[];
}
type Line = Point & Pick<DrawnSweep, 'sweep'>;

const columns: readonly Column<Line>[] = [
  { title: 'model', value: ({ sweep }) => sweep.model.name },
  { title: 'transform', value: ({ sweep }) => sweep.transform.title },
  { title: 'target', value: ({ sweep }) => targets[sweep.target] },
  {
    title: 'value',
    value: ({ value }) => value,
    text: ({ value, sweep }) => transformValue(value, sweep.transform.unit),
  },
  { title: 'samples', value: ({ asr }) => asr.denominator },
  ...rateAcross<Line>('ASR', ({ asr }) => asr),
  ...rateAcross<Line>('clean, trojaned', ({ cleanAccuracy }) => cleanAccuracy),
  ...rateAcross<Line>('clean, benign', ({ benignModelAccuracy }) => benignModelAccuracy),
];

/** Where the curves of some sweeps came from: point by point, and as the page draws them. */
export const sweepsSource = (title: string, drawn: readonly DrawnSweep[]): PanelSource => ({
  name: 'sweeps',
  query: SweepsQuery,
  variables: { ids: drawn.map(({ sweep }) => sweep.id) },
  table: () =>
    tableOf(
      drawn.flatMap(({ sweep, points }) => points.map((point) => ({ ...point, sweep }))),
      columns,
    ),
  picture: () =>
    sheetSvg(
      {
        title,
        columns: Math.min(3, drawn.length),
        size: drawn.length === 1 ? { width: 640, height: 360 } : { width: 320, height: 210 },
        legend: [
          { label: 'ASR', stroke: light.asr, kind: 'line' },
          { label: `band: Wilson 95 % interval${samplesWords(drawn)}`, stroke: light.asr, kind: 'area' },
          { label: 'clean accuracy, trojaned model', stroke: light.right, dash: '6 4', kind: 'line' },
          ...(drawn.some(({ sweep }) => sweep.model.benign)
            ? [
                {
                  label: 'clean baseline, benign model',
                  stroke: light.baseline,
                  dash: '0.1 4.5',
                  kind: 'line' as const,
                },
              ]
            : []),
        ],
        charts: drawn.map(({ sweep: { transform, target, values }, points }) => ({
          title: `${transform.title} of the ${targets[target]}`,
          draw: (size, palette, document) =>
            robustnessChart(
              {
                points,
                values,
                identity: transform.identity,
                unit: transform.unit,
                valueName: transform.valueName,
              },
              size,
              palette,
              document,
            ),
        })),
      },
      document,
    ),
});

/** How many samples a point has, where all sweeps agree. */
function samplesWords(drawn: readonly DrawnSweep[]): string {
  const numbers = new Set(drawn.map(({ sweep }) => samplesOf(sweep)));
  return numbers.size === 1 ? `, n = ${count([...numbers][0]!)}` : '';
}

const SweepListQuery = graphql(
  `
  query SweepList($modelId: ID!) {
    node(id: $modelId) {
      ... on Model {
        sweeps(first: 50) {
          nodes {
            ...SweepsTableFields
          }
        }
      }
    }
  }
`,
  [SweepsTableFields],
);
const listColumns: readonly Column<SweepOfRow>[] = [
  { title: 'transform', value: ({ transform }) => transform.title },
  { title: 'target', value: ({ target }) => targets[target] },
  { title: 'values', value: ({ values }) => values.join(' ') },
  { title: 'samples', value: ({ samplesUsed }) => samplesUsed },
  { title: 'samples asked for', value: ({ samples }) => samples },
  { title: 'seed', value: ({ seed }) => seed },
  { title: 'state', value: ({ status }) => statuses[status] },
  { title: 'made', value: ({ createdAt }) => createdAt },
];

/** Where the sweeps of a model came from, one a line; nothing where there are none. */
export const sweepListSource = (modelId: string, sweeps: readonly SweepOfRow[]): PanelSource | undefined =>
  sweeps.length === 0
    ? undefined
    : {
        name: 'sweeps',
        query: SweepListQuery,
        variables: { modelId },
        table: () => tableOf(sweeps, listColumns),
      };
