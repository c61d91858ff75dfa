import { datasetOf } from '@trojanscope/core/definitions';
import {
  countPointing,
  leftOut,
  percent,
  type Series,
  SHOWN_BY_SMOOTHGRAD,
  share,
  wellPredicted,
} from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { text, withInterval } from './words.js';

/** Where SmoothGrad's maps of BadNets' models lie, scored, with controls and strips (section 5.4, Fig. 5). */
export function explanations(all: readonly Series[]): Block[] {
  return all.flatMap((series): Block[] => {
    const looked = wellPredicted(series).filter(({ score }) => score !== null);
    if (looked.length === 0 || series.attack !== 'badnets') return [];
    const data = datasetOf(series.dataset).title;
    const summary = (who: string, scores: (typeof looked)[number]['score'][]) => {
      const present = scores.flatMap((score) => score ?? []);
      const { hits, total, left } = countPointing(present);
      // The energy by chance stands beside it: of the same maps.
      const energetic = present.filter(({ triggerEnergy }) => triggerEnergy !== null);
      const mean = (part: 'triggerEnergy' | 'chanceEnergy') =>
        energetic.reduce((sum, score) => sum + score[part]!, 0) / energetic.length;
      return [
        who,
        `${hits} of ${total}${leftOut(left)}`,
        withInterval(share({ hits, total }), 1),
        percent(mean('triggerEnergy')),
        percent(mean('chanceEnergy')),
      ];
    };
    const controlled = looked.flatMap(({ controls }) => controls ?? []);
    return [
      text(
        `The paper looked at ${SHOWN_BY_SMOOTHGRAD.samples} well-predicted trojaned samples by eye: ${SHOWN_BY_SMOOTHGRAD.percent} % showed the trigger. Here the map is scored: whether its maximum lies in the trigger, ` +
          'and which share of its energy does; beside it the trigger’s share of the area, which a map without preference would have.',
      ),
      {
        kind: 'TABLE',
        caption: `SmoothGrad of BadNets on ${data}: well-predicted samples, and the same images explained by networks that know no trigger`,
        columns: ['Network', 'Maximum in the trigger', 'Share', 'Energy in the trigger', 'by chance'],
        rows: [
          summary(
            'Trojaned',
            looked.map(({ score }) => score),
          ),
          ...(controlled.length > 0
            ? [
                summary(
                  'Benign',
                  controlled.map(({ benign }) => benign),
                ),
                summary(
                  'Untrained',
                  controlled.map(({ untrained }) => untrained),
                ),
              ]
            : []),
        ],
      },
      ...series.models.flatMap(({ strips, spec }) =>
        strips.map(
          ({ picture, trueName, frames }, i): Block => ({
            kind: 'PICTURE',
            name: `strip-${series.dataset}-seed${spec.seed}-${i + 1}`,
            type: 'image/png',
            content: picture,
            caption: `Fig. 5, ${data}, seed ${spec.seed}, a sample of “${trueName}”: ${frames
              .map(({ what, predictedName, score }) => {
                const energy = !score
                  ? ''
                  : score.triggerEnergy === null
                    ? ', a map that is zero everywhere'
                    : `, ${percent(score.triggerEnergy, 0)} of the energy in the trigger`;
                return `${what} → “${predictedName}”${energy}`;
              })
              .join('; ')}.`,
          }),
        ),
      ),
    ];
  });
}
