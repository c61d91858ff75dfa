import { datasetInfoOf } from '@trojanscope/core/definitions';
import {
  bestDefence,
  DEPLOYMENT_RULE,
  type Defence,
  defencesAgainstAll,
  defencesOf,
  isIdentity,
  type Series,
} from '@trojanscope/core/evaluation';
import { drawChart } from './chart.js';
import type { Block } from './document.js';
import {
  colourOf,
  datasetsOf,
  MOST_LINES,
  percentAxis,
  placeText,
  slugOf,
  text,
  titleOf,
  trojanedOn,
  withInterval,
} from './words.js';

/** What transforming every input would do for a defender. */
export function defences(all: readonly Series[]): Block[] {
  return datasetsOf(all).flatMap((dataset): Block[] => {
    const series = trojanedOn(all, dataset).filter((one) => defencesOf(one).length > 1);
    if (series.length === 0) return [];
    const data = datasetInfoOf(dataset).title;
    const every = defencesAgainstAll(series);
    const rowOf = (who: string, found: readonly Defence[], worst = '') => {
      const best = bestDefence(found);
      const identity = found.find(({ at }) => isIdentity(at))!;
      return [
        who,
        withInterval(identity.asr, 1),
        best ? placeText(best.at) : 'none',
        best ? withInterval(best.asr, 1) + worst : '–',
        best ? `${(100 * best.cost.value).toFixed(1)} points` : '–',
      ];
    };
    const bestOfAll = bestDefence(every);
    const worst = every.find(({ at }) => at === bestOfAll?.at)?.worst;
    return [
      text(
        'The paper concludes that a defender can transform inputs. For each model: every transform of the image in this study by what it leaves of ASR and of clean accuracy (of the trojaned model, ' +
          `the one that is deployed). Filled points are the front: nothing else leaves less ASR at no less accuracy. ${DEPLOYMENT_RULE}`,
      ),
      ...(series.length > MOST_LINES ? [] : series).map((one): Block => {
        const found = defencesOf(one);
        const pointOf = ({ at, clean, asr, onFront }: Defence) => ({
          x: clean.value,
          y: asr.value,
          faint: !onFront,
          note: onFront ? (isIdentity(at) ? 'nothing' : placeText(at)) : undefined,
        });
        return {
          kind: 'PICTURE',
          name: `front-${dataset}-${slugOf(one)}`,
          type: 'image/svg+xml',
          caption: `${titleOf(one)} on ${data}: what each transform of the image leaves.`,
          content: drawChart({
            title: `${titleOf(one)} on ${data}${one.variant.length > 0 ? '' : ': ASR against clean accuracy'}`,
            x: percentAxis('Clean accuracy'),
            y: percentAxis('Attack success rate'),
            lines: [{ name: '', colour: colourOf(one), style: 'POINTS', points: found.map(pointOf) }],
          }),
        };
      }),
      {
        kind: 'TABLE',
        caption: `What one would deploy on ${data}`,
        columns: ['Against', 'ASR without', 'Transform', 'ASR with', 'Clean accuracy lost'],
        rows: [
          ...series.map((one) => rowOf(titleOf(one), defencesOf(one))),
          ...(series.length > 1 && every.length > 0
            ? [rowOf('whichever it is', every, worst ? ` (${titleOf(worst)})` : '')]
            : []),
        ],
      },
    ];
  });
}
