import type { Db, Row } from './database.js';
import type { Job } from './jobs.js';

export const studyById = (db: Db, id: string): Promise<Row<'study'> | undefined> =>
  db.selectFrom('study').selectAll().where('id', '=', id).executeTakeFirst();

/** Those that are not in the trash, in the order of their age. */
export const shownStudies = (db: Db): Promise<Row<'study'>[]> =>
  db.selectFrom('study').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();

/** Jobs of a study, in order, with the names of their models. */
export const jobsOfStudy = (db: Db, studyId: string): Promise<(Job & { modelName: string | null })[]> =>
  db
    .selectFrom('study_job')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .leftJoin('model', 'model.id', 'job.model_id')
    .selectAll('job')
    .select('model.name as modelName')
    .where('study_job.study_id', '=', studyId)
    .orderBy('study_job.place')
    .execute();
