import { temporaryData } from '@trojanscope/testing/server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createEvents, type Events } from '../events.js';
import { trainModel } from '../jobs/model.js';
import { start } from '../jobs/start.js';
import { configureLog } from '../log.js';
import { type Fork, forkQuietly } from '../processes/forkQuietly.js';
import { type Db, openDatabase } from '../store/database.js';
import { cancelJob, claimNextJob, findJob, insertJob, type Job } from '../store/jobs.js';
import { LOCAL } from '../viewer.js';
import type { JobQueue } from './jobQueue.js';
import { createLocalQueue } from './localQueue.js';

/** The contract: what every driver does with one worker. Another one becomes a line of this list. */
const DRIVERS: Record<string, (db: Db, fork: Fork, events: Events) => Promise<JobQueue>> = {
  local: (db, fork, events) => createLocalQueue(db, fork, events, { workers: 1 }),
};

configureLog({ format: 'text', level: 'warn' });

describe.each(Object.entries(DRIVERS))('%s', (_, create) => {
  let data: Awaited<ReturnType<typeof temporaryData>>;
  let db: Db;
  let events: Events;
  let queue: JobQueue | undefined;
  beforeEach(async () => {
    data = await temporaryData();
    db = await openDatabase(data.folder);
    events = createEvents();
  });
  afterEach(async () => {
    await queue?.close();
    queue = undefined;
    await db.destroy();
    await data.remove();
  });

  const open = async () => {
    // Processes run what was built last.
    const built = (module: URL) => new URL(module.href.replace('/apps/api/src/', '/apps/api/dist/'));
    const fork: Fork = (module, args = [], env) => forkQuietly(built(module), [data.folder, ...args], env);
    queue = await create(db, fork, events);
    return queue;
  };
  /** One that is done as soon as a worker has it. */
  const short = (needs: string[] = []) =>
    insertJob(db, { kind: 'measure', title: 'Nothing', payload: { specs: [] }, needs });
  /** One that takes minutes. */
  const long = async (): Promise<string> => {
    const recipe = { epochs: 200 };
    const asked = { dataset: 'shapes', architecture: 'lenet', seed: 1, recipe } as const;
    await start(trainModel, asked, { db, viewer: LOCAL });
    return (await db.selectFrom('job').select('id').where('kind', '=', 'model').executeTakeFirstOrThrow()).id;
  };
  async function until(id: string, wanted: (job: Job) => boolean): Promise<Job> {
    for (const started = performance.now(); performance.now() - started < 50_000; ) {
      const job = (await findJob(db, id))!;
      if (wanted(job)) return job;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`Not in time; the job is ${JSON.stringify(await findJob(db, id))}`);
  }
  const is = (status: Job['status']) => (job: Job) => job.status === status;
  const training = ({ stage, done }: Job) => stage === 'training' && done > 0;

  test('what waits is done in its order, then what a wake tells of; each start and end is told', async () => {
    const listening = new AbortController();
    const changes = events.changes(listening.signal);
    const told: string[] = [];
    const reading = (async () => {
      for await (const { type, id } of changes) if (type === 'Job') told.push(id);
    })();
    const first = await short();
    const second = await short([first]);
    const { wake, engine, workers, secondsRunning, workerBytes } = await open();
    expect(workers).toBe(1);
    const [one, two] = [await until(first, is('SUCCEEDED')), await until(second, is('SUCCEEDED'))];
    expect(two.started_at! >= one.finished_at!).toBe(true);
    expect(engine()).toMatchObject({ engine: expect.any(String) });
    expect(workerBytes()).toBeGreaterThan(0);
    const third = await short();
    wake();
    await until(third, is('SUCCEEDED'));
    expect(secondsRunning(first)).toBe(0);
    // The end is told just after it is written.
    await expect.poll(() => told.filter((id) => id === third).length).toBeGreaterThanOrEqual(2);
    for (const id of [first, second])
      expect(told.filter((other) => other === id).length).toBeGreaterThanOrEqual(2);
    listening.abort();
    await reading;
  });

  test('one that is cancelled and aborted makes room for the next within two seconds', async () => {
    const id = await long();
    const { abort, secondsRunning } = await open();
    await until(id, training);
    expect(secondsRunning(id)).toBeGreaterThan(0);
    const next = await short();
    const asked = performance.now();
    await cancelJob(db, id);
    abort(id);
    await until(next, ({ status }) => status !== 'QUEUED');
    expect(performance.now() - asked).toBeLessThan(2_000);
    await until(next, is('SUCCEEDED'));
    expect(await findJob(db, id)).toMatchObject({ status: 'CANCELLED', attempt: 1 });
    expect(secondsRunning(id)).toBe(0);
  });

  test('close gives a job back unharmed; what a queue that is gone left running is taken again', async () => {
    const id = await long();
    const first = await open();
    await until(id, training);
    await first.close();
    const given = await findJob(db, id);
    expect(given).toMatchObject({ status: 'QUEUED', attempt: 1, crashes: 0 });
    // No one works on it any more.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await findJob(db, id)).toEqual(given);
    // As one whose host was switched off had it.
    expect((await claimNextJob(db))!.id).toBe(id);
    await open();
    await until(id, (job) => job.attempt === 3 && training(job));
  });
});
