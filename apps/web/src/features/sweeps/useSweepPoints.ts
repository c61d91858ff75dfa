import { useMemo } from 'react';
import { useSubscription } from 'urql';
import { type Point, PointFields, type SweepCurve } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';

const SweepProgressSubscription = graphql(
  `
  subscription SweepProgress($sweepId: ID!) {
    sweepProgress(sweepId: $sweepId) {
      status
      points {
        ...PointFields
      }
    }
  }
`,
  [PointFields],
);

/** The points of a sweep: those fetched with it, then each as it lands. Key the caller by sweep. */
export function useSweepPoints({ id, status, curve }: SweepCurve): Point[] {
  const unfinished = status === 'QUEUED' || status === 'RUNNING';
  const [{ data: arrived }] = useSubscription(
    { query: SweepProgressSubscription, variables: { sweepId: id }, pause: !unfinished },
    (points: Point[] = [], { sweepProgress }) => mergePoints(points, sweepProgress.points),
  );
  return useMemo(() => mergePoints(curve.points, arrived ?? []), [curve.points, arrived]);
}

/** Two lists as one, by value; a point that comes twice, as after a reconnection, counts once. */
export function mergePoints(saved: readonly Point[], arrived: readonly Point[]): Point[] {
  const byId = new Map<string, Point>();
  for (const point of saved) byId.set(point.id, point);
  for (const point of arrived) byId.set(point.id, point);
  return [...byId.values()].sort((a, b) => a.value - b.value);
}
