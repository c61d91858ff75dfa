import * as S from '@trojanscope/schema';
import type { Context } from './context.js';
import * as P from './present.js';

export type Curve = ReturnType<typeof curveOf>;

export const curveOf = (sweep: P.PresentedSweep) => ({
  sweep,
  transform: sweep.transform,
  target: sweep.target,
  unit: sweep.transform.unit,
});

/** Finished sweeps that are not in the trash, newest first. */
export const finishedSweeps = (db: Context['db']) =>
  db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .where('job.status', '=', 'SUCCEEDED')
    .where('sweep.deleted_at', 'is', null)
    .orderBy('sweep.id', 'desc');

/** Of those the ones whose model is not in the trash either. */
export const shownSweeps = (db: Context['db']) =>
  finishedSweeps(db).innerJoin('model', 'model.id', 'sweep.model_id').where('model.deleted_at', 'is', null);

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
  db: Context['db'],
  { modelIds, sweepIds, transform, target }: S.CurveFilter,
): Promise<P.PresentedSweep[]> {
  if (sweepIds) {
    const rows = await db.selectFrom('sweep').selectAll().where('id', 'in', sweepIds).orderBy('id').execute();
    return rows.map(P.presentSweep);
  }
  let query = shownSweeps(db);
  if (modelIds) query = query.where('sweep.model_id', 'in', modelIds);
  if (transform) query = query.where('sweep.transform', '=', transform);
  if (target) query = query.where('sweep.target', '=', target);
  return newestFinished(await query.execute());
}
