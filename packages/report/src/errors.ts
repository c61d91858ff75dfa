import { datasetInfoOf, TABLE_3, TRANSFORM_TARGETS, transformOf } from '@trojanscope/core/definitions';
import { type At, countsOf, rateAt, type Series, TABLE_3_ERRORS } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { titleOf, withInterval } from './words.js';

/** What a transform makes BadNets' models say that is neither target nor truth (Table 3). */
/** @param reproduces whether the paper’s numbers stand beside them */
export function table3(all: readonly Series[], reproduces: boolean): Block[] {
  const series = all.filter(({ attack }) => attack === 'badnets');
  const several = series.some(({ variant, name }) => variant.length > 0 || name);
  const rows = series.flatMap((one) =>
    TABLE_3.flatMap(({ transform, value }) => {
      const cells = TRANSFORM_TARGETS.flatMap((target) => {
        const at: At = [transform, target, value];
        const paper = one.dataset === 'gtsrb' ? `${TABLE_3_ERRORS[target][transform]!.toFixed(2)} %` : '–';
        const own = countsOf(one, at).length > 0 ? withInterval(rateAt(one, 'error', at)) : '–';
        return [[own, ...(reproduces ? [paper] : [])]];
      });
      if (cells.every(([own]) => own === '–')) return [];
      return [
        [
          datasetInfoOf(one.dataset).title,
          ...(several ? [titleOf(one)] : []),
          `${transformOf(transform).title} ${value} ${transformOf(transform).unit}`,
          ...cells.flat(),
        ],
      ];
    }),
  );
  if (rows.length === 0) return [];
  return [
    {
      kind: 'TABLE',
      caption: `Error rates of BadNets: neither target nor truth, over samples that are well predicted before the transform${reproduces ? ' (the paper’s are of GTSRB)' : ''}`,
      columns: [
        'Data',
        ...(several ? ['Model'] : []),
        'Configuration',
        ...['Trigger', 'Image'].flatMap((target) => [target, ...(reproduces ? ['paper'] : [])]),
      ],
      rows,
    },
  ];
}
