import {
  notesOf,
  type OutcomeKind,
  outcomeKind,
  type SweepPoint,
  type SweepSpec,
  type TransformId,
  type TransformTarget,
} from '@trojanscope/core';
import type { SweepFilter as ListFilter, SweepOrder } from '@trojanscope/schema';
import { type Insertable, sql } from 'kysely';
import { type Db, now, type Row, type Tables } from './database.js';
import { newId } from './ids.js';
import { USABLE } from './jobs.js';
import { type Filter, filterCurated, type Order } from './lists.js';
import { isMadeWith, pluginsOfJob } from './plugins.js';

/** A sweep's row as core takes it. */
export const sweepSpecOf = (row: Row<'sweep'>): SweepSpec => ({
  transform: row.transform,
  target: row.target,
  values: row.values,
  samples: row.samples,
  seed: row.seed,
  eligibility: row.eligibility,
});

export const findSweep = (db: Db, id: string) =>
  db.selectFrom('sweep').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

export const insertSweepRow = (db: Db, row: Omit<Insertable<Tables['sweep']>, 'created_at'>) =>
  db
    .insertInto('sweep')
    .values({ ...row, created_at: now() })
    .execute();

/** Equal for sweeps of one model of the same specification, beside the same benign one. */
export const sweepKey = (
  { transform, target, values, samples, seed, eligibility }: SweepSpec,
  benignId: string | null,
): string => JSON.stringify([transform, target, values, samples, seed, eligibility, benignId]);

/** The jobs of a model's sweeps that are done or will be, by their keys: of several alike the newest. */
export async function usableSweeps(db: Db, modelId: string): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .select(pluginsOfJob.as('plugins'))
    .where('sweep.model_id', '=', modelId)
    .where('sweep.deleted_at', 'is', null)
    .where('job.status', 'in', USABLE)
    .orderBy('sweep.id')
    .execute();
  const asToday = rows.filter(({ transform, plugins }) =>
    isMadeWith(plugins, notesOf([['transforms', transform]])),
  );
  return new Map(asToday.map((row) => [sweepKey(sweepSpecOf(row), row.benign_id), row.job_id]));
}

/** Places of the points that a sweep has. */
export const savedPositions = async (db: Db, sweepId: string): Promise<number[]> => {
  const rows = await db.selectFrom('point').select('position').where('sweep_id', '=', sweepId).execute();
  return rows.map(({ position }) => position);
};

/** A point with its outcomes. */
export async function insertPoint(
  db: Db,
  sweepId: string,
  { position, value, samples, outcomes, counts }: SweepPoint,
  targetLabel: number,
): Promise<void> {
  const id = newId('Point');
  await db
    .insertInto('point')
    .values({ id, sweep_id: sweepId, position, value, counts, created_at: now() })
    .execute();
  const kind = (predicted: number, i: number): OutcomeKind =>
    outcomeKind(predicted, samples.trueLabels[i]!, targetLabel);
  const rows = Array.from(samples.indices, (sampleIndex, i) => [
    i,
    sampleIndex,
    samples.trueLabels[i],
    outcomes.predicted[i],
    outcomes.confidences[i],
    kind(outcomes.predicted[i]!, i),
    samples.cleanPredictions[i],
    kind(samples.identityPredictions[i]!, i),
    outcomes.visibleTrigger[i],
    outcomes.parameters[i],
    outcomes.cleanPredicted[i],
    outcomes.cleanConfidences[i],
    outcomes.benignPredicted?.[i] ?? null,
  ]);
  // One statement for a thousand rows: SQLite unpacks them from JSON faster than a thousand statements are sent, and what
  // was sorted is text by then, which is not made anew of the whole for each column.
  await sql`
    insert into outcome (point_id, position, sample_index, true_label, predicted, confidence, kind, clean_prediction,
                         identity_kind, visible_trigger, parameters, clean_here, clean_confidence, benign_here)
    select ${id}, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
           value ->> 7, value ->> 8, value -> 9, value ->> 10, value ->> 11, value ->> 12
    from (select value from json_each(${JSON.stringify(rows)}) order by key)`.execute(db);
}

