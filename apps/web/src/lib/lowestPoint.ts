import type { Point } from '../graphql/fragments';

/** Where the backdoor fires least; the first of several. */
export const lowestPoint = (points: readonly Point[]): Point | undefined =>
  points.reduce<Point | undefined>(
    (lowest, point) => (lowest && lowest.asr.value <= point.asr.value ? lowest : point),
    undefined,
  );
