import type { DetectorId, ModelSpec } from '@trojanscope/core';
import { sql } from 'kysely';
import type { Db } from './database.js';
import type { Job } from './jobs.js';

/** What finished jobs took, and how much work jobs are: what forecasts and estimates are made of. */

/** Work on models that have this in common takes alike. */
export interface Alike {
  dataset: string;
  architecture: ModelSpec['architecture'];
  /** px; null for the data set's own size */
  sizePx: number | null;
}

const tookSeconds = sql<number>`(julianday(job.finished_at) - julianday(job.started_at)) * 86400`;

/** Samples of a sweep at each value: what it used, or as long as that is not known what it was asked for. */
const samplesUsed = sql<number>`coalesce(
  (select point.counts ->> '$.samples' from point where point.sweep_id = sweep.id limit 1), sweep.samples)`;

/** How many explanations are the job's. */
const explanationsOfJob = sql<number>`(select count(*) from explanation where explanation.job_id = job.id)`;

/** Whether the job's model is such a one. */
const isAlike = ({ dataset, architecture, sizePx }: Alike) => sql<boolean>`(model.dataset = ${dataset}
  and model.spec ->> '$.architecture' = ${architecture} and model.spec ->> '$.sizePx' is ${sizePx})`;

/** Jobs of a kind that ran in one go, with such models. */
const finishedOf = (db: Db, kind: Job['kind'], alike: Alike) =>
  db
    .selectFrom('job')
    .innerJoin('model', 'model.id', 'job.model_id')
    .where('job.kind', '=', kind)
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .where(isAlike(alike))
    .orderBy('job.id', 'desc');

/** The newest trainings of such models that ran here in one go: what they were, and their seconds. */
export const finishedTrainings = (
  db: Db,
  alike: Alike,
  limit: number,
): Promise<{ spec: ModelSpec; seconds: number }[]> =>
  db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.spec', sql<number>`model.record ->> '$.durationSeconds'`.as('seconds')])
    .where('job.kind', '=', 'model')
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .where(isAlike(alike))
    .orderBy('model.id', 'desc')
    .limit(limit)
    .execute();

/** Seconds for each outcome, of the newest sweeps. */
export async function secondsPerOutcome(db: Db, alike: Alike, limit: number): Promise<number[]> {
  const sweeps = await finishedOf(db, 'sweep', alike)
    .innerJoin('sweep', 'sweep.job_id', 'job.id')
    .select(sql<number>`${tookSeconds} / (json_array_length(sweep."values") * ${samplesUsed})`.as('each'))
    .limit(limit)
    .execute();
  return sweeps.map(({ each }) => each);
}

/** Seconds for each sample and query, of the newest trials of detectors, and whether they are of this one. */
export async function secondsPerQuery(
  db: Db,
  alike: Alike,
  detector: DetectorId,
  limit: number,
): Promise<{ each: number; same: boolean }[]> {
  const detections = await finishedOf(db, 'detect', alike)
    .innerJoin('detection', 'detection.job_id', 'job.id')
    .select(
      sql<number>`${tookSeconds} / (detection.queries * (detection.summary ->> '$.samples'))`.as('each'),
    )
    .select(sql<number>`detection.detector = ${detector}`.as('same'))
    // Its own before others, however old.
    .clearOrderBy()
    .orderBy('same', 'desc')
    .orderBy('job.id', 'desc')
    .limit(limit)
    .execute();
  return detections.map(({ each, same }) => ({ each, same: same === 1 }));
}

/** The newest jobs that explained, and their seconds. */
export const finishedExplanations = (
  db: Db,
  alike: Alike,
  limit: number,
): Promise<(Pick<JobWithWork, 'payload' | 'explanations'> & { seconds: number })[]> =>
  finishedOf(db, 'explain', alike)
    .select(['job.payload', tookSeconds.as('seconds'), explanationsOfJob.as('explanations')])
    .limit(limit)
    .execute();

/** A job with what tells how much work it is. */
export type JobWithWork = Job & {
  spec: ModelSpec | null;
  values: number[] | null;
  samples: number | null;
  range_samples: number | null;
  /** Forward passes for the images of one kind. */
  detection_queries: number | null;
  explanations: number;
};

const withWork = (db: Db) =>
  db
    .selectFrom('job')
    .leftJoin('model', 'model.id', 'job.model_id')
    .leftJoin('sweep', 'sweep.id', 'job.sweep_id')
    .leftJoin('largest_range', 'largest_range.job_id', 'job.id')
    .leftJoin('detection', 'detection.job_id', 'job.id')
    .selectAll('job')
    .select(['model.spec', 'sweep.values', 'largest_range.samples_used as range_samples'])
    .select(sql<number | null>`detection.samples * detection.queries`.as('detection_queries'))
    .select(samplesUsed.as('samples'))
    .select(explanationsOfJob.as('explanations'))
    .$castTo<JobWithWork>();

/** The newest jobs that ran here in one go: a later attempt did only a part. */
export const finishedWork = (db: Db, limit: number): Promise<JobWithWork[]> =>
  withWork(db)
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .orderBy('job.id', 'desc')
    .limit(limit)
    .execute();

/** What is queued or runs, the oldest first. */
export const unfinishedWork = (db: Db): Promise<JobWithWork[]> =>
  withWork(db).where('job.status', 'in', ['QUEUED', 'RUNNING']).orderBy('job.id').execute();

/** For each person, the turn of the job served last. */
export async function lastTurns(db: Db): Promise<Map<string | null, number>> {
  const rows = await db
    .selectFrom('job')
    .select(['created_by', ({ fn }) => fn.max('turn').as('turn')])
    .groupBy('created_by')
    .execute();
  return new Map(rows.map(({ created_by, turn }) => [created_by, turn]));
}

/** Ids of what jobs wait for that has not succeeded, by theirs. */
export async function unmetNeeds(db: Db): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('job_need')
    .innerJoin('job', 'job.id', 'job_need.needs_id')
    .select(['job_need.job_id', 'job_need.needs_id'])
    .where('job.status', '!=', 'SUCCEEDED')
    .execute();
  const needs = new Map<string, string[]>();
  for (const { job_id, needs_id } of rows) needs.set(job_id, [...(needs.get(job_id) ?? []), needs_id]);
  return needs;
}
