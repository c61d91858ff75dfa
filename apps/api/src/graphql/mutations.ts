import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { startExplain, startImplant, startStudy, startSweep, startTraining } from '../jobs/start.js';
import { annotate, moveToTrash, restoreFromTrash, setLock } from '../store/curation.js';
import { typeOfId } from '../store/ids.js';
import { cancelJob, retryJob } from '../store/jobs.js';
import type { Context } from './context.js';
import { explanationById, jobById, modelById, studyById, sweepById } from './fields.js';
import { nodeById } from './queries.js';

const INPUT = { description: 'What to do.' };

/** Expected refusals are data: `{ errors }` beside an empty entity. Anything else is a fault and goes up. */
async function answer<T extends object>(
  work: () => Promise<T>,
): Promise<(T & { errors: [] }) | { errors: S.UserError[] }> {
  try {
    return { ...(await work()), errors: [] };
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    const { code, message, field } = error;
    return { errors: [{ code, message, field: field.map(String) }] };
  }
}

@Resolver()
export class Mutations {
  @Mutation(() => S.TrainModelPayload, { description: 'Queues the training of a benign model.' })
  trainModel(
    @Arg('input', () => S.TrainModelInput, INPUT) input: S.TrainModelInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startTraining(context.db, input);
      context.queue.wake();
      context.events.emit('Model', id);
      return { model: await modelById(id, context) };
    });
  }

  @Mutation(() => S.ImplantBackdoorPayload, { description: 'Queues the training of a trojaned model.' })
  implantBackdoor(
    @Arg('input', () => S.ImplantBackdoorInput, INPUT) input: S.ImplantBackdoorInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      const id = await startImplant(context.db, input);
      context.queue.wake();
      context.events.emit('Model', id);
      return { model: await modelById(id, context) };
    });
  }

  @Mutation(() => S.RunSweepPayload, { description: 'Queues a sweep of a trained trojaned model.' })
  runSweep(@Arg('input', () => S.RunSweepInput, INPUT) input: S.RunSweepInput, @Ctx() context: Context) {
    return answer(async () => {
      const id = await startSweep(context.db, input);
      context.queue.wake();
      context.events.emit('Sweep', id);
      return { sweep: await sweepById(id, context) };
    });
  }

  @Mutation(() => S.ExplainPayload, { description: 'Queues explanations of outcomes.' })
  explain(@Arg('input', () => S.ExplainInput, INPUT) input: S.ExplainInput, @Ctx() context: Context) {
    return answer(async () => {
      const ids = await startExplain(context.db, input);
      context.queue.wake();
      for (const id of ids) context.events.emit('Explanation', id);
      return { explanations: await Promise.all(ids.map((id) => explanationById(id, context))) };
    });
  }

  @Mutation(() => S.RunStudyPayload, { description: 'Queues everything a study preset consists of.' })
  runStudy(@Arg('input', () => S.RunStudyInput, INPUT) input: S.RunStudyInput, @Ctx() context: Context) {
    return answer(async () => {
      const id = await startStudy(context.db, input);
      context.queue.wake();
      context.events.emit('Study', id);
      return { study: await studyById(id, context) };
    });
  }

  @Mutation(() => S.CancelJobPayload, { description: 'Stops a queued or running job; what it did is kept.' })
  cancelJob(
    @Arg('input', () => S.CancelJobInput, INPUT) { jobId }: S.CancelJobInput,
    @Ctx() context: Context,
  ) {
    return answer(async () => {
      if (!(await cancelJob(context.db, jobId))) await refuse(jobId, 'queued or running', context);
      context.queue.abort(jobId);
      context.events.emit('Job', jobId);
      return { job: await jobById(jobId, context) };
    });
  }

  @Mutation(() => S.RetryJobPayload, {
    description: 'Queues a failed or cancelled job again; it goes on from what is done.',
  })
  retryJob(@Arg('input', () => S.RetryJobInput, INPUT) { jobId }: S.RetryJobInput, @Ctx() context: Context) {
    return answer(async () => {
      if (!(await retryJob(context.db, jobId))) await refuse(jobId, 'failed or cancelled', context);
      context.queue.wake();
      context.events.emit('Job', jobId);
      return { job: await jobById(jobId, context) };
    });
  }

  @Mutation(() => S.AnnotatePayload, { description: 'Writes names, notes and tags.' })
  annotate(@Arg('input', () => S.AnnotateInput, INPUT) input: S.AnnotateInput, @Ctx() context: Context) {
    return curate(input.ids, context, (db) => annotate(db, input));
  }

  @Mutation(() => S.SetLockPayload, { description: 'Locks things against deletion, or unlocks them.' })
  setLock(
    @Arg('input', () => S.SetLockInput, INPUT) { ids, locked }: S.SetLockInput,
    @Ctx() context: Context,
  ) {
    return curate(ids, context, (db) => setLock(db, ids, locked));
  }

  @Mutation(() => S.DeleteItemsPayload, {
    description: 'Moves things to the trash: out of lists and curves, with nothing lost.',
  })
  deleteItems(
    @Arg('input', () => S.DeleteItemsInput, INPUT) { ids }: S.DeleteItemsInput,
    @Ctx() context: Context,
  ) {
    return curate(ids, context, (db) => moveToTrash(db, ids));
  }

  @Mutation(() => S.RestoreItemsPayload, { description: 'Takes things out of the trash.' })
  restoreItems(
    @Arg('input', () => S.RestoreItemsInput, INPUT) { ids }: S.RestoreItemsInput,
    @Ctx() context: Context,
  ) {
    return curate(ids, context, (db) => restoreFromTrash(db, ids));
  }
}

/** Does something to models, sweeps and studies, and answers with what became of them. */
const curate = (ids: readonly string[], context: Context, work: (db: Context['db']) => Promise<void>) =>
  answer(async () => {
    await work(context.db);
    for (const id of ids) context.events.emit(typeOfId(id)!, id);
    return { items: await Promise.all(ids.map((id) => nodeById(id, context))) };
  });

async function refuse(jobId: string, expected: string, { db }: Context): Promise<never> {
  const job = await db.selectFrom('job').select('status').where('id', '=', jobId).executeTakeFirst();
  if (!job) throw new TrojanscopeError('NOT_FOUND', `There is no job ${jobId}.`, ['jobId']);
  throw new TrojanscopeError(
    'CONFLICT',
    `Expected a job that is ${expected}; this one is ${job.status.toLowerCase()}.`,
    ['jobId'],
  );
}
