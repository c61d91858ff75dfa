import type { PanelSource } from '../../export/panelSource';
import { rateAcross } from '../../export/rates';
import { type Column, tableOf } from '../../export/table';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { statuses } from '../../lib/statuses';
import { ModelCardFields } from './ModelCard';
import { type ModelOfRow, ModelsQuery } from './modelColumns';
import type { ModelsVariables } from './modelList';

const rowColumns: readonly Column<ModelOfRow>[] = [
  { title: 'model', value: ({ name }) => name },
  { title: 'data set', value: ({ dataset }) => dataset.title },
  { title: 'network', value: ({ architecture }) => architecture.title },
  { title: 'attack', value: ({ attack }) => attack?.title ?? 'none' },
  { title: 'target label', value: ({ targetLabel }) => targetLabel?.name ?? null },
  ...rateAcross<ModelOfRow>('clean accuracy', ({ cleanAccuracy }) => cleanAccuracy),
  ...rateAcross<ModelOfRow>('ASR', ({ asr }) => asr),
  { title: 'tags', value: ({ tags }) => tags.join(', ') || null },
  { title: 'state', value: ({ status }) => statuses[status] },
  { title: 'made', value: ({ createdAt }) => createdAt },
];

/** Where some models came from, one a line. */
export const modelsSource = (variables: ModelsVariables, models: readonly ModelOfRow[]): PanelSource => ({
  name: 'models',
  query: ModelsQuery,
  variables,
  table: () => tableOf(models, rowColumns),
});

const ModelCardsQuery = graphql(
  `
  query ModelCards($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...ModelCardFields
    }
  }
`,
  [ModelCardFields],
);
type CardModel = ResultOf<typeof ModelCardFields>;

const cardColumns: readonly Column<CardModel>[] = [
  { title: 'model', value: ({ name }) => name },
  { title: 'target label', value: ({ targetLabel }) => targetLabel?.name ?? null },
  ...rateAcross<CardModel>('clean accuracy', ({ cleanAccuracy }) => cleanAccuracy),
  ...rateAcross<CardModel>('clean accuracy, benign model', ({ benign }) => benign?.cleanAccuracy),
  ...rateAcross<CardModel>('ASR', ({ asr }) => asr),
];

/** Where models that are shown with their triggers came from. */
export const modelCardsSource = (models: readonly CardModel[]): PanelSource => ({
  name: 'trojaned-models',
  query: ModelCardsQuery,
  variables: { ids: models.map(({ id }) => id) },
  table: () => tableOf(models, cardColumns),
});
