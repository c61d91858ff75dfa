import type { PanelSource } from '../../export/panelSource';
import { rateAcross } from '../../export/rates';
import { type Column, tableOf } from '../../export/table';
import type { VariablesOf } from '../../graphql/graphql';
import { type Auroc, atRate, DefencesQuery, type Detection, RATES, variantOf } from './detections';

const aurocAcross = (title: string, of: (row: Detection) => Auroc | null | undefined): Column<Detection>[] =>
  (
    [
      [title, 'value'],
      [`${title}, 95 % low`, 'low'],
      [`${title}, 95 % high`, 'high'],
    ] as const
  ).map(([heading, end]) => ({
    title: heading,
    value: (row) => of(row)?.[end] ?? null,
    text: (row) => of(row)?.[end].toFixed(3) ?? '–',
  }));

const columns: readonly Column<Detection>[] = [
  { title: 'model', value: ({ model }) => model.name },
  { title: 'detector', value: ({ detector }) => detector.title },
  { title: 'variant', value: variantOf },
  ...aurocAcross('AUROC', ({ measures }) => measures?.auroc),
  ...RATES.flatMap((rate) => rateAcross<Detection>(`TPR at ${rate * 100} % FPR`, (row) => atRate(row, rate))),
  ...aurocAcross('AUROC, benign model', ({ benignMeasures }) => benignMeasures?.auroc),
  ...aurocAcross('permuted labels', ({ controls }) => controls?.permuted),
  ...aurocAcross('clean against clean', ({ controls }) => controls?.otherClean),
  { title: 'queries', value: ({ queries }) => queries },
  { title: 'samples', value: ({ samplesUsed }) => samplesUsed },
  { title: 'seed', value: ({ seed }) => seed },
];

/** Where detections came from, one a line. */
export const defencesSource = (
  variables: VariablesOf<typeof DefencesQuery>,
  detections: readonly Detection[],
): PanelSource => ({
  name: 'detections',
  query: DefencesQuery,
  variables,
  table: () => tableOf(detections, columns),
});
