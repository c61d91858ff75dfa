import type { TableRow } from './format.js';

/** Of a table of curves: what the dashboard downloads and the command line prints. */

const RATES = ['asr', 'cleanAccuracy', 'benignAccuracy', 'robustAccuracy', 'errorRate'] as const;
const rateColumns = (rate: string) =>
  ['', 'Numerator', 'Denominator', 'Low', 'High'].map((end) => rate + end);
export const CURVE_COLUMNS = [
  'modelId',
  'modelName',
  'dataset',
  'attack',
  'sweepId',
  'transform',
  'target',
  'unit',
  'value',
  ...RATES.flatMap(rateColumns),
  'asrDrop',
  'visibleTrigger',
  'pValue',
  'samplesAsked',
  ...rateColumns('cleanTarget'),
];

interface Rate {
  value: number;
  numerator: number;
  denominator: number;
  low: number;
  high: number;
}
type Rates = 'asr' | 'cleanAccuracy' | 'benignModelAccuracy' | 'robustAccuracy' | 'errorRate' | 'cleanTarget';

/** A point's numbers. */
export type RatedPoint = Record<Rates, Rate | null> & {
  value: number;
  asrDrop: number;
  visibleTrigger: number | null;
  pValue: number | null;
};

export const pointRow = (point: RatedPoint): TableRow => ({
  value: point.value,
  ...Object.assign(
    {},
    ...[...RATES, 'cleanTarget' as const].map((name) => {
      // What there is not is empty here, not the line that is drawn in its place.
      const rate = point[name === 'benignAccuracy' ? 'benignModelAccuracy' : name];
      return {
        [name]: rate?.value ?? null,
        [`${name}Numerator`]: rate?.numerator ?? null,
        [`${name}Denominator`]: rate?.denominator ?? null,
        [`${name}Low`]: rate?.low ?? null,
        [`${name}High`]: rate?.high ?? null,
      };
    }),
  ),
  asrDrop: point.asrDrop,
  visibleTrigger: point.visibleTrigger,
  pValue: point.pValue,
});
