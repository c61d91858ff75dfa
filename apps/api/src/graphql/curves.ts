import type * as S from '@trojanscope/schema';
import type { Db } from '../store/database.js';
import { shownSweepsLike, sweepsByAge } from '../store/sweeps.js';
import * as P from './present.js';

/**
 * One curve for each model, transform and target, in the order in which they were asked for: points of different sweeps
 * are never merged.
 */
export function newestFinished(rows: P.PresentedSweep['row'][]): P.PresentedSweep[] {
  const newest = new Map<string, P.PresentedSweep['row']>();
  for (const row of rows) {
    const key = `${row.model_id}/${row.transform}/${row.target}`;
    if (!newest.has(key)) newest.set(key, row);
  }
  return [...newest.values()].reverse().map(P.presentSweep);
}

/**
 * The sweeps behind the curves that are asked for: exactly those named, in the order of their age, or the newest finished
 * one of each model, transform and target.
 */
export async function sweepsOfCurves(
  db: Db,
  { sweepIds, ...filter }: S.CurveFilter,
): Promise<P.PresentedSweep[]> {
  if (sweepIds) return (await sweepsByAge(db, sweepIds)).map(P.presentSweep);
  return newestFinished(await shownSweepsLike(db, filter));
}
