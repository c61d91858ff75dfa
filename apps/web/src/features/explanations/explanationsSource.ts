import type { PanelSource } from '../../export/panelSource';
import { picturesSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
import type { Explanation as ExplanationFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { placeOf } from '../../lib/sweep';
import { ExplanationCardFields } from './ExplanationCard';

const ExplanationsQuery = graphql(
  `
  query Explanations($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...ExplanationCardFields
    }
  }
`,
  [ExplanationCardFields],
);
type Explanation = ResultOf<typeof ExplanationCardFields>;

/** What a map is worth, in columns. */
export const scoreColumns: readonly Column<Pick<ExplanationFields, 'scores' | 'noScore'>>[] = [
  { title: 'maximum in trigger', value: ({ scores }) => yesNo(scores?.pointingHit) },
  { title: 'within margin', value: ({ scores }) => yesNo(scores?.pointingNear) },
  ...(
    [
      ['margin (px)', 'marginPx'],
      ['energy in trigger', 'triggerEnergy'],
      ['by chance', 'chanceEnergy'],
      ['overlap (IoU)', 'iou'],
      ['rank accuracy', 'rankAccuracy'],
      ['deletion', 'deletion'],
      ['random deletion', 'randomDeletion'],
      ['insertion', 'insertion'],
      ['random insertion', 'randomInsertion'],
      ['completeness error', 'completenessError'],
    ] as const
  ).map(([title, name]) => ({
    title,
    value: ({ scores }: Pick<ExplanationFields, 'scores'>) => scores?.[name] ?? null,
  })),
  { title: 'no score', value: ({ noScore }) => noScore },
];
const yesNo = (hit: boolean | null | undefined) => (hit == null ? null : hit ? 'yes' : 'no');

const columns: readonly Column<Explanation>[] = [
  { title: 'true label', value: ({ outcome }) => outcome?.trueLabel.name ?? null },
  { title: 'predicted', value: ({ outcome }) => outcome?.predicted.name ?? null },
  { title: 'where', value: ({ outcome }) => outcome && placeOf(outcome) },
  { title: 'method', value: ({ explainer }) => explainer.title },
  { title: 'explained', value: ({ explainedLabel }) => explainedLabel?.name ?? null },
  ...scoreColumns,
];

/** Where some saliency maps came from: their scores, and each beside what it explains. */
export const explanationsSource = (explanations: readonly Explanation[]): PanelSource => ({
  name: 'explanations',
  query: ExplanationsQuery,
  variables: { ids: explanations.map(({ id }) => id) },
  table: () => tableOf(explanations, columns),
  picture: () =>
    picturesSvg(
      `What the model looks at (${[...new Set(explanations.map(({ explainer }) => explainer.title))].join(', ')})`,
      explanations.flatMap(({ outcome, image, overlay, triggerBox: box }) =>
        image && overlay
          ? [
              {
                ...image,
                caption: outcome
                  ? [`${outcome.trueLabel.name} → ${outcome.predicted.name}`, placeOf(outcome)]
                  : ['a clean sample', ''],
                box,
              },
              { ...overlay, caption: ['saliency', ''], box },
            ]
          : [],
      ),
      6,
      document,
    ),
});
