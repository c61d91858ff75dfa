import { datasetOf } from '@trojanscope/core/definitions';
import { type Series, share, sum, TABLE_2 } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { signed, text, titleOf, withInterval } from './words.js';

/** Clean accuracy and ASR of every model beside the paper's (Table 2), and what is more than 2 points off. */
export function table2(all: readonly Series[]): Block[] {
  const rows = all.flatMap((series) => {
    const records = series.models.flatMap(({ record }) => record ?? []);
    if (records.length === 0) return [];
    const paper = TABLE_2[series.dataset]?.[series.attack ?? 'benign'];
    const counts = { clean: records.map(({ clean }) => clean), asr: records.flatMap(({ asr }) => asr ?? []) };
    const cells = (['clean', 'asr'] as const).flatMap((rate) => {
      if (counts[rate].length === 0) return ['–', '–', '–', '–'];
      const own = share(sum(counts[rate]));
      const theirs = paper?.[rate];
      const bySeed = counts[rate].map(({ hits, total }) => ((100 * hits) / total).toFixed(2)).join(', ');
      return [
        withInterval(own),
        counts[rate].length > 1 ? bySeed : '–',
        theirs === undefined ? '–' : `${theirs.toFixed(2)} %`,
        theirs === undefined ? '–' : signed(100 * own.value - theirs),
      ];
    });
    return [[datasetOf(series.dataset).title, titleOf(series), ...cells]];
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
      caption:
        'Over the whole test set: clean accuracy, and ASR over all images whose label is not the target',
      columns: [
        ...['Data', 'Model', 'Clean accuracy', 'by seed', 'paper', 'difference'],
        ...['ASR', 'by seed', 'paper', 'difference'],
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
