import { fullTitleOf, valueText } from '../../controls/schema';
import type { Table } from '../../export/table';
import { count } from '../../format/count';
import { duration } from '../../format/duration';
import { percent, percentagePoints } from '../../format/percent';
import { RateFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { glossary } from '../../lib/glossary';
import { targets, transformValue } from '../../lib/sweep';

export const ComparedFields = graphql(
  `
  fragment ComparedFields on Model {
    id
    name
    kind
    status
    width
    height
    dataset {
      title
    }
    architecture {
      title
    }
    benign {
      name
    }
    attack {
      title
    }
    attackParameters
    targetLabel {
      name
    }
    poison {
      rate
      effective
    }
    cleanAccuracy {
      ...RateFields
    }
    asr {
      ...RateFields
    }
    training {
      recipe
      durationSeconds
    }
    provenance {
      seed
      start
      version
      engine
    }
    curves {
      target
      transform {
        id
        title
        unit
        identity
      }
      points {
        value
        asr {
          value
        }
      }
    }
  }
`,
  [RateFields],
);
export const CompareQuery = graphql(
  `
  query Compare($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      ...ComparedFields
    }
  }
`,
  [ComparedFields],
);
export type ComparedModel = ResultOf<typeof ComparedFields>;

interface Cell {
  text: string;
  /** What differences are counted in; null where there is no number. */
  number: number | null;
}

export interface Row {
  group: 'Measures' | 'Mean ASR under transforms' | 'Attack' | 'Training';
  title: string;
  definition?: string;
  /** Which way is better, where one is; said beside the title. */
  better?: 'high' | 'low';
  /** A difference of two of its numbers, in words. */
  delta: (difference: number) => string;
  cells: readonly Cell[];
}

const plain = (difference: number) =>
  `${difference < 0 ? '−' : '+'}${Number(Math.abs(difference).toPrecision(3))}`;

/** What is known of some models, one property a row, a cell for each model. */
export function comparisonOf(models: readonly ComparedModel[]): Row[] {
  return [...measures(models), ...sharedCurves(models), ...attack(models), ...training(models)];
}

const row = (
  group: Row['group'],
  title: string,
  cells: readonly (Cell | string | number | null | undefined)[],
  rest: Partial<Row> = {},
): Row => ({ group, title, delta: plain, cells: cells.map(asCell), ...rest });

function asCell(cell: Cell | string | number | null | undefined): Cell {
  if (cell == null) return { text: '–', number: null };
  if (typeof cell === 'object') return cell;
  return typeof cell === 'number' ? { text: valueText(cell), number: cell } : { text: cell, number: null };
}

const rateCell = (rate: ComparedModel['asr']): Cell | null =>
  rate && { text: percent(rate.value, rate.denominator), number: rate.value };

function measures(models: readonly ComparedModel[]): Row[] {
  const group = 'Measures';
  return [
    row(
      group,
      'Clean accuracy',
      models.map(({ cleanAccuracy }) => rateCell(cleanAccuracy)),
      { definition: glossary.cleanAccuracy, better: 'high', delta: percentagePoints },
    ),
    row(
      group,
      'ASR',
      models.map(({ asr }) => rateCell(asr)),
      { definition: glossary.asr, better: 'high', delta: percentagePoints },
    ),
    row(
      group,
      'Training took',
      models.map(({ training: { durationSeconds: seconds } }) =>
        seconds === null ? null : { text: duration(seconds), number: seconds },
      ),
      { better: 'low', delta: (seconds) => `${seconds < 0 ? '−' : '+'}${duration(Math.abs(seconds))}` },
    ),
  ];
}

/** Mean ASR under each transform and target, over the values at which all models that have such a curve were measured. */
function sharedCurves(models: readonly ComparedModel[]): Row[] {
  const kinds = new Map<string, ComparedModel['curves'][number]>();
  for (const { curves } of models)
    for (const curve of curves) kinds.set(`${curve.transform.id} ${curve.target}`, curve);
  return [...kinds.values()].map(({ transform, target }) => {
    const curves = models.map((model) =>
      model.curves.find((curve) => curve.transform.id === transform.id && curve.target === target),
    );
    const swept = curves.filter((curve) => curve !== undefined);
    const values = (swept[0]?.points ?? [])
      .map(({ value }) => value)
      .filter(
        (value) =>
          value !== transform.identity &&
          swept.every(({ points }) => points.some((point) => point.value === value)),
      );
    const at = values.map((value) => transformValue(value, transform.unit)).join(', ');
    return row(
      'Mean ASR under transforms',
      `${transform.title} of the ${targets[target]}`,
      curves.map((curve) => {
        if (!curve || values.length === 0) return null;
        const rates = curve.points.filter(({ value }) => values.includes(value)).map(({ asr }) => asr.value);
        const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
        return { text: percent(mean), number: mean };
      }),
      {
        definition: at ? `Mean ASR at ${at}: the values that all of them share.` : 'They share no value.',
        better: 'high',
        delta: percentagePoints,
      },
    );
  });
}

function attack(models: readonly ComparedModel[]): Row[] {
  const group = 'Attack';
  return [
    row(
      group,
      'Attack',
      models.map(({ attack }) => attack?.title ?? 'none (benign)'),
    ),
    row(
      group,
      'Target label',
      models.map(({ targetLabel }) => targetLabel?.name),
    ),
    row(
      group,
      'Poison rate',
      models.map(({ poison }) => poison && { text: percent(poison.rate), number: poison.rate }),
      { definition: glossary.poison, delta: percentagePoints },
    ),
    row(
      group,
      'Images poisoned',
      models.map(({ poison }) =>
        poison?.effective == null ? null : { text: count(poison.effective), number: poison.effective },
      ),
    ),
    ...properties(
      group,
      models.map(({ attackParameters }) => attackParameters),
    ),
  ];
}

function training(models: readonly ComparedModel[]): Row[] {
  const group = 'Training';
  return [
    row(
      group,
      'Data set',
      models.map(({ dataset }) => dataset.title),
    ),
    row(
      group,
      'Network',
      models.map(({ architecture }) => architecture.title),
    ),
    row(
      group,
      'Images',
      models.map(({ width, height }) => `${width}×${height} px`),
    ),
    row(
      group,
      'Started from',
      models.map(({ provenance }) => (provenance.start === 'SCRATCH' ? 'random weights' : 'another model')),
    ),
    row(
      group,
      'Compared to',
      models.map(({ benign, attack }) => benign?.name ?? (attack && 'no benign model')),
    ),
    row(
      group,
      'Seed',
      models.map(({ provenance }) => provenance.seed),
    ),
    ...properties(
      group,
      models.map(({ training }) => training.recipe),
    ),
    row(
      group,
      'trojanscope',
      models.map(({ provenance }) => provenance.version),
    ),
    row(
      group,
      'Engine',
      models.map(({ provenance }) => provenance.engine),
    ),
  ];
}

/** A row for each property that any of some objects has. */
function properties(group: Row['group'], objects: readonly unknown[]): Row[] {
  const known = objects.map((object) => (object ?? {}) as Record<string, unknown>);
  return [...new Set(known.flatMap(Object.keys))].map((name) =>
    row(
      group,
      fullTitleOf(name),
      known.map(({ [name]: value }) =>
        value == null || typeof value === 'number' ? value : valueText(value),
      ),
    ),
  );
}

/** Whether the models differ in it. */
export const differs = ({ cells }: Row) => cells.some(({ text }) => text !== cells[0]!.text);

/** The columns with the best number; none where all are alike or no way is better. */
export function bestColumns({ better, cells }: Row): number[] {
  const numbers = cells.flatMap(({ number }) => (number === null ? [] : [number]));
  if (!better || new Set(numbers).size < 2) return [];
  const best = better === 'high' ? Math.max(...numbers) : Math.min(...numbers);
  return cells.flatMap(({ number }, column) => (number === best ? [column] : []));
}

/** How a cell differs from the baseline's; null for the baseline itself and where nothing can be said. */
export function deltaOf({ cells, delta }: Row, column: number, baseline: number): string | null {
  const [cell, base] = [cells[column]!, cells[baseline]!];
  if (column === baseline) return null;
  if (cell.text === base.text) return cell.text === '–' ? null : '=';
  if (cell.number === null || base.number === null) return cell.text === '–' ? null : 'differs';
  return delta(cell.number - base.number);
}

/** Rows as a table to take away: a column a model, then, where there is a baseline, how each other one differs from it. */
export function tableOfComparison(
  models: readonly Pick<ComparedModel, 'name'>[],
  rows: readonly Row[],
  baseline: number,
): Table {
  const others = baseline < 0 ? [] : [...models.keys()].filter((column) => column !== baseline);
  const deltas = (row: Row) => others.map((column) => deltaOf(row, column, baseline));
  return {
    columns: [
      'property',
      ...models.map(({ name }) => name),
      ...others.map((column) => `${models[column]!.name} against ${models[baseline]!.name}`),
    ],
    rows: rows.map((row) => [
      row.title,
      ...row.cells.map(({ text, number }) => number ?? (text === '–' ? null : text)),
      ...deltas(row),
    ]),
    texts: rows.map((row) => [
      row.title,
      ...row.cells.map(({ text }) => text),
      ...deltas(row).map((delta) => delta ?? '–'),
    ]),
  };
}
