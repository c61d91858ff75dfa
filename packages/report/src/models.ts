import { datasetInfoOf } from '@trojanscope/core/definitions';
import { type Count, type Series, share, sum, TABLE_2 } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { signed, text, titleOf, withInterval } from './words.js';

const RATES = ['clean', 'asr'] as const;
const RATE_TITLES = { clean: 'Clean accuracy', asr: 'ASR' };

/** Clean accuracy and ASR of every model. */
export function modelTable(all: readonly Series[]): Block[] {
  const rows = all.flatMap((series) => {
    const counts = countsOf(series);
    if (!counts) return [];
    const cells = RATES.flatMap((rate) => ownCells(counts[rate]));
    return [[datasetInfoOf(series.dataset).title, titleOf(series), ...cells]];
  });
  if (rows.length === 0) return [];
  const columns = ['Data', 'Model', ...RATES.flatMap((rate) => [RATE_TITLES[rate], 'by seed'])];
  return [{ kind: 'TABLE', caption: CAPTION, columns, rows }];
}

const CAPTION =
  'Over the whole test set: clean accuracy, and ASR over all images whose label is not the target';

/** Of the models that are trained, if any. */
function countsOf({ models }: Series): Record<(typeof RATES)[number], Count[]> | undefined {
  const records = models.flatMap(({ record }) => record ?? []);
  if (records.length === 0) return undefined;
  return { clean: records.map(({ clean }) => clean), asr: records.flatMap(({ asr }) => asr ?? []) };
}

function ownCells(counts: readonly Count[]): string[] {
  if (counts.length === 0) return ['–', '–'];
  const bySeed = counts.map(({ hits, total }) => ((100 * hits) / total).toFixed(2)).join(', ');
  return [withInterval(share(sum(counts))), counts.length > 1 ? bySeed : '–'];
}

/** The same beside the paper's (Table 2), and what is more than 2 points off. */
export function table2(all: readonly Series[]): Block[] {
  const rows = all.flatMap((series) => {
    const counts = countsOf(series);
    if (!counts) return [];
    const paper = TABLE_2[series.dataset]?.[series.attack ?? 'benign'];
    const cells = RATES.flatMap((rate) => {
      const own = ownCells(counts[rate]);
      const theirs = counts[rate].length > 0 ? paper?.[rate] : undefined;
      if (theirs === undefined) return [...own, '–', '–'];
      return [...own, `${theirs.toFixed(2)} %`, signed(100 * share(sum(counts[rate])).value - theirs)];
    });
    return [[datasetInfoOf(series.dataset).title, titleOf(series), ...cells]];
  });
  if (rows.length === 0) return [];
  const off = rows.flatMap((row) =>
    [
      [5, 'clean accuracy'],
      [9, 'ASR'],
    ].flatMap(([column, what]) => {
      const points = Number(row[column as number]!.replace('−', '-'));
      return Math.abs(points) > 2 ? [`${row[1]} on ${row[0]}, ${what} (${row[column as number]})`] : [];
    }),
  );
  return [
    {
      kind: 'TABLE',
      caption: CAPTION,
      columns: [
        'Data',
        'Model',
        ...RATES.flatMap((rate) => [RATE_TITLES[rate], 'by seed', 'paper', 'difference']),
      ],
      rows,
    },
    text(
      off.length > 0
        ? `More than 2 points from the paper: ${off.join('; ')}.`
        : 'Nothing here is more than 2 points from the paper’s number.',
    ),
  ];
}
