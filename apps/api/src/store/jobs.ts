import type { ErrorCode } from '@trojanscope/core';
import type { JobFilter, JobKind, JobOrder } from '@trojanscope/schema';
import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import { type Db, type JobTable, now, type Tables } from './database.js';
import { newId } from './ids.js';
import type { Filter, Order } from './lists.js';

export type Job = Selectable<JobTable>;

export interface NewJob {
  id?: string;
  kind: Job['kind'];
  title: string;
  payload: Record<string, unknown>;
  studyId?: string;
  modelId?: string;
  sweepId?: string;
  createdBy?: string;
  needs?: string[];
}

/** Crashes in a row, nothing kept in between, after which a job is given up. */
const MAXIMUM_CRASHES = 5;

/** A job that is interrupted again and again keeps its last lines. */
export const MAXIMUM_LOG_LINES = 500;

/** Notes what became of a job, and who did it where somebody did. */
export async function writeJobLog(db: Db, jobId: string, text: string, byId?: string | null): Promise<void> {
  await sql`
    insert into job_log (job_id, line, attempt, at, text, by_id)
    select id, (select coalesce(max(line), 0) + 1 from job_log where job_id = id), attempt, ${now()}, ${text},
      ${byId ?? null}
    from job where id = ${jobId}`.execute(db);
  await sql`
    delete from job_log where job_id = ${jobId}
      and line <= (select max(line) from job_log where job_id = ${jobId}) - ${MAXIMUM_LOG_LINES}`.execute(db);
}

export async function insertJob(db: Db, job: NewJob): Promise<string> {
  const id = job.id ?? newId('Job');
  await db
    .insertInto('job')
    .values({
      id,
      kind: job.kind,
      title: job.title,
      status: 'QUEUED',
      payload: job.payload,
      study_id: job.studyId ?? null,
      model_id: job.modelId ?? null,
      sweep_id: job.sweepId ?? null,
      attempt: 0,
      crashes: 0,
      stage: '',
      done: 0,
      total: 0,
      unit: '',
      done_at_start: 0,
      created_by: job.createdBy ?? null,
      created_at: now(),
    })
    .execute();
  for (const needs_id of new Set(job.needs))
    await db.insertInto('job_need').values({ job_id: id, needs_id }).execute();
  await writeJobLog(db, id, 'queued', job.createdBy);
  return id;
}

const PRIORITIES = { LOW: -1, NORMAL: 0, HIGH: 1, URGENT: 2 } as const;
export const { URGENT } = PRIORITIES;
type Priority = keyof typeof PRIORITIES;

export const priorityOf = (stored: number) =>
  (Object.keys(PRIORITIES) as Priority[]).find((name) => PRIORITIES[name] === stored)!;

export const setPriority = (db: Db, id: string, priority: Priority) =>
  db.updateTable('job').set({ priority: PRIORITIES[priority] }).where('id', '=', id).execute();

export const statusOfJob = async (db: Db, id: string): Promise<Job['status']> =>
  (await db.selectFrom('job').select('status').where('id', '=', id).executeTakeFirstOrThrow()).status;

export const hasJobs = async (db: Db): Promise<boolean> =>
  (await db.selectFrom('job').select('id').limit(1).executeTakeFirst()) !== undefined;

/** How many jobs there are, by status; none of a status that no job has. */
export async function countJobs(db: Db): Promise<Map<Job['status'], number>> {
  const rows = await db
    .selectFrom('job')
    .select(['status', ({ fn }) => fn.countAll<number>().as('count')])
    .groupBy('status')
    .execute();
  return new Map(rows.map(({ status, count }) => [status, count]));
}

/** Queued jobs all of whose needs are met, in the order in which they are taken. */
const runnable = (db: Db) =>
  db
    .selectFrom('job')
    .selectAll()
    .where('status', '=', 'QUEUED')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('job_need')
            .innerJoin('job as needed', 'needed.id', 'job_need.needs_id')
            .select('needed.id')
            .whereRef('job_need.job_id', '=', 'job.id')
            .where('needed.status', '!=', 'SUCCEEDED'),
        ),
      ),
    )
    .orderBy(sql`priority = ${sql.lit(URGENT)}`, 'desc')
    // People take turns: first comes who was served longest ago, whatever the number of their jobs.
    .orderBy(
      sql`(select coalesce(max(turn), 0) from job as served where served.created_by is job.created_by)`,
    )
    .orderBy('priority', 'desc')
    .orderBy('id');

