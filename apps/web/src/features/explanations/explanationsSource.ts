import type { PanelSource } from '../../export/panelSource';
import { picturesSvg } from '../../export/sheet';
import { type Column, tableOf } from '../../export/table';
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

const columns: readonly Column<Explanation>[] = [
  { title: 'true label', value: ({ outcome }) => outcome?.trueLabel.name ?? null },
  { title: 'predicted', value: ({ outcome }) => outcome?.predicted.name ?? null },
  { title: 'where', value: ({ outcome }) => outcome && placeOf(outcome) },
  { title: 'explained', value: ({ explainedLabel }) => explainedLabel?.name ?? null },
  {
    title: 'maximum in trigger',
    value: ({ pointingHit }) => (pointingHit === null ? null : pointingHit ? 'yes' : 'no'),
  },
  { title: 'energy in trigger', value: ({ triggerEnergy }) => triggerEnergy },
  { title: 'by chance', value: ({ chanceEnergy }) => chanceEnergy },
  { title: 'no score', value: ({ noScore }) => noScore },
];

/** Where some saliency maps came from: their scores, and each beside what it explains. */
export const explanationsSource = (explanations: readonly Explanation[]): PanelSource => ({
  name: 'explanations',
  query: ExplanationsQuery,
  variables: { ids: explanations.map(({ id }) => id) },
  table: () => tableOf(explanations, columns),
  picture: () =>
    picturesSvg(
      'What the model looks at (SmoothGrad)',
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
