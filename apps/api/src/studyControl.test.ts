import { type RoleName, startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** Studies as a whole, retries with what they need, priorities: on a server whose queue starts nothing. */

let shared: Awaited<ReturnType<typeof startShared>>;
let ann: Record<string, string>;
let bob: Record<string, string>;
let admin: Record<string, string>;
interface Job {
  id: string;
  kind: string;
  status: string;
  priority: string;
  queuePosition: number | null;
}
let seed = 1;
let study: { id: string; status: string; jobs: Job[] };
const STUDY = 'study { id status jobs { id kind status priority queuePosition } }';
beforeAll(async () => {
  shared = await startShared();
  const headers = async (name: string, role: RoleName) =>
    (await shared.issue(await shared.add(name, role), 'TOKEN')).headers as Record<string, string>;
  [ann, bob, admin] = [
    await headers('ann', 'RUNNER'),
    await headers('bob', 'RUNNER'),
    await headers('admin', 'ADMIN'),
  ];
});
afterAll(() => shared?.stop());
beforeEach(async () => {
  await shared.db.updateTable('job').set({ status: 'SUCCEEDED' }).execute();
  // Another seed: what is there already would be taken over.
  ({ study } = await shared.mutate('runStudy', { preset: 'smoke', seed: seed++ }, STUDY, ann));
});
const setStatus = (id: string, status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'QUEUED') =>
  shared.db.updateTable('job').set({ status }).where('id', '=', id).execute();
const statuses = async () =>
  (
    await shared.db
      .selectFrom('job')
      .select(['id', 'status'])
      .where('study_id', '=', study.id)
      .orderBy('id')
      .execute()
  ).map(({ status }) => status);

test('a study is cancelled as a whole, and resumed without what is done', async () => {
  const [benign, ...others] = study.jobs;
  await setStatus(benign!.id, 'SUCCEEDED');
  const cancelled = await shared.mutate('cancelStudy', { studyId: study.id }, STUDY, ann);
  expect(cancelled.study.status).toBe('CANCELLED');
  expect(await statuses()).toEqual(['SUCCEEDED', ...others.map(() => 'CANCELLED')]);
  await setStatus(others.at(-1)!.id, 'FAILED');
  const resumed = await shared.mutate('resumeStudy', { studyId: study.id }, STUDY, ann);
  expect(resumed.errors).toEqual([]);
  expect(await statuses()).toEqual(['SUCCEEDED', ...others.map(() => 'QUEUED')]);
  const again = await shared.mutate('resumeStudy', { studyId: study.id }, STUDY, ann);
  expect(again.errors[0]).toMatchObject({ code: 'CONFLICT', field: ['studyId'] });
});

test.each(['cancelStudy', 'resumeStudy'])('%s is for who started it, or an admin', async (mutation) => {
  if (mutation === 'resumeStudy') await setStatus(study.jobs[0]!.id, 'FAILED');
  const before = await statuses();
  const refused = await shared.mutate(mutation, { studyId: study.id }, STUDY, bob);
  expect(refused.errors[0].code).toBe('FORBIDDEN');
  expect(await statuses()).toEqual(before);
  expect((await shared.mutate(mutation, { studyId: study.id }, STUDY, admin)).errors).toEqual([]);
  const missing = await shared.mutate(mutation, { studyId: 'stu_0' }, STUDY, admin);
  expect(missing.errors[0]).toMatchObject({ code: 'NOT_FOUND', field: ['studyId'] });
});

test('what is retried does not wait in vain: what it needs is queued again too', async () => {
  const [benign, trojaned] = study.jobs;
  const sweep = study.jobs.find(({ kind }) => kind === 'sweep')!;
  await setStatus(benign!.id, 'FAILED');
  await setStatus(trojaned!.id, 'CANCELLED');
  await setStatus(sweep.id, 'CANCELLED');
  const { errors } = await shared.mutate('retryJob', { jobId: sweep.id }, 'job { id }', ann);
  expect(errors).toEqual([]);
  expect(new Set(await statuses())).toEqual(new Set(['QUEUED']));

  await setStatus(benign!.id, 'FAILED');
  await setStatus(sweep.id, 'FAILED');
  const { id: bobs } = await shared.db
    .selectFrom('user')
    .select('id')
    .where('name', '=', 'bob')
    .executeTakeFirstOrThrow();
  await shared.db.updateTable('job').set({ created_by: bobs }).where('id', '=', benign!.id).execute();
  const refused = await shared.mutate('retryJob', { jobId: sweep.id }, 'job { id }', ann);
  expect(refused.errors[0]).toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringMatching(/somebody else/),
  });
  expect((await statuses()).filter((status) => status === 'FAILED')).toHaveLength(2);
});

describe('priorities', () => {
  const set = (jobIds: string[], priority: string, headers: Record<string, string>) =>
    shared.mutate('setPriority', { jobIds, priority }, 'jobs { id priority queuePosition }', headers);

  test('reorder one’s own queue', async () => {
    const last = study.jobs.filter(({ kind }) => kind === 'sweep').at(-1)!;
    expect(last.priority).toBe('NORMAL');
    const { jobs } = await set([last.id], 'HIGH', ann);
    // Behind the two models that it needs.
    expect(jobs).toEqual([{ id: last.id, priority: 'HIGH', queuePosition: 3 }]);
  });

  test('of others and before everybody are for admins', async () => {
    const { id } = study.jobs[0]!;
    expect((await set([id], 'HIGH', bob)).errors[0]).toMatchObject({
      code: 'FORBIDDEN',
      field: ['jobIds', '0'],
    });
    expect((await set([id], 'URGENT', ann)).errors[0]).toMatchObject({
      code: 'FORBIDDEN',
      field: ['priority'],
    });
    expect((await set([id], 'URGENT', admin)).jobs[0].priority).toBe('URGENT');
    expect((await set([], 'LOW', ann)).errors[0].code).toBe('BAD_USER_INPUT');
  });
});

test('nobody has more than 1,000 jobs waiting', async () => {
  const { id: owner } = await shared.db
    .selectFrom('user')
    .select('id')
    .where('name', '=', 'bob')
    .executeTakeFirstOrThrow();
  const row = await shared.db.selectFrom('job').selectAll().limit(1).executeTakeFirstOrThrow();
  const rows = Array.from({ length: 1_000 }, (_, i) => ({
    ...row,
    id: `job_${String(i).padStart(26, '0')}`,
    status: 'QUEUED' as const,
    created_by: owner,
  }));
  for (let i = 0; i < rows.length; i += 100)
    await shared.db
      .insertInto('job')
      .values(rows.slice(i, i + 100))
      .execute();
  const { errors } = await shared.mutate('runStudy', { preset: 'smoke', seed: seed++ }, STUDY, bob);
  expect(errors[0]).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    message: expect.stringMatching(/at most 1000 queued/),
  });
  const { count } = await shared.db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('created_by', '=', owner)
    .where('status', '=', 'QUEUED')
    .executeTakeFirstOrThrow();
  expect(count).toBe(1_000);
});
