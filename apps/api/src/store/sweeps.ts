import type { SweepSpec, TransformId, TransformTarget } from '@trojanscope/core';
import type { Db, Row } from './database.js';

/** A sweep's row as core takes it. */
export const sweepSpecOf = (row: Row<'sweep'>): SweepSpec => ({
  transform: row.transform,
  target: row.target,
  values: row.values,
  samples: row.samples,
  seed: row.seed,
  eligibility: row.eligibility,
});

/** Those of these sweeps that there are, in the order of their age. */
export const sweepsByAge = (db: Db, ids: readonly string[]): Promise<Row<'sweep'>[]> =>
  db.selectFrom('sweep').selectAll().where('id', 'in', ids).orderBy('id').execute();

/** Finished sweeps that are not in the trash, newest first. */
export const finishedSweeps = (db: Db) =>
  db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .where('job.status', '=', 'SUCCEEDED')
    .where('sweep.deleted_at', 'is', null)
    .orderBy('sweep.id', 'desc');

/** Of those the ones whose model is not in the trash either. */
export const shownSweeps = (db: Db) =>
  finishedSweeps(db).innerJoin('model', 'model.id', 'sweep.model_id').where('model.deleted_at', 'is', null);

interface SweepFilter {
  modelIds?: readonly string[] | null;
  transform?: TransformId | null;
  target?: TransformTarget | null;
}
export function shownSweepsLike(
  db: Db,
  { modelIds, transform, target }: SweepFilter,
): Promise<Row<'sweep'>[]> {
  let query = shownSweeps(db);
  if (modelIds) query = query.where('sweep.model_id', 'in', modelIds);
  if (transform) query = query.where('sweep.transform', '=', transform);
  if (target) query = query.where('sweep.target', '=', target);
  return query.execute();
}

/** A sweep's row with what its model is. */
export const sweepWithSpec = (db: Db, id: string) =>
  db
    .selectFrom('sweep')
    .innerJoin('model', 'model.id', 'sweep.model_id')
    .selectAll('sweep')
    .select('model.spec')
    .where('sweep.id', '=', id)
    .executeTakeFirst();

export const sweepIdOfPoint = async (db: Db, pointId: string): Promise<string | undefined> =>
  (await db.selectFrom('point').select('sweep_id').where('id', '=', pointId).executeTakeFirst())?.sweep_id;
