import { createRequire } from 'node:module';
import type * as graphql from 'graphql';
import type { ExecutionArgs } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as events from './events.js';
import type * as context from './graphql/context.js';
import type * as schema from './graphql/schema.js';
import type * as models from './jobs/model.js';
import type * as starting from './jobs/start.js';
import type { JobQueue } from './queue/jobQueue.js';
import type * as database from './store/database.js';
import { within } from './testing/live.mjs';
import { temporaryData } from './testing/server.mjs';
import type * as viewer from './viewer.js';

/** What a subscription leaves behind when its reader goes. The decorated code is tsc's output. */

// The same copy of graphql as type-graphql's, which is not the one that bundlers choose.
const { parse, subscribe }: typeof graphql = createRequire(import.meta.url)('graphql');
const built = <T>(name: string): Promise<T> => import(new URL(`../dist/${name}`, import.meta.url).href);
const { LOCAL } = await built<typeof viewer>('viewer.js');
const { createEvents } = await built<typeof events>('events.js');
const { createLoaders } = await built<typeof context>('graphql/context.js');
const { createSchema } = await built<typeof schema>('graphql/schema.js');
const { trainModel } = await built<typeof models>('jobs/model.js');
const { start } = await built<typeof starting>('jobs/start.js');
const { openDatabase } = await built<typeof database>('store/database.js');

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: database.Db;
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