/** Takes the next job for a worker: RUNNING, with a new attempt, which from now on is the key to its rows. */
export async function claimNextJob(db: Db): Promise<Job | undefined> {
  const next = await runnable(db).executeTakeFirst();
  if (!next) return undefined;
  const job = await db
    .updateTable('job')
    .set({
      status: 'RUNNING',
      attempt: sql`attempt + 1`,
      turn: sql`(select max(turn) + 1 from job)`,
      done_at_start: sql`done`,
      stage: 'starting',
      error_code: null,
      error_message: null,
      started_at: now(),
      finished_at: null,
    })
    .where('id', '=', next.id)
    .where('status', '=', 'QUEUED')
    .returningAll()
    .executeTakeFirst();
  if (job) await writeJobLog(db, job.id, 'started');
  return job;
}

export type Progress = Partial<Pick<Job, 'stage' | 'done' | 'total' | 'unit'>>;

/**
 * Notes progress, if the job is still this attempt's. As the first statement of a transaction it takes the write lock
 * and so guards what follows: a worker that was given up writes nothing.
 * @returns whether the job is still this attempt's
 */
export async function noteProgress(
  db: Db,
  { id, attempt }: Job,
  progress: Progress & { crashes?: 0 },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set(progress)
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'RUNNING')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function finishJob(
  db: Db,
  { id, attempt }: Job,
  end: { status: 'SUCCEEDED' } | { status: 'FAILED'; code: ErrorCode; message: string },
): Promise<boolean> {
  const failed = end.status === 'FAILED';
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({
      status: end.status,
      stage: failed ? 'failed' : 'done',
      error_code: failed ? end.code : null,
      error_message: failed ? end.message : null,
      finished_at: now(),
    })
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'RUNNING')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await writeJobLog(db, id, failed ? `failed: ${end.message}` : 'done');
  return true;
}

/** A job whose worker died goes back to the queue; one that dies again and again without getting on fails. */
export async function requeueJob(db: Db, job: Pick<Job, 'id' | 'attempt'>, reason: string): Promise<void> {
  const { id, attempt } = job;
  const given = await db
    .updateTable('job')
    .set(({ eb }) => ({
      crashes: sql`crashes + 1`,
      status: eb
        .case()
        .when('crashes', '>=', MAXIMUM_CRASHES - 1)
        .then('FAILED' as const)
        .else('QUEUED' as const)
        .end(),
      stage: eb
        .case()
        .when('crashes', '>=', MAXIMUM_CRASHES - 1)
        .then('failed')
        .else('waiting to go on')
        .end(),
      finished_at: eb
        .case()
        .when('crashes', '>=', MAXIMUM_CRASHES - 1)
        .then(now())
        .else(null)
        .end(),
      error_code: eb
        .case()
        .when('crashes', '>=', MAXIMUM_CRASHES - 1)
        .then('INTERNAL' as const)
        .else(null)
        .end(),
      error_message: eb
        .case()
        .when('crashes', '>=', MAXIMUM_CRASHES - 1)
        .then(
          `The worker died ${MAXIMUM_CRASHES} times at the same place (${reason}). Too little memory is the usual cause.`,
        )
        .else(null)
        .end(),
    }))
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'RUNNING')
    .returning('status')
    .executeTakeFirst();
  if (!given) return;
  const end = given.status === 'FAILED' ? 'given up' : 'waiting to go on';
  await writeJobLog(db, id, `the worker died (${reason}): ${end}`);
}

/** A job that an orderly stop interrupts goes back to the queue; that is no crash. */
export async function releaseJob(db: Db, { id, attempt }: Pick<Job, 'id' | 'attempt'>): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({ status: 'QUEUED', stage: 'waiting to go on' })
    .where('id', '=', id)
    .where('attempt', '=', attempt)
    .where('status', '=', 'RUNNING')
    .executeTakeFirst();
  if (numUpdatedRows === 1n) await writeJobLog(db, id, 'the server stopped: waiting to go on');
}

/** After a start nothing runs yet, so what says RUNNING lost its worker with the last server. */
export async function requeueOrphans(db: Db): Promise<number> {
  const orphans = await db
    .selectFrom('job')
    .select(['id', 'attempt'])
    .where('status', '=', 'RUNNING')
    .execute();
  for (const orphan of orphans) await requeueJob(db, orphan, 'with the server');
  return orphans.length;
}

