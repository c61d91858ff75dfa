import {
  type ComparedMap,
  type Comparison,
  compareMaps,
  DEFAULT_EXPLANATION,
  type ExplainerId,
  type ExplainSettings,
  explainedBy,
  explainers,
  type PickableOutcome,
  type PickedOutcome,
  type StudyPoint,
  transformOf,
} from '@trojanscope/core';
import type { ExplanationFilter } from '@trojanscope/schema';
import type { Insertable, Updateable } from 'kysely';
import { type Db, holds, now, type Row, type Tables } from './database.js';
import { newId } from './ids.js';
import type { Filter } from './lists.js';

/** Rows for explanations that do not exist yet or were given up. Returns the ids of all, old and new, in the order of `outcomes`. */
export async function insertExplanations(
  db: Db,
  modelId: string,
  jobId: string,
  outcomes: readonly PickedOutcome[],
  settings: ExplainSettings = DEFAULT_EXPLANATION,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { pointId, position } of outcomes) {
    await db
      .insertInto('explanation')
      .values({
        id: newId('Explanation'),
        model_id: modelId,
        job_id: jobId,
        point_id: pointId,
        position,
        settings,
        created_at: now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // This job takes over those whose own job failed or was cancelled.
    await db
      .updateTable('explanation')
      .set({ job_id: jobId })
      .where('point_id', '=', pointId)
      .where('position', '=', position)
      .where(holds('settings', settings))
      .where('image', 'is', null)
      .where('job_id', 'in', (query) =>
        query.selectFrom('job').select('id').where('status', 'in', ['FAILED', 'CANCELLED']),
      )
      .execute();
    const { id } = await db
      .selectFrom('explanation')
      .select('id')
      .where('point_id', '=', pointId)
      .where('position', '=', position)
      .where(holds('settings', settings))
      .executeTakeFirstOrThrow();
    ids.push(id);
  }
  return ids;
}

/** The points of a model's sweeps in a study, in the study's order. */
export const pointsOfStudy = (db: Db, studyId: string, modelId: string): Promise<StudyPoint[]> =>
  db
    .selectFrom('point')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .innerJoin('study_job', 'study_job.job_id', 'sweep.job_id')
    .select(['point.id', 'point.value', 'point.counts'])
    .select(['sweep.transform', 'sweep.target', 'sweep.samples', 'sweep.seed'])
    .where('study_job.study_id', '=', studyId)
    .where('sweep.model_id', '=', modelId)
    .orderBy('study_job.place')
    .orderBy('point.id')
    .execute();

/** A point's outcomes, by position. */
export async function outcomesToPick(db: Db, pointId: string): Promise<PickableOutcome[]> {
  const rows = await db
    .selectFrom('outcome')
    .select(['position', 'sample_index', 'kind', 'identity_kind', 'clean_prediction', 'true_label'])
    .where('point_id', '=', pointId)
    .orderBy('position')
    .execute();
  return rows.map(({ position, sample_index, kind, identity_kind, clean_prediction, true_label }) => ({
    position,
    sampleIndex: sample_index,
    kind,
    identityKind: identity_kind,
    cleanRight: clean_prediction === true_label,
  }));
}

/** Explanations that studies asked for, of the outcomes of this one's sweeps; with a limit, the oldest. */
export const explanationsOfStudy = (db: Db, studyId: string, limit?: number) =>
  db
    .selectFrom('study_job')
    .innerJoin('sweep', 'sweep.job_id', 'study_job.job_id')
    .innerJoin('point', 'point.sweep_id', 'sweep.id')
    .innerJoin('explanation', 'explanation.point_id', 'point.id')
    .innerJoin('job', 'job.id', 'explanation.job_id')
    .selectAll('explanation')
    .where('study_job.study_id', '=', studyId)
    .where('job.study_id', 'is not', null)
    .orderBy('explanation.id')
    .$if(limit !== undefined, (query) => query.limit(limit!))
    .execute();

/** The model whose outcome it is; undefined where there is no such outcome. */
export async function modelOfOutcome(
  db: Db,
  { pointId, position }: PickedOutcome,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('outcome')
    .innerJoin('point', 'point.id', 'outcome.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .select('sweep.model_id')
    .where('outcome.point_id', '=', pointId)
    .where('outcome.position', '=', position)
    .executeTakeFirst();
  return row?.model_id;
}

/** Explanations that a job is to make, with what each is of. */
export const explanationsOfJob = (db: Db, jobId: string) =>
  db
    .selectFrom('explanation')
    .innerJoin('point', 'point.id', 'explanation.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .innerJoin('outcome', (join) =>
      join
        .onRef('outcome.point_id', '=', 'explanation.point_id')
        .onRef('outcome.position', '=', 'explanation.position'),
    )
    .select([
      'explanation.id',
      'explanation.position',
      'explanation.settings',
      'explanation.image',
      'point.value',
      'sweep.transform',
      'sweep.target',
      'sweep.samples',
      'sweep.seed',
      'sweep.benign_id',
      'point.sweep_id',
      'outcome.sample_index as sampleIndex',
    ])
    .where('explanation.job_id', '=', jobId)
    .orderBy('explanation.id')
    .execute();

export async function countExplanationsOf(db: Db, jobId: string): Promise<number> {
  const { count } = await db
    .selectFrom('explanation')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow();
  return count;
}

export async function saveExplanation(
  db: Db,
  id: string,
  made: Pick<
    Updateable<Tables['explanation']>,
    'image' | 'saliency' | 'overlay' | 'score' | 'measures' | 'explained_label'
  >,
): Promise<void> {
  await db.updateTable('explanation').set(made).where('id', '=', id).execute();
}

export async function insertStrip(db: Db, row: Omit<Insertable<Tables['strip']>, 'created_at'>) {
  await db
    .insertInto('strip')
    .values({ ...row, created_at: now() })
    .execute();
}

/** Samples that a model has strips of, by their indices. */
export async function strippedSamples(db: Db, modelId: string, settings: ExplainSettings): Promise<number[]> {
  const rows = await db
    .selectFrom('strip')
    .select('sample_index')
    .where('model_id', '=', modelId)
    .where(holds('settings', settings))
    .execute();
  return rows.map(({ sample_index }) => sample_index);
}

/** In the order of their samples. */
export const stripsOfModel = (db: Db, modelId: string): Promise<Row<'strip'>[]> =>
  db.selectFrom('strip').selectAll().where('model_id', '=', modelId).orderBy('sample_index').execute();

export const explanationsWanted =
  (wanted: ExplanationFilter | null): Filter<'explanation'> =>
  (query) =>
    wanted?.modelId ? query.where('model_id', '=', wanted.modelId) : query;

export async function deleteExplanations(db: Db, ids: readonly string[]): Promise<void> {
  await db
    .deleteFrom('explanation')
    .where('id', 'in', [...ids])
    .execute();
}

/** A point with its sweep's point where nothing is transformed; undefined where there is no such point, or none beside. */
export async function pointWithIdentity(
  db: Db,
  pointId: string,
): Promise<{ modelId: string; identityId: string; isIdentity: boolean; identity: number } | undefined> {
  const point = await db
    .selectFrom('point')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .select(['point.value', 'point.sweep_id', 'sweep.transform', 'sweep.model_id'])
    .where('point.id', '=', pointId)
    .executeTakeFirst();
  if (!point) return;
  const { identity } = transformOf(point.transform);
  const untransformed = await db
    .selectFrom('point')
    .select('id')
    .where('sweep_id', '=', point.sweep_id)
    .where('value', '=', identity)
    .executeTakeFirst();
  return {
    modelId: point.model_id,
    identityId: untransformed?.id ?? '',
    isIdentity: untransformed?.id === pointId,
    identity,
  };
}

export interface StoredComparison extends Comparison {
  /** Samples that are not whole yet. */
  waiting: number;
  missing: ExplainerId[];
}

/** All methods with their defaults at a point and at its identity; null where no two of them were asked for. */
export async function comparisonAt(db: Db, pointId: string): Promise<StoredComparison | null> {
  const place = await pointWithIdentity(db, pointId);
  if (!place?.identityId || place.isIdentity) return null;
  const methods = Object.keys(explainers) as ExplainerId[];
  const rows = await db
    .selectFrom('explanation')
    .select(['point_id', 'position', 'settings', 'image', 'score', 'measures'])
    .where('point_id', 'in', [pointId, place.identityId])
    .where(({ or }) => or(methods.map((method) => holds('settings', explainedBy(method)))))
    .execute();
  const present = methods.filter((method) => rows.some(({ settings }) => settings.method === method));
  if (present.length < 2) return null;
  const asked = new Map<number, number>();
  for (const { position } of rows) asked.set(position, (asked.get(position) ?? 0) + 1);
  const all = [...asked.values()].filter((count) => count === 2 * present.length).length;
  const maps = rows
    .filter(({ image }) => image !== null)
    .map(
      ({ point_id, position, settings, score, measures }): ComparedMap => ({
        method: settings.method,
        position,
        defeated: point_id === pointId,
        score,
        faithfulness: measures?.faithfulness ?? null,
        completenessError: measures?.completenessError ?? null,
      }),
    );
  const comparison = compareMaps(maps, present);
  const missing = methods.filter((method) => !present.includes(method));
  return { ...comparison, waiting: all - comparison.samples, missing };
}

/** The points of a model's sweeps in a study that methods were compared at, in the study's order. */
export const pointsCompared = (db: Db, studyId: string, modelId: string) =>
  db
    .selectFrom('explanation')
    .innerJoin('point', 'point.id', 'explanation.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .innerJoin('study_job', 'study_job.job_id', 'sweep.job_id')
    .select(['point.id', 'point.value', 'sweep.transform', 'sweep.target'])
    .distinct()
    .where('study_job.study_id', '=', studyId)
    .where('sweep.model_id', '=', modelId)
    .where(holds('explanation.settings', explainedBy('occlusion')))
    .orderBy('study_job.place')
    .orderBy('point.id')
    .execute();
