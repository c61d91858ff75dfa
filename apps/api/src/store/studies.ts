import {
  type ModelSpec,
  type StudyDocument,
  type StudyPresetId,
  studyPresets,
  withOptions,
} from '@trojanscope/core';
import { type Insertable, sql } from 'kysely';
import { type Db, now, type Row, type Status, type Tables } from './database.js';
import type { Job } from './jobs.js';

export const insertStudyRow = (db: Db, row: Omit<Insertable<Tables['study']>, 'created_at'>) =>
  db
    .insertInto('study')
    .values({ ...row, created_at: now() })
    .execute();

/** What a study consists of, as a document. */
export const documentOf = ({ preset, seed, options, document }: Row<'study'>): StudyDocument =>
  document ?? withOptions(studyPresets[preset as StudyPresetId], { seeds: [seed], ...options });

/** @param jobs in their order */
export const insertStudyJobs = (db: Db, studyId: string, jobs: readonly string[]) =>
  db
    .insertInto('study_job')
    .values(jobs.map((job_id, i) => ({ study_id: studyId, place: i + 1, job_id })))
    .execute();

/** Jobs of a study, in order. */
const jobsOf = (db: Db, studyId: string) =>
  db
    .selectFrom('study_job')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .selectAll('job')
    .where('study_job.study_id', '=', studyId)
    .orderBy('study_job.place');

/** Those whose model is there, with what that is. */
const withSpec = (db: Db, studyId: string) =>
  jobsOf(db, studyId).innerJoin('model', 'model.id', 'job.model_id').select('model.spec');

export const jobsWithSpecOf = (db: Db, studyId: string): Promise<JobWithSpec[]> =>
  withSpec(db, studyId).execute();

export type JobWithSpec = Job & { spec: ModelSpec };

/** The same of any jobs. */
export const jobsWithSpec = (db: Db, ids: readonly string[]): Promise<JobWithSpec[]> =>
  db
    .selectFrom('job')
    .innerJoin('model', 'model.id', 'job.model_id')
    .selectAll('job')
    .select('model.spec')
    // As JSON: there may be more of them than a statement takes values.
    .where('job.id', 'in', sql<string>`(select value from json_each(${JSON.stringify(ids)}))`)
    .execute();

/** @param ownOnly leaves out what the study took over */
export const jobsOfStudyIn = (db: Db, studyId: string, status: readonly Status[], ownOnly: boolean) =>
  jobsOf(db, studyId)
    .where('job.status', 'in', status)
    .$if(ownOnly, (query) => query.where('job.study_id', '=', studyId))
    .execute();

export const studyById = (db: Db, id: string): Promise<Row<'study'> | undefined> =>
  db.selectFrom('study').selectAll().where('id', '=', id).executeTakeFirst();

/** Those that are not in the trash, in the order of their age. */
export const shownStudies = (db: Db): Promise<Row<'study'>[]> =>
  db.selectFrom('study').selectAll().where('deleted_at', 'is', null).orderBy('id').execute();

/** Jobs of a study, in order, with the names of their models. */
export const jobsOfStudy = (db: Db, studyId: string): Promise<(Job & { modelName: string | null })[]> =>
  jobsOf(db, studyId)
    .leftJoin('model', 'model.id', 'job.model_id')
    .select('model.name as modelName')
    .execute();
