import { createRequire } from 'node:module';
import { within } from '@trojanscope/testing/live';
import { temporaryData } from '@trojanscope/testing/server';
import type * as graphql from 'graphql';
import type { ExecutionArgs } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvents } from './events.js';
import { createLoaders } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { trainModel } from './jobs/model.js';
import { start } from './jobs/start.js';
import type { JobQueue } from './queue/jobQueue.js';
import { type Db, openDatabase } from './store/database.js';
import { LOCAL } from './viewer.js';

/** What a subscription leaves behind when its reader goes. */

// The same copy of graphql as type-graphql's, which is not the one that bundlers choose.
const { parse, subscribe }: typeof graphql = createRequire(import.meta.url)('graphql');

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: Db;
beforeAll(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
});
afterAll(async () => {
  await db.destroy();
  await data.remove();
});

test('a reader who leaves while nothing happens is let go at once', async () => {
  await start(trainModel, { dataset: 'shapes', architecture: 'lenet', seed: 1 }, { db, viewer: LOCAL });
  const job = await db.selectFrom('job').selectAll().executeTakeFirstOrThrow();
  const signals: AbortSignal[] = [];
  const all = createEvents();
  const queue = { workers: 1, secondsRunning: () => 0 } as unknown as JobQueue;
  const contextValue = {
    db,
    queue,
    load: createLoaders({ db, queue }),
    viewer: LOCAL,
    events: {
      emit: all.emit,
      changes(signal: AbortSignal, id?: string) {
        signals.push(signal);
        return all.changes(signal, id);
      },
    },
  };
  const request = { schema: await createSchema(), contextValue } as unknown as ExecutionArgs;
  for (const text of [
    `subscription { jobProgress(jobId: "${job.id}") { status } }`,
    'subscription { activity { id } }',
  ]) {
    signals.length = 0;
    const items = (await subscribe({ ...request, document: parse(text) })) as AsyncGenerator;
    const first = items.next();
    if (text.includes('jobProgress'))
      expect(await first).toMatchObject({ value: { data: { jobProgress: { status: 'QUEUED' } } } });
    // Now it waits for a change that never comes.
    const waiting = text.includes('jobProgress') ? items.next() : first;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await within(2_000, 'the end of a subscription', () => items.return(undefined));
    expect(await waiting).toMatchObject({ done: true });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  }
});
