import { holm, identityOf, mcNemarExact, type StudyResults } from '@trojanscope/core/evaluation';

/** McNemar's test of every point against the identity, and what Holm's correction makes of it. */
export function testsOf({ models }: StudyResults) {
  const tested = models.flatMap(({ curves }) =>
    curves.flatMap((curve) =>
      curve.points
        .filter(({ value }) => value !== identityOf(curve.transform))
        .map((point) => ({
          curve,
          point,
          pValue: mcNemarExact(point.counts.lost, point.counts.gained),
        })),
    ),
  );
  const corrected = holm(tested.map(({ pValue }) => pValue));
  return tested.map((test, i) => ({ ...test, corrected: corrected[i]! }));
}