/** @param byId who does it @returns whether it was queued or running */
export async function cancelJob(db: Db, id: string, byId?: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({ status: 'CANCELLED', stage: 'cancelled', finished_at: now() })
    .where('id', '=', id)
    .where('status', 'in', ['QUEUED', 'RUNNING'])
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await writeJobLog(db, id, 'cancelled', byId);
  return true;
}

/** @param byId who does it @returns whether it was failed or cancelled */
export async function retryJob(db: Db, id: string, byId?: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({
      status: 'QUEUED',
      stage: '',
      crashes: 0,
      error_code: null,
      error_message: null,
      finished_at: null,
    })
    .where('id', '=', id)
    .where('status', 'in', ['FAILED', 'CANCELLED'])
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await writeJobLog(db, id, 'queued again', byId);
  return true;
}

/** What a job waits for, directly or not, and would wait for in vain: it failed or was cancelled. */
export const deadNeeds = (db: Db, id: string) =>
  db
    .withRecursive('need', (tx) =>
      tx
        .selectFrom('job_need')
        .select('needs_id as id')
        .where('job_id', '=', id)
        .union(
          tx
            .selectFrom('job_need')
            .innerJoin('need', 'need.id', 'job_need.job_id')
            .select('job_need.needs_id as id'),
        ),
    )
    .selectFrom('job')
    .select(['id', 'title', 'created_by'])
    .where('id', 'in', (query) => query.selectFrom('need').select('need.id'))
    .where('status', 'in', ['FAILED', 'CANCELLED'])
    .execute();

/** Of jobs whose result is there or will be. */
export const USABLE = ['SUCCEEDED', 'RUNNING', 'QUEUED'] as const;

export const findJob = (db: Db, id: string): Promise<Job | undefined> =>
  db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();

/** One of those that run. */
export const runningJob = (db: Db): Promise<Job | undefined> =>
  db.selectFrom('job').selectAll().where('status', '=', 'RUNNING').executeTakeFirst();

/** Of one that has turned out to have nothing to do. */
export async function deleteJob(db: Db, id: string): Promise<void> {
  await db.deleteFrom('job').where('id', '=', id).execute();
}

const counted = ({ fn }: ExpressionBuilder<Tables, 'job'>) => fn.countAll<number>().as('count');

/** Queued jobs of somebody. */
export async function countQueued(db: Db, byId: string): Promise<number> {
  const { count } = await db
    .selectFrom('job')
    .select(counted)
    .where('status', '=', 'QUEUED')
    .where('created_by', '=', byId)
    .executeTakeFirstOrThrow();
  return count;
}

/** How many jobs wait, and how many run. */
export async function countUnfinished(db: Db): Promise<{ QUEUED: number; RUNNING: number }> {
  const rows = await db
    .selectFrom('job')
    .select(['status', counted])
    .where('status', 'in', ['QUEUED', 'RUNNING'])
    .groupBy('status')
    .execute();
  return { QUEUED: 0, RUNNING: 0, ...Object.fromEntries(rows.map(({ status, count }) => [status, count])) };
}

/** A job that somebody did without the queue: in one transaction it is queued and done before any worker sees it. */
export async function insertDoneJob(db: Db, job: NewJob, startedAt: string): Promise<string> {
  const id = await insertJob(db, job);
  await db
    .updateTable('job')
    .set({ status: 'SUCCEEDED', stage: 'done', attempt: 1, started_at: startedAt, finished_at: now() })
    .where('id', '=', id)
    .execute();
  return id;
}

export const jobOrder = ({ field, direction }: JobOrder): Order => ({
  ...(field === 'FINISHED_AT' && { value: sql.ref('job.finished_at'), text: true }),
  descending: direction === 'DESC',
});

export const jobsWanted =
  ({ status, kind, modelId, studyId }: Omit<JobFilter, 'kind'> & { kind?: JobKind[] }): Filter<'job'> =>
  (all) => {
    let query = all;
    if (status) query = query.where('status', 'in', status);
    if (kind) query = query.where('kind', 'in', kind);
    if (modelId) query = query.where('model_id', '=', modelId);
    if (studyId)
      query = query.where('id', 'in', (jobs) =>
        jobs.selectFrom('study_job').select('job_id').where('study_id', '=', studyId),
      );
    return query;
  };
