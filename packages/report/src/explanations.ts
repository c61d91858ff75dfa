import { attackOf, datasetInfoOf, explainerOf, transformOf } from '@trojanscope/core/definitions';
import {
  countPointing,
  leftOut,
  type MeanScore,
  percent,
  type SaliencyScore,
  type Series,
  SHOWN_BY_SMOOTHGRAD,
  share,
  wellPredicted,
} from '@trojanscope/core/evaluation';
import type { Block } from './document.js';
import { slugOf, text, titleOf, withInterval } from './words.js';

const NONE = '–';

/** Of maps that were scored with a margin how many have their maximum within it. */
function near(scores: readonly SaliencyScore[]): string {
  const known = scores.flatMap(({ pointingNear }) => pointingNear ?? []);
  return known.length > 0 ? `${known.filter(Boolean).length} of ${known.length}` : NONE;
}

/** Not a number where no map has it. */
function meanOf(scores: readonly SaliencyScore[], part: 'iou' | 'rankAccuracy'): number {
  const known = scores.flatMap((score) => score[part] ?? []);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** All explainers over the same samples, where they were compared. */
export function comparisons(all: readonly Series[]): Block[] {
  return all.flatMap(({ dataset, attack, models }) =>
    models.flatMap(({ spec, comparisons }) =>
      comparisons.map(({ transform, target, value, comparison: { samples, rows } }): Block => {
        const { title, unit } = transformOf(transform);
        const where = `${target.toLowerCase()} ${title.toLowerCase()} ${value} ${unit}`;
        const shown = (mean: MeanScore | null) => (mean ? withInterval(mean, 1) : NONE);
        return {
          kind: 'TABLE',
          caption: `Explainers of ${attack ? attackOf(attack).title : 'a model'} on ${datasetInfoOf(dataset).title}, seed ${spec.seed}, over the same ${samples} samples: untransformed, where they fire, and under ${where}, where their true label is back. Means with their 95 % intervals; gains are over a random order, above 0 is better`,
          columns: [
            ...[
              'Method',
              'Trigger',
              'Maximum in it',
              'near it',
              'Energy in it',
              'by chance',
              'Overlap (IoU)',
            ],
            ...['Rank accuracy', 'Deletion', 'gain', 'Insertion', 'gain'],
          ],
          rows: rows.map((row) => [
            explainerOf(row.method).title,
            row.defeated ? 'defeated' : 'fires',
            `${row.pointing.hits} of ${row.pointing.total}`,
            `${row.pointingNear.hits} of ${row.pointingNear.total}`,
            shown(row.triggerEnergy),
            row.chanceEnergy ? percent(row.chanceEnergy.value) : NONE,
            shown(row.iou),
            shown(row.rankAccuracy),
            shown(row.deletion),
            shown(row.deletionGain),
            shown(row.insertion),
            shown(row.insertionGain),
          ]),
        };
      }),
    ),
  );
}

/** Where SmoothGrad's maps of BadNets' models lie, scored, with controls and strips (section 5.4, Fig. 5). */
export function explanations(all: readonly Series[]): Block[] {
  return all.flatMap((series): Block[] => {
    const looked = wellPredicted(series).filter(({ score }) => score !== null);
    if (looked.length === 0 || series.attack !== 'badnets') return [];
    const data = datasetInfoOf(series.dataset).title;
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
        near(present),
        percent(mean('triggerEnergy')),
        percent(mean('chanceEnergy')),
        percent(meanOf(present, 'iou')),
        percent(meanOf(present, 'rankAccuracy')),
      ];
    };
    const controlled = looked.flatMap(({ controls }) => controls ?? []);
    return [
      text(
        `The paper looked at ${SHOWN_BY_SMOOTHGRAD.samples} well-predicted trojaned samples by eye: ${SHOWN_BY_SMOOTHGRAD.percent} % showed the trigger. Here the map is scored: whether its maximum lies in the trigger, ` +
          'and which share of its energy does; beside it the trigger’s share of the area, which a map without preference would have. Near it: within a margin that the settings name (15 px of 224 unless another was asked for); overlap and rank accuracy are of the pixels that stand out. What is not known of a map from before it was scored so is a dash.',
      ),
      {
        kind: 'TABLE',
        caption: `SmoothGrad of ${titleOf(series)} on ${data}: well-predicted samples, and the same images explained by networks that know no trigger`,
        columns: [
          ...['Network', 'Maximum in the trigger', 'Share', 'near it', 'Energy in the trigger', 'by chance'],
          ...['Overlap (IoU)', 'Rank accuracy'],
        ],
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
            name: `strip-${series.dataset}${series.variant.length > 0 || series.name ? `-${slugOf(series)}` : ''}-seed${spec.seed}-${i + 1}`,
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
