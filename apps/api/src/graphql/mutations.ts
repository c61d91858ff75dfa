import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { writeAudit } from '../auth/audit.js';
import { Rule } from '../auth/rules.js';
import { startExplain, startImplant, startSweep, startTraining } from '../jobs/start.js';
import { startStudy } from '../jobs/startStudy.js';
import { annotate, moveToTrash, restoreFromTrash, setLock } from '../store/curation.js';
import type { Db } from '../store/database.js';
import { typeOfId } from '../store/ids.js';
import { cancelJob, retryJob } from '../store/jobs.js';
import { answer, INPUT } from './answer.js';
import type { Context } from './context.js';
import { explanationById, jobById, modelById, studyById, sweepById } from './fields.js';
import { nodeById } from './nodes.js';

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
  @Mutation(() => S.ExplainPayload, { description: 'Queues explanations of outcomes.' })
  explain(@Arg('input', () => S.ExplainInput, INPUT) input: S.ExplainInput, @Ctx() context: Context) {
    return answer(async () => {
      const ids = await startExplain(context.db, input, context.viewer!);
      context.queue.wake();
      for (const id of ids) context.events.emit('Explanation', id);
      return { explanations: await Promise.all(ids.map((id) => explanationById(id, context))) };
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
      await changeJob('cancelJob', cancelJob, jobId, 'queued or running', context);
      context.queue.abort(jobId);
      context.events.emit('Job', jobId);
      return { job: await jobById(jobId, context) };
    });
  }

  @Rule('RUNNER')
  @Mutation(() => S.RetryJobPayload, {
    description: 'Queues a failed or cancelled job again; it goes on from what is done.',
  })
  retryJob(@Arg('input', () => S.RetryJobInput, INPUT) { jobId }: S.RetryJobInput, @Ctx() context: Context) {
    return answer(async () => {
      await changeJob('retryJob', retryJob, jobId, 'failed or cancelled', context);
      context.queue.wake();
      context.events.emit('Job', jobId);
      return { job: await jobById(jobId, context) };
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

/**
 * Changes a job of one's own; an admin any.
 * @throws TrojanscopeError FORBIDDEN for somebody else's job as for none; NOT_FOUND; CONFLICT
 */
async function changeJob(
  mutation: string,
  change: (db: Db, id: string) => Promise<boolean>,
  jobId: string,
  expected: string,
  { db, viewer }: Context,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const job = await tx
      .selectFrom('job')
      .select(['status', 'created_by'])
      .where('id', '=', jobId)
      .executeTakeFirst();
    if (viewer!.role !== 'ADMIN' && job?.created_by !== viewer!.id) {
      throw new TrojanscopeError(
        'FORBIDDEN',
        'Expected a job that you started yourself; an admin may change those of others.',
        ['jobId'],
      );
    }
    if (!job) throw new TrojanscopeError('NOT_FOUND', `There is no job ${jobId}.`, ['jobId']);
    if (!(await change(tx, jobId))) {
      throw new TrojanscopeError(
        'CONFLICT',
        `Expected a job that is ${expected}; this one is ${job.status.toLowerCase()}.`,
        ['jobId'],
      );
    }
    await writeAudit(tx, viewer!, mutation, [jobId]);
  });
}
