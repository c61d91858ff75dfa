import type { Point } from '../../graphql/fragments';

/** Two lists as one, by value; a point that comes twice, as after a reconnection, counts once. */
export function mergePoints(saved: readonly Point[], arrived: readonly Point[]): Point[] {
  const byId = new Map<string, Point>();
  for (const point of saved) byId.set(point.id, point);
  for (const point of arrived) byId.set(point.id, point);
  return [...byId.values()].sort((a, b) => a.value - b.value);
}
