import { temporaryData } from '@trojanscope/testing/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSaving, LostJobError } from '../jobs/defineJob.js';
import { type Db, openDatabase } from './database.js';
import { cancelJob, claimNextJob, finishJob, insertJob, requeueJob, retryJob } from './jobs.js';

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: Db;
beforeEach(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
});
afterEach(async () => {
  await db.destroy();
  await data.remove();
});

const aJob = (needs: string[] = []) => insertJob(db, { kind: 'sweep', title: 'A sweep', payload: {}, needs });
const row = (id: string) => db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const nothing = async () => {};

test('a job whose worker dies again and again at the same place is given up, though it says hello every time', async () => {
  const id = await aJob();
  for (let crash = 1; crash <= 5; crash++) {
    const job = (await claimNextJob(db))!;
    expect(job.id).toBe(id);
    await createSaving(db, job, () => {}).save({ stage: 'loading models', done: 0, total: 3 }, nothing);
    await requeueJob(db, job, 'SIGKILL');
    expect((await row(id)).status).toBe(crash < 5 ? 'QUEUED' : 'FAILED');
  }
  const { error_code, error_message, stage, finished_at } = await row(id);
  expect({ error_code, stage }).toEqual({ error_code: 'INTERNAL', stage: 'failed' });
  expect(error_message).toMatch(/5 times.*SIGKILL.*memory/);
  expect(finished_at).not.toBeNull();
  expect(await claimNextJob(db)).toBeUndefined();

  expect(await retryJob(db, id)).toBe(true);
  expect(await row(id)).toMatchObject({ status: 'QUEUED', crashes: 0, error_code: null, finished_at: null });
});

test('a job that keeps results between crashes is never given up', async () => {
  const id = await aJob();
  for (let crash = 1; crash <= 12; crash++) {
    const job = (await claimNextJob(db))!;
    await createSaving(db, job, () => {}).keep({ stage: 'sweeping', done: crash, total: 20 }, nothing);
    await requeueJob(db, job, 'SIGKILL');
  }
  expect(await row(id)).toMatchObject({ status: 'QUEUED', attempt: 12, crashes: 1, done: 12 });
});

test('a worker that lost its job writes nothing, not even the end of it', async () => {
  await aJob();
  const first = (await claimNextJob(db))!;
  await requeueJob(db, first, 'taken for dead');
  const second = (await claimNextJob(db))!;
  expect(second.attempt).toBe(2);
  const late = createSaving(db, first, () => {});
  const write = async (transaction: Db) => {
    await transaction
      .insertInto('idempotency')
      .values({ key: 'late', entity_id: 'x', created_at: '' })
      .execute();
  };
  await expect(late.save({ stage: 'late' }, write)).rejects.toThrow(LostJobError);
  await expect(late.keep({ stage: 'late' }, write)).rejects.toThrow(LostJobError);
  await expect(late.progress({ stage: 'late' })).rejects.toThrow(LostJobError);
  expect(await finishJob(db, first, { status: 'SUCCEEDED' })).toBe(false);
  await requeueJob(db, first, 'died at last');
  expect(await row(first.id)).toMatchObject({ status: 'RUNNING', attempt: 2, stage: 'starting', crashes: 1 });
  expect(await db.selectFrom('idempotency').selectAll().execute()).toEqual([]);
});

test('what fails inside a save leaves neither rows nor progress', async () => {
  const id = await aJob();
  const job = (await claimNextJob(db))!;
  const told: string[] = [];
  const { keep } = createSaving(db, job, (_, changed) => void told.push(changed));
  await expect(
    keep({ stage: 'sweeping', done: 1 }, async (transaction) => {
      await transaction
        .insertInto('idempotency')
        .values({ key: 'half', entity_id: 'x', created_at: '' })
        .execute();
      throw new Error('The disk is full.');
    }),
  ).rejects.toThrow('The disk is full.');
  expect(await db.selectFrom('idempotency').selectAll().execute()).toEqual([]);
  expect(await row(id)).toMatchObject({ stage: 'starting', done: 0 });
  expect(told).toEqual([]);
});

test('a cancelled job is not brought back by the death of its worker', async () => {
  const id = await aJob();
  const job = (await claimNextJob(db))!;
  expect(await cancelJob(db, id)).toBe(true);
  await requeueJob(db, job, 'SIGKILL');
  expect(await row(id)).toMatchObject({ status: 'CANCELLED', crashes: 0 });
});

test('jobs come in the order they were asked for, each after what it needs', async () => {
  const first = await aJob();
  const second = await aJob([first]);
  const third = await aJob();
  const take = async () => (await claimNextJob(db))?.id;
  expect(await take()).toBe(first);
  // The second waits for the first, so the third overtakes it.
  expect(await take()).toBe(third);
  expect(await take()).toBeUndefined();
  await finishJob(db, await row(first), { status: 'SUCCEEDED' });
  expect(await take()).toBe(second);
});
