import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { emitJob } from '../events.js';
import { retryLooking } from '../jobs/retryLooking.js';
import { writeAudit } from '../store/audit.js';
import type { Db } from '../store/database.js';
import { cancelJob, deadNeeds, findJob, jobOrder, jobsWanted, setPriority } from '../store/jobs.js';
import { mayChange, type Viewer, viewerOf } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { listTable } from './lists.js';
import { jobById, modelById, personById, studyById, sweepById } from './lookups.js';
import * as P from './present.js';

const QUEUE_SHOWN = 20;

@Resolver(() => S.Job)
export class Jobs {
  @Rule('VIEWER')
  @Query(() => S.JobConnection, { description: 'Jobs, newest first where no other order is asked for.' })
  jobs(
    @Args(() => S.PageArgs) page: S.PageArgs,
    @Arg('filter', () => S.JobFilter, { nullable: true, description: 'Which of them.' })
    filter: S.JobFilter | null,
    @Arg('orderBy', () => S.JobOrder, { nullable: true, description: 'In which order.' })
    orderBy: S.JobOrder | null,
    @Ctx() { db }: Context,
  ) {
    const kind = filter?.kind && parseParameters(S.jobKinds, filter.kind, ['filter', 'kind']);
    const orders = orderBy ? [jobOrder(orderBy)] : undefined;
    return listTable(db, 'job', page, P.presentJob, jobsWanted({ ...filter, kind }), orders);
  }

  @Rule('VIEWER')
  @Query(() => [S.Job], {
    description: `The queue: the queued jobs that are taken next, at most ${QUEUE_SHOWN}, in the order in which they are taken.`,
  })
  async queue(@Ctx() { load }: Context) {
    const ids = [...(await load.forecasts()).keys()].slice(0, QUEUE_SHOWN);
    const jobs = await load.job.loadMany(ids);
    return jobs.flatMap((job) => (job === null || job instanceof Error ? [] : [P.presentJob(job)]));
  }

