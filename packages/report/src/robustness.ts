import { datasetInfoOf } from '@trojanscope/core/definitions';
import { meanOf, ROBUSTNESS_SUITE, type Series, settingWords } from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { datasetsOf, text, titleOf, trojanedOn, withInterval } from './words.js';

/** Attacks by what their ASR retains over the suite, the most robust first. */
export function robustness(all: readonly Series[]): Block[] {
  const rows = datasetsOf(all).flatMap((dataset) =>
    trojanedOn(all, dataset)
      .flatMap((series) => {
        const known = series.models.flatMap(({ robustness }) => {
          if (!robustness || robustness.value === null) return [];
          const { value, low, high, samples } = robustness;
          return { value, low: low!, high: high ?? Number.POSITIVE_INFINITY, samples: samples! };
        });
        return known.length > 0 ? { series, known, mean: meanOf(known) } : [];
      })
      .sort((a, b) => b.mean.value - a.mean.value)
      .map(({ series, known, mean }) => [
        datasetInfoOf(dataset).title,
        titleOf(series),
        withInterval(mean, 1),
        known.length > 1 ? known.map(({ value }) => (100 * value).toFixed(1)).join(', ') : '–',
        known.map(({ samples }) => samples.toLocaleString('en')).join(', '),
      ]),
  );
  if (rows.length === 0) return [];
  const { name, settings } = ROBUSTNESS_SUITE;
  return [
    text(
      `A model in one number, the mean share of its ASR that is left over the suite ${name}: ${settings.map(settingWords).join('; ')}; each transform weighs the same. ` +
        'Intervals are over samples; over several seeds the mean of theirs.',
    ),
    {
      kind: 'TABLE',
      caption: `Robustness profile, ${name}: mean ASR retained, the most robust attack first`,
      columns: ['Data', 'Attack', 'Mean ASR retained', 'by seed', 'Samples'],
      rows,
    },
  ];
}
