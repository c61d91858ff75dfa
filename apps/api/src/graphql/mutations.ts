import { parseParameters, TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { emitJob } from '../events.js';
import { retryLooking } from '../jobs/retryLooking.js';
import { startExplain } from '../jobs/startExplain.js';
import { startMeasuring } from '../jobs/startMeasuring.js';
import { startImplant, startTraining } from '../jobs/startModel.js';
import { startRangeSearch } from '../jobs/startRangeSearch.js';
import { startStudy } from '../jobs/startStudy.js';
import { startSweep } from '../jobs/startSweep.js';
import { writeAudit } from '../store/audit.js';
import { annotate, moveToTrash, restoreFromTrash, setLock } from '../store/curation.js';
import type { Db, Status } from '../store/database.js';
import { typeOfId } from '../store/ids.js';
import { cancelJob, deadNeeds, setPriority } from '../store/jobs.js';
import { purgeTrash } from '../store/purge.js';
import type { Viewer } from '../viewer.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { nodeById } from './nodes.js';
import { explanationById, jobById, modelById, rangeById, studyById, sweepById } from './stored.js';

@Resolver()
export class Mutations {
  @Rule('RUNNER')
  @Mutation(() => S.TrainModelPayload, { description: 'Queues the training of a benign model.' })
  trainModel(
    @Arg('input', () => S.TrainModelInput, INPUT) input: S.TrainModelInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startTraining(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('Model', id);
      return { model: await modelById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.ImplantBackdoorPayload, { description: 'Queues the training of a trojaned model.' })
  implantBackdoor(
    @Arg('input', () => S.ImplantBackdoorInput, INPUT) input: S.ImplantBackdoorInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startImplant(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('Model', id);
      return { model: await modelById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.RunSweepPayload, { description: 'Queues a sweep of a trained trojaned model.' })
  runSweep(@Arg('input', () => S.RunSweepInput, INPUT) input: S.RunSweepInput, @Ctx() context: Context) {
    return answer(async () => {
      const id = await startSweep(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('Sweep', id);
      return { sweep: await sweepById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.FindLargestRangePayload, {
    description: 'Queues a search for how far clean images can be transformed and still be classified right.',
  })
  findLargestRange(
    @Arg('input', () => S.FindLargestRangeInput, INPUT) input: S.FindLargestRangeInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startRangeSearch(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('LargestRange', id);
      return { range: await rangeById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.MeasureStudyPayload, {
    description:
      'Measures how fast this machine is with what a study consists of, for `estimateStudy`: seconds to minutes.',
  })
  measureStudy(
    @Arg('input', () => S.MeasureStudyInput, INPUT) input: S.MeasureStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startMeasuring(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('Job', id);
      return { job: await jobById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.ExplainPayload, { description: 'Queues explanations of outcomes.' })
  explain(@Arg('input', () => S.ExplainInput, INPUT) input: S.ExplainInput, @Ctx() context: Context) {
    return answer(async () => {
      const ids = await startExplain(context.db, input, context.viewer!);
      context.queue.wake();
      for (const id of ids) context.events.emit('Explanation', id);
      const explanations = await Promise.all(ids.map((id) => explanationById(id, context)));
      // Those that were there are another job's.
      for (const id of new Set(explanations.map((one) => one!.row.job_id))) await changedJob(id, context);
      return { explanations };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.RunStudyPayload, {
    description:
      'Queues everything a study preset consists of. Models and sweeps of the same specification that are there are taken over.',
  })
  runStudy(@Arg('input', () => S.RunStudyInput, INPUT) input: S.RunStudyInput, @Ctx() context: Context) {
    return answer(async () => {
      const id = await startStudy(context.db, input, context.viewer!);
      context.queue.wake();
      context.events.emit('Study', id);
      return { study: await studyById(id, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.CancelJobPayload, { description: 'Stops a queued or running job; what it did is kept.' })
  cancelJob(
    @Arg('input', () => S.CancelJobInput, INPUT) { jobId }: S.CancelJobInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      await changeJob('cancelJob', jobId, context, async (tx) => {
        if (!(await cancelJob(tx, jobId, context.viewer!.id)))
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
        if (!(await retryLooking(tx, jobId, context.viewer!.id)))
          await refuseState(tx, jobId, 'failed or cancelled');
        for (const need of await deadNeeds(tx, jobId)) {
          checkOwn(need, context.viewer!);
          await retryLooking(tx, need.id, context.viewer!.id);
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
      if (priority === 'URGENT' && context.viewer!.role !== 'ADMIN')
        throw new TrojanscopeError('FORBIDDEN', 'Only an admin may put jobs before those of everybody.', [
          'priority',
        ]);
      await context.db.transaction().execute(async (tx) => {
        for (const [i, id] of jobIds.entries()) {
          await ownJob(tx, id, context.viewer!, ['jobIds', i]);
          await setPriority(tx, id, priority);
        }
        await writeAudit(tx, context.viewer!, 'setPriority', jobIds);
      });
      for (const id of jobIds) context.events.emit('Job', id);
      return { jobs: await Promise.all(jobIds.map((id) => jobById(id, context))) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.CancelStudyPayload, {
    description:
      'Stops everything that a study started and that is queued or running; what was done is kept.',
  })
  cancelStudy(
    @Arg('input', () => S.CancelStudyInput, INPUT) { studyId }: S.CancelStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const ids = await changeStudy('cancelStudy', cancelJob, studyId, ['QUEUED', 'RUNNING'], true, context);
      for (const id of ids) context.queue.abort(id);
      return { study: await studyById(studyId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.ResumeStudyPayload, {
    description:
      'Queues everything in a study again that failed or was cancelled; what is done is not done again.',
  })
  resumeStudy(
    @Arg('input', () => S.ResumeStudyInput, INPUT) { studyId }: S.ResumeStudyInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      await changeStudy('resumeStudy', retryLooking, studyId, ['FAILED', 'CANCELLED'], false, context);
      context.queue.wake();
      return { study: await studyById(studyId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.AnnotatePayload, { description: 'Writes names, notes and tags.' })
  annotate(@Arg('input', () => S.AnnotateInput, INPUT) input: S.AnnotateInput, @Ctx() context: Context) {
    return curate('annotate', input.ids, context, (tx) => annotate(tx, input));
  }

  @Rule('RUNNER')
  @Mutation(() => S.SetLockPayload, { description: 'Locks things against deletion, or unlocks them.' })
  setLock(
    @Arg('input', () => S.SetLockInput, INPUT) { ids, locked }: S.SetLockInput,
    @Ctx() context: Context,
  ) {
    return curate('setLock', ids, context, (tx) => setLock(tx, ids, locked));
  }

  @Rule('RUNNER')
  @Mutation(() => S.DeleteItemsPayload, {
    description: 'Moves things to the trash: out of lists and curves, with nothing lost.',
  })
  deleteItems(
    @Arg('input', () => S.DeleteItemsInput, INPUT) { ids }: S.DeleteItemsInput,
    @Ctx() context: Context,
  ) {
    return curate('deleteItems', ids, context, (tx) => moveToTrash(tx, ids));
  }

  @Rule('RUNNER')
  @Mutation(() => S.RestoreItemsPayload, { description: 'Takes things out of the trash.' })
  restoreItems(
    @Arg('input', () => S.RestoreItemsInput, INPUT) { ids }: S.RestoreItemsInput,
    @Ctx() context: Context,
  ) {
    return curate('restoreItems', ids, context, (tx) => restoreFromTrash(tx, ids));
  }

  @Rule('ADMIN')
  @Mutation(() => S.PurgeTrashPayload, {
    description:
      'Deletes for good what is in the trash, with everything that hangs on it. A benign model stays as long as another that is compared with it.',
  })
  purgeTrash(
    @Arg('input', () => S.PurgeTrashInput, INPUT) input: S.PurgeTrashInput,
    @Ctx() { db, dataFolder, viewer, events }: Context,
  ) {
    return answer(async () => {
      const { olderThanDays } = parseParameters(S.purgeRequest, { ...input });
      const ids = await purgeTrash(db, dataFolder, olderThanDays, viewer!);
      for (const id of ids) events.emit(typeOfId(id)!, id);
      return { purged: { ids } };
    });
  }
}

/** Does something to models, sweeps and studies, and answers with what became of them. */
const curate = (
  mutation: string,
  ids: readonly string[],
  context: Context,
  work: (tx: Db) => Promise<void>,
) =>
  answer(async () => {
    await context.db.transaction().execute(async (tx) => {
      await work(tx);
      await writeAudit(tx, context.viewer!, mutation, ids);
    });
    for (const id of ids) context.events.emit(typeOfId(id)!, id);
    return { items: await Promise.all(ids.map((id) => nodeById(id, context))) };
  });

/** Tells of a job whose status was changed. */
async function changedJob(id: string, context: Context) {
  const job = await jobById(id, context);
  if (job) emitJob(context.events, job.row);
  return job;
}

/** Changes a job of one's own; an admin any. @throws TrojanscopeError as `ownJob` and as `change` */
const changeJob = (
  mutation: string,
  jobId: string,
  { db, viewer }: Context,
  change: (tx: Db) => Promise<void>,
): Promise<void> =>
  db.transaction().execute(async (tx) => {
    await ownJob(tx, jobId, viewer!, ['jobId']);
    await change(tx);
    await writeAudit(tx, viewer!, mutation, [jobId]);
  });

/** @throws TrojanscopeError FORBIDDEN for somebody else's job as for none; NOT_FOUND for an admin */
async function ownJob(tx: Db, id: string, viewer: Viewer, field: (string | number)[]) {
  const job = await tx
    .selectFrom('job')
    .select(['status', 'created_by'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (viewer.role !== 'ADMIN' && job?.created_by !== viewer.id)
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
  const { status } = await tx
    .selectFrom('job')
    .select('status')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  throw new TrojanscopeError(
    'CONFLICT',
    `Expected a job that is ${expected}; this one is ${status.toLowerCase()}.`,
    ['jobId'],
  );
}

/** @throws TrojanscopeError FORBIDDEN */
function checkOwn({ title, created_by }: { title: string; created_by: string | null }, viewer: Viewer): void {
  if (viewer.role === 'ADMIN' || created_by === viewer.id) return;
  throw new TrojanscopeError(
    'FORBIDDEN',
    `This needs “${title}”, which somebody else started and which failed or was cancelled. They or an admin may retry it.`,
  );
}

/**
 * Changes all jobs of a study that stand so.
 * @returns their ids
 * @throws TrojanscopeError NOT_FOUND, FORBIDDEN, CONFLICT where there are none
 */
async function changeStudy(
  mutation: string,
  change: (db: Db, id: string, byId: string) => Promise<boolean>,
  studyId: string,
  from: Status[],
  /** Leave alone what it took over. */
  ownOnly: boolean,
  { db, viewer, events }: Context,
): Promise<string[]> {
  const jobs = await db.transaction().execute(async (tx) => {
    const study = await tx.selectFrom('study').select('id').where('id', '=', studyId).executeTakeFirst();
    if (!study) throw new TrojanscopeError('NOT_FOUND', `There is no study ${studyId}.`, ['studyId']);
    const rows = await tx
      .selectFrom('study_job')
      .innerJoin('job', 'job.id', 'study_job.job_id')
      .select(['job.id', 'job.title', 'job.created_by', 'job.model_id', 'job.sweep_id', 'job.study_id'])
      .where('study_job.study_id', '=', studyId)
      .where('job.status', 'in', from)
      .$if(ownOnly, (query) => query.where('job.study_id', '=', studyId))
      .execute();
    if (rows.length === 0)
      throw new TrojanscopeError(
        'CONFLICT',
        `Expected a study of which something is ${from.join(' or ').toLowerCase()}; nothing of this one is.`,
        ['studyId'],
      );
    for (const job of rows) {
      if (viewer!.role !== 'ADMIN' && job.created_by !== viewer!.id)
        throw new TrojanscopeError(
          'FORBIDDEN',
          'Expected a study that you started yourself; an admin may change those of others.',
          ['studyId'],
        );
      await change(tx, job.id, viewer!.id);
    }
    await writeAudit(tx, viewer!, mutation, [studyId]);
    return rows;
  });
  for (const job of jobs) emitJob(events, job);
  events.emit('Study', studyId);
  return jobs.map(({ id }) => id);
}
