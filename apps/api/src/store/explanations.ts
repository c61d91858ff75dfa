import {
  type ExplainSettings,
  type PickableOutcome,
  type PickedOutcome,
  SMOOTHGRAD_DEFAULTS,
  type StudyPoint,
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
  settings: ExplainSettings = SMOOTHGRAD_DEFAULTS,
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
    'image' | 'saliency' | 'overlay' | 'score' | 'explained_label'
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