const outcomes = (db: Db) =>
  db.selectFrom('outcome').innerJoin('point', 'point.id', 'outcome.point_id').selectAll('outcome');

/** One sample of a sweep at each of its values. */
export const outcomesAcrossValues = (db: Db, sweepId: string, position: number) =>
  outcomes(db)
    .where('point.sweep_id', '=', sweepId)
    .where('outcome.position', '=', position)
    .orderBy('point.value')
    .execute();

/** One sample at one value, in each of several sweeps. */
export const outcomesAcrossSweeps = (
  db: Db,
  sweepIds: readonly string[],
  value: number,
  sampleIndex: number,
) =>
  outcomes(db)
    .where('point.sweep_id', 'in', sweepIds)
    .where('point.value', '=', value)
    .where('outcome.sample_index', '=', sampleIndex)
    .execute();

/** Those of these sweeps that there are, in the order of their age. */
export const sweepsByAge = (db: Db, ids: readonly string[]): Promise<Row<'sweep'>[]> =>
  db.selectFrom('sweep').selectAll().where('id', 'in', ids).orderBy('id').execute();

/** Finished sweeps that are not in the trash, newest first. */
const finishedSweeps = (db: Db) =>
  db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .selectAll('sweep')
    .where('job.status', '=', 'SUCCEEDED')
    .where('sweep.deleted_at', 'is', null)
    .orderBy('sweep.id', 'desc');

/** Of those the ones whose model is not in the trash either. */
const shownSweeps = (db: Db) =>
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

/** Of a model, newest first. */
export const finishedSweepsOf = (db: Db, modelId: string): Promise<Row<'sweep'>[]> =>
  finishedSweeps(db).where('sweep.model_id', '=', modelId).execute();

/** Those that show what other models of a data set do under a transform, newest first. */
export const sweepsBeside = (
  db: Db,
  { transform, target, model_id }: Row<'sweep'>,
  dataset: string,
): Promise<Row<'sweep'>[]> =>
  shownSweeps(db)
    .where('sweep.transform', '=', transform)
    .where('sweep.target', '=', target)
    .where('sweep.model_id', '!=', model_id)
    .where('model.dataset', '=', dataset)
    .execute();

export const sweepOrder = ({ field, direction }: SweepOrder): Order => ({
  value: field === 'SAMPLES' ? sql.ref('sweep.samples') : undefined,
  descending: direction === 'DESC',
});

export const sweepsWanted =
  (wanted: Partial<ListFilter> | null): Filter<'sweep'> =>
  (all) => {
    let query = filterCurated(all, 'sweep', wanted as ListFilter | null);
    if (wanted?.modelId) query = query.where('model_id', '=', wanted.modelId);
    if (wanted?.transform) query = query.where('transform', '=', wanted.transform);
    if (wanted?.target) query = query.where('target', '=', wanted.target);
    return query;
  };

/** Of a sweep's samples: whether each hits the target at the identity, and at how many of these values it does. */
export const hitsOfSamples = (
  db: Db,
  sweepId: string,
  identity: number,
  values: readonly number[],
): Promise<{ sample: number; atIdentity: number; hits: number }[]> =>
  db
    .selectFrom('outcome')
    .innerJoin('point', 'point.id', 'outcome.point_id')
    .select(['outcome.sample_index as sample'])
    .select(sql<number>`sum(outcome.kind = 'TARGET' and point.value = ${identity})`.as('atIdentity'))
    .select(sql<number>`sum(outcome.kind = 'TARGET' and point.value in (${sql.join(values)}))`.as('hits'))
    .where('point.sweep_id', '=', sweepId)
    .groupBy('outcome.position')
    .orderBy('outcome.position')
    .execute();
