import type { PanelSource } from '../../export/panelSource';
import { rateAcross } from '../../export/rates';
import { type Column, tableOf } from '../../export/table';
import { percentagePoints } from '../../format/percent';
import { type PurifiedModel, type Purifier, PurifiersQuery } from './purifiers';

type Row = Purifier & { model: string };
const yesOrNo = (is: boolean) => (is ? 'yes' : 'no');

const columns: readonly Column<Row>[] = [
  { title: 'model', value: ({ model }) => model },
  { title: 'purifier', value: ({ text }) => text },
  { title: 'draws', value: ({ draws }) => draws },
  ...rateAcross<Row>('ASR', ({ asr }) => asr),
  ...rateAcross<Row>('clean, trojaned', ({ cleanAccuracy }) => cleanAccuracy),
  ...rateAcross<Row>('clean, benign', ({ benignAccuracy }) => benignAccuracy),
  { title: 'cost', value: ({ cost }) => cost, text: ({ cost }) => percentagePoints(cost) },
  { title: 'on the front', value: ({ onFront }) => yesOrNo(onFront) },
  { title: 'would be deployed', value: ({ deployed }) => yesOrNo(deployed) },
];

const asked = (models: readonly PurifiedModel[]) => ({
  query: PurifiersQuery,
  variables: { ids: models.map(({ id }) => id) },
});

/** Every purifier of some models, one a line. */
export const purifiersSource = (models: readonly PurifiedModel[]): PanelSource => ({
  name: 'purifiers',
  ...asked(models),
  table: () =>
    tableOf(
      models.flatMap(({ name, purifiers }) => purifiers.map((purifier) => ({ ...purifier, model: name }))),
      columns,
    ),
});

/** What their figure shows. */
export const purifiersFigureSource = (models: readonly PurifiedModel[]): PanelSource => ({
  name: 'what-purifiers-leave',
  ...asked(models),
  // Asked for rarely, so it is fetched then.
  picture: async () => (await import('./pictures')).purifiersPicture(models),
});
