import { type SelectQueryBuilder, sql } from 'kysely';
import type { Db, Row, Shown, Status, Tables } from './database.js';
import type { Job } from './jobs.js';

/** Rows of many things in one statement each, for lists that show them. Whose a row is, it says itself. */

type Identified =
  | 'model'
  | 'sweep'
  | 'point'
  | 'study'
  | 'largest_range'
  | 'detection'
  | 'explanation'
  | 'artifact'
  | 'user'
  | 'job';

/** `clean_accuracy` and `asr` are left out: SQLite would parse each record for them. */
const shownModels = (
  query: SelectQueryBuilder<Tables, 'model', object>,
): SelectQueryBuilder<Tables, 'model', Shown<'model'>> =>
  query
    .select(['model.id', 'model.name', 'model.kind', 'model.dataset', 'model.attack', 'model.spec'])
    .select(['model.benign_id', 'model.job_id', 'model.record', 'model.poison', 'model.created_at'])
    .select(['model.trigger_box', 'model.trigger_picture', 'model.trigger_on_sample'])
    .select(['model.notes', 'model.tags', 'model.locked', 'model.deleted_at'])
    .select(sql<Status>`(select status from job where job.id = model.job_id)`.as('status'));

/** Selects what is shown of the rows of a table. */
export const selectShown = <T extends keyof Tables>(
  query: SelectQueryBuilder<Tables, T, object>,
  table: T,
): SelectQueryBuilder<Tables, T, Shown<T>> => {
  // Kysely's types do not follow a table name that is a type parameter.
  const rows = query as unknown as SelectQueryBuilder<Tables, 'model', object>;
  const selected = table === 'model' ? shownModels(rows) : rows.selectAll(table as 'model');
  return selected as unknown as SelectQueryBuilder<Tables, T, Shown<T>>;
};

/** In no order; ids of nothing are left out. */
export async function rowsById<T extends Identified>(
  db: Db,
  table: T,
  ids: readonly string[],
): Promise<(Shown<T> & { id: string })[]> {
  const rows = await selectShown(db.selectFrom(table as 'model'), table as 'model')
    .where('id', 'in', [...ids])
    .execute();
  return rows as unknown as (Shown<T> & { id: string })[];
}

/** One that is known to exist. */
export const knownRow = <T extends Identified>(db: Db, table: T, id: string): Promise<Row<T>> =>
  db
    .selectFrom(table as 'model')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow() as unknown as Promise<Row<T>>;

export const pointsOfSweeps = (db: Db, sweepIds: readonly string[]): Promise<Row<'point'>[]> =>
  db
    .selectFrom('point')
    .selectAll()
    .where('sweep_id', 'in', [...sweepIds])
    .orderBy('position')
    .execute();

/** In the order of each study. */
export const jobsOfStudies = (db: Db, studyIds: readonly string[]): Promise<(Job & { of_study: string })[]> =>
  db
    .selectFrom('study_job')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .selectAll('job')
    .select('study_job.study_id as of_study')
    .where('study_job.study_id', 'in', [...studyIds])
    .orderBy('study_job.place')
    .execute();

/** What jobs wait for. */
export const needsOfJobs = (db: Db, jobIds: readonly string[]): Promise<(Job & { needed_by: string })[]> =>
  db
    .selectFrom('job_need')
    .innerJoin('job', 'job.id', 'job_need.needs_id')
    .selectAll('job')
    .select('job_need.job_id as needed_by')
    .where('job_need.job_id', 'in', [...jobIds])
    .where('job.status', '!=', 'SUCCEEDED')
    .orderBy('job.id')
    .execute();

export const logsOfJobs = (db: Db, jobIds: readonly string[]): Promise<Row<'job_log'>[]> =>
  db
    .selectFrom('job_log')
    .selectAll()
    .where('job_id', 'in', [...jobIds])
    .orderBy('line')
    .execute();

export const trainingOfModels = (db: Db, modelIds: readonly string[]): Promise<Row<'training_step'>[]> =>
  db
    .selectFrom('training_step')
    .selectAll()
    .where('model_id', 'in', [...modelIds])
    .orderBy('step')
    .execute();

/** Newest first. */
export const explanationsAtPoints = (db: Db, pointIds: readonly string[]): Promise<Row<'explanation'>[]> =>
  db
    .selectFrom('explanation')
    .selectAll()
    .where('point_id', 'in', [...pointIds])
    .orderBy('id', 'desc')
    .execute();
