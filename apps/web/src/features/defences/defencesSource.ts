import type { PanelSource } from '../../export/panelSource';
import { rateAcross } from '../../export/rates';
import { type Column, tableOf } from '../../export/table';
import type { VariablesOf } from '../../graphql/graphql';
import {
  type Auroc,
  atRate,
  DefencesQuery,
  type Detection,
  heldOutAt,
  RATES,
  type RocPoint,
  variantOf,
} from './detections';
import type { RocCurve } from './rocChart';

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
  ...RATES.flatMap((rate) => [
    ...rateAcross<Detection>(
      `held out TPR at ${rate * 100} % FPR`,
      (row) => heldOutAt(row, rate)?.truePositiveRate,
    ),
    ...rateAcross<Detection>(
      `held out FPR at ${rate * 100} % FPR`,
      (row) => heldOutAt(row, rate)?.falsePositiveRate,
    ),
  ]),
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

type Corner = RocPoint & { curve: RocCurve };
const corners: readonly Column<Corner>[] = [
  { title: 'detection', value: ({ curve }) => curve.name },
  { title: 'threshold', value: ({ threshold }) => threshold },
  { title: 'clean flagged', value: ({ falsePositiveRate }) => falsePositiveRate },
  { title: 'trojaned flagged', value: ({ truePositiveRate }) => truePositiveRate },
];

/** ROC curves, and the corners that draw them. */
export const rocSource = (
  variables: VariablesOf<typeof DefencesQuery>,
  curves: readonly RocCurve[],
): PanelSource => ({
  name: 'roc-curves',
  query: DefencesQuery,
  variables,
  table: () =>
    tableOf(
      curves.flatMap((curve) => curve.points.map((point) => ({ ...point, curve }))),
      corners,
    ),
  // Asked for rarely, so it is fetched then.
  picture: async () => (await import('./pictures')).rocPicture(curves),
});
