import { TrojanscopeError } from '@trojanscope/core';
import * as S from '@trojanscope/schema';
import { Arg, ID, Resolver, Root, Subscription } from 'type-graphql';
import { Rule } from '../auth/rules.js';
import { pointsOfSweeps } from '../store/batches.js';
import type { Status } from '../store/database.js';
import { statusOfJob } from '../store/jobs.js';
import { type Context, createLoaders } from './context.js';
import { progressOf } from './jobs.js';
import { jobById, sweepById } from './lookups.js';
import { presentPoint } from './present.js';

/**
 * All three read rows and use events only to know when to read again. So a subscriber gets what is saved first, every
 * point once, the end always; and who reads slowly gets fewer, fuller messages.
 */

const ended = (status: Status) => status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';

/** Rows change under a subscription: each look has loaders of its own. */
const fresh = (context: Context): Context => ({ ...context, load: createLoaders(context) });

/**
 * Turns an async generator that needs a signal into an iterator that ends its listening when its reader leaves. A
 * generator alone would not: what waits for the next change hears of `return` only after it.
 */
function withSignal<T>(run: (signal: AbortSignal) => AsyncGenerator<T>): AsyncGenerator<T> {
  const abort = new AbortController();
  const items = run(abort.signal);
  const end = async () => {
    abort.abort();
    return items.return(undefined);
  };
  const iterator = {
    next: () => items.next(),
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator as unknown as AsyncGenerator<T>;
}

interface Args {
  args: Record<string, string>;
  context: Context;
}

async function* followSweep(sweepId: string, context: Context, signal: AbortSignal) {
  const sweep = await sweepById(sweepId, context);
  if (!sweep) throw new TrojanscopeError('NOT_FOUND', `There is no sweep ${sweepId}.`, ['sweepId']);
  const changes = context.events.changes(signal);
  const sent = new Set<string>();
  let told: Status | undefined;
  for (;;) {
    // The status first: a sweep that has ended has all its points by then.
    const status = await statusOfJob(context.db, sweep.row.job_id);
    const rows = await pointsOfSweeps(context.db, [sweepId]);
    const points = rows.filter(({ id }) => !sent.has(id)).map((row) => presentPoint(row, sweep.row));
    for (const { id } of points) sent.add(id);
    if (points.length > 0 || status !== told) {
      told = status;
      yield { sweep, status, points };
    }
    if (ended(status)) return;
    for (;;) {
      const { done, value } = await changes.next();
      if (done) return;
      if (value.id === sweepId || value.id === sweep.row.job_id) break;
    }
  }
}

async function* followJob(jobId: string, context: Context, signal: AbortSignal) {
  const changes = context.events.changes(signal, jobId);
  for (;;) {
    const job = await jobById(jobId, fresh(context));
    if (!job) throw new TrojanscopeError('NOT_FOUND', `There is no job ${jobId}.`, ['jobId']);
    yield progressOf(job, context);
    if (ended(job.status) || (await changes.next()).done) return;
  }
}

@Resolver()
export class Subscriptions {
  @Rule('VIEWER')
  @Subscription(() => S.SweepProgress, {
    description: 'The points a sweep has, then each as it lands, then its end.',
    subscribe: ({ args, context }: Args) =>
      withSignal((signal) =>
        followSweep(args.sweepId!, context, signal),
      ) as unknown as AsyncIterable<unknown>,
  } as never)
  sweepProgress(
    @Root() progress: S.SweepProgress,
    @Arg('sweepId', () => ID, { description: 'The sweep.' }) _sweepId: string,
  ): S.SweepProgress {
    return progress;
  }

  @Rule('VIEWER')
  @Subscription(() => S.JobProgress, {
    description: 'How far a job is, now and whenever that changes, to its end.',
    subscribe: ({ args, context }: Args) =>
      withSignal((signal) => followJob(args.jobId!, context, signal)) as unknown as AsyncIterable<unknown>,
  } as never)
  jobProgress(
    @Root() progress: S.JobProgress,
    @Arg('jobId', () => ID, { description: 'The job.' }) _jobId: string,
  ): S.JobProgress {
    return progress;
  }

  @Rule('VIEWER')
  @Subscription(() => S.ActivityEvent, {
    description: 'The id of whatever changes, from now on.',
    subscribe: ({ context }: Args) =>
      withSignal((signal) => context.events.changes(signal)) as unknown as AsyncIterable<unknown>,
  } as never)
  activity(@Root() event: S.ActivityEvent): S.ActivityEvent {
    return event;
  }
}
