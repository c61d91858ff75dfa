import { datasetInfoOf, TABLE_3, TRANSFORM_TARGETS, transformOf } from '@trojanscope/core/definitions';
import { type At, countsOf, rateAt, type Series, TABLE_3_ERRORS } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { withInterval } from './words.js';

/** What a transform makes BadNets' models say that is neither target nor truth (Table 3). */
export function table3(all: readonly Series[]): Block[] {
  const series = all.filter(({ attack }) => attack === 'badnets');
  const rows = series.flatMap((one) =>
    TABLE_3.flatMap(({ transform, value }) => {
      const cells = TRANSFORM_TARGETS.flatMap((target) => {
        const at: At = [transform, target, value];
        const paper = one.dataset === 'gtsrb' ? `${TABLE_3_ERRORS[target][transform]!.toFixed(2)} %` : '–';
        return countsOf(one, at).length > 0 ? [withInterval(rateAt(one, 'error', at)), paper] : ['–', paper];
      });
      if (cells[0] === '–' && cells[2] === '–') return [];
      return [
        [
          datasetInfoOf(one.dataset).title,
          `${transformOf(transform).title} ${value} ${transformOf(transform).unit}`,
          ...cells,
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: 'TABLE',
      caption:
        'Error rates of BadNets: neither target nor truth, over samples that are well predicted before the transform (the paper’s are of GTSRB)',
      columns: ['Data', 'Configuration', 'Trigger', 'paper', 'Image', 'paper'],
      rows,
    },
  ];
}