  @Rule('RUNNER')
  @Mutation(() => S.CancelJobPayload, { description: 'Stops a queued or running job; what it did is kept.' })
  cancelJob(
    @Arg('input', () => S.CancelJobInput, INPUT) { jobId }: S.CancelJobInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      await changeJob('cancelJob', jobId, context, async (tx) => {
        if (!(await cancelJob(tx, jobId, viewerOf(context).id)))
          await refuseState(tx, jobId, 'queued or running');
      });
      context.queue.abort(jobId);
      return { job: await changedJob(jobId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.RetryJobPayload, {
    description: 'Queues a failed or cancelled job again, and what it needs; they go on from what is done.',
  })
  retryJob(@Arg('input', () => S.RetryJobInput, INPUT) { jobId }: S.RetryJobInput, @Ctx() context: Context) {
    return answer(async () => {
      const retried: string[] = [];
      await changeJob('retryJob', jobId, context, async (tx) => {
        if (!(await retryLooking(tx, jobId, viewerOf(context).id)))
          await refuseState(tx, jobId, 'failed or cancelled');
        for (const need of await deadNeeds(tx, jobId)) {
          checkOwn(need, viewerOf(context));
          await retryLooking(tx, need.id, viewerOf(context).id);
          retried.push(need.id);
        }
      });
      context.queue.wake();
      for (const id of retried) await changedJob(id, context);
      return { job: await changedJob(jobId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.SetPriorityPayload, { description: 'Says which queued jobs are to be taken first.' })
  setPriority(
    @Arg('input', () => S.SetPriorityInput, INPUT) { jobIds, priority }: S.SetPriorityInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      parseParameters(S.setPriorityRequest.shape.jobIds, jobIds, ['jobIds']);
      if (priority === 'URGENT' && viewerOf(context).role !== 'ADMIN')
        throw new TrojanscopeError('FORBIDDEN', 'Only an admin may put jobs before those of everybody.', [
          'priority',
        ]);
      await context.db.transaction().execute(async (tx) => {
        for (const [i, id] of jobIds.entries()) {
          await ownJob(tx, id, viewerOf(context), ['jobIds', i]);
          await setPriority(tx, id, priority);
        }
        await writeAudit(tx, viewerOf(context), 'setPriority', jobIds);
      });
      for (const id of jobIds) context.events.emit('Job', id);
      return { jobs: await Promise.all(jobIds.map((id) => jobById(id, context))) };
    });
  }

  @FieldResolver()
  progress(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return job.row.attempt === 0 ? null : progressOf(job, context);
  }
  @FieldResolver()
  async queuePosition(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.position;
  }
  @FieldResolver()
  async startsInSeconds(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.startsInSeconds;
  }
  @FieldResolver()
  async takesSeconds(@Root() job: P.PresentedJob, @Ctx() context: Context) {
    return (await forecastOf(job, context))?.takesSeconds;
  }
  @FieldResolver()
  async waitsFor(@Root() job: P.PresentedJob, @Ctx() { load }: Context) {
    return job.status === 'QUEUED' ? (await load.needsOfJob.load(job.id)).map(P.presentJob) : [];
  }
  @FieldResolver()
  async log(@Root() { id }: P.PresentedJob, @Ctx() context: Context) {
    const lines = await context.load.logOfJob.load(id);
    return lines.map(({ at, attempt, text, by_id }) => ({
      at: new Date(at),
      attempt,
      text,
      by: by_id && personById(by_id, context),
    }));
  }
  @FieldResolver()
  model(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return modelById(row.model_id, context);
  }
  @FieldResolver()
  sweep(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return sweepById(row.sweep_id, context);
  }
  @FieldResolver()
  study(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return studyById(row.study_id, context);
  }
  @FieldResolver()
  createdBy(@Root() { row }: P.PresentedJob, @Ctx() context: Context) {
    return row.created_by === null ? null : personById(row.created_by, context);
  }
}

export function progressOf(job: P.PresentedJob, { queue }: Context) {
  const { status, stage, done, total, unit } = job.row;
  return {
    job,
    status,
    stage,
    done,
    total,
    unit,
    etaSeconds: P.etaSeconds(job.row, queue.secondsRunning(job.id)),
  };
}

const forecastOf = async ({ id, status }: P.PresentedJob, { load }: Context) =>
  status === 'QUEUED' ? (await load.forecasts()).get(id) : null;

/** Tells of a job whose status was changed. */
export async function changedJob(id: string, context: Context) {
  const job = await jobById(id, context);
  if (job) emitJob(context.events, job.row);
  return job;
}

/** Changes a job of one's own; an admin any. @throws TrojanscopeError as `ownJob` and as `change` */
const changeJob = (
  mutation: string,
  jobId: string,
  context: Context,
  change: (tx: Db) => Promise<void>,
): Promise<void> =>
  context.db.transaction().execute(async (tx) => {
    await ownJob(tx, jobId, viewerOf(context), ['jobId']);
    await change(tx);
    await writeAudit(tx, viewerOf(context), mutation, [jobId]);
  });

/** @throws TrojanscopeError FORBIDDEN for somebody else's job as for none; NOT_FOUND for an admin */
async function ownJob(tx: Db, id: string, viewer: Viewer, field: (string | number)[]) {
  const job = await findJob(tx, id);
  if (!mayChange(viewer, job))
    throw new TrojanscopeError(
      'FORBIDDEN',
      'Expected a job that you started yourself; an admin may change those of others.',
      field,
    );
  if (!job) throw new TrojanscopeError('NOT_FOUND', `There is no job ${id}.`, field);
  return job;
}

/** @throws TrojanscopeError CONFLICT */
async function refuseState(tx: Db, id: string, expected: string): Promise<never> {
  const { status } = (await findJob(tx, id))!;
  throw new TrojanscopeError(
    'CONFLICT',
    `Expected a job that is ${expected}; this one is ${status.toLowerCase()}.`,
    ['jobId'],
  );
}

/** @throws TrojanscopeError FORBIDDEN */
function checkOwn(job: { title: string; created_by: string | null }, viewer: Viewer): void {
  if (mayChange(viewer, job)) return;
  throw new TrojanscopeError(
    'FORBIDDEN',
    `This needs “${job.title}”, which somebody else started and which failed or was cancelled. They or an admin may retry it.`,
  );
}
