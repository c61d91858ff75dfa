import { startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  claimNextJob,
  finishJob,
  insertJob,
  MAXIMUM_LOG_LINES,
  requeueJob,
  setPriority,
  writeJobLog,
} from './store/jobs.js';

/** What the overview asks: the queue as it will be taken, what ended last, what became of a job. */

let shared: Awaited<ReturnType<typeof startShared>>;
let ann: { id: string; headers: Record<string, string> };
beforeAll(async () => {
  shared = await startShared();
  const id = await shared.add('ann', 'RUNNER');
  ann = { id, headers: (await shared.issue(id, 'TOKEN')).headers };
});
afterAll(() => shared?.stop());

const add = (title: string, createdBy = ann.id) =>
  insertJob(shared.db, { kind: 'sweep', title, payload: {}, createdBy });
const ask = async (query: string, variables = {}) => {
  const { body, text } = await shared.ask(query, variables, ann.headers);
  if (!body.data) throw new Error(text);
  return body.data;
};
const logOf = async (id: string): Promise<{ attempt: number; text: string; by: { name: string } | null }[]> =>
  (
    await ask('query ($id: ID!) { node(id: $id) { ... on Job { log { at attempt text by { name } } } } }', {
      id,
    })
  ).node.log;

test('the queue is in the order in which it is taken, and what ended last comes first', async () => {
  const [a, b, c] = [await add('a'), await add('b'), await add('c')];
  await setPriority(shared.db, c, 'HIGH');
  const { queue } = await ask('{ queue { title queuePosition } }');
  expect(queue).toEqual([
    { title: 'c', queuePosition: 1 },
    { title: 'a', queuePosition: 2 },
    { title: 'b', queuePosition: 3 },
  ]);

  // They end in the order b, c, a, and start in that of the queue.
  const started = [];
  for (const _ of [a, b, c]) started.push((await claimNextJob(shared.db))!);
  for (const id of [b, c, a]) {
    await finishJob(shared.db, started.find((job) => job.id === id)!, { status: 'SUCCEEDED' });
    await shared.db
      .updateTable('job')
      .set({ finished_at: `2026-01-0${[b, c, a].indexOf(id) + 1}T00:00:00.000Z` })
      .where('id', '=', id)
      .execute();
  }
  const query = `query ($after: String) { jobs(first: 2, after: $after, filter: { status: [SUCCEEDED] }, orderBy: { field: FINISHED_AT }) {
    nodes { title } pageInfo { endCursor } } }`;
  const titles = ({ jobs }: { jobs: { nodes: { title: string }[] } }) => jobs.nodes.map(({ title }) => title);
  const first = await ask(query);
  expect(titles(first)).toEqual(['a', 'c']);
  expect(titles(await ask(query, { after: first.jobs.pageInfo.endCursor }))).toEqual(['b']);
});

test('a job’s log tells what became of it and who did it', async () => {
  const id = await add('d');
  const first = (await claimNextJob(shared.db))!;
  await requeueJob(shared.db, first, 'SIGKILL');
  const second = (await claimNextJob(shared.db))!;
  await finishJob(shared.db, second, { status: 'FAILED', code: 'DATA_MISSING', message: 'No images.' });
  for (const name of ['retryJob', 'cancelJob'])
    expect((await shared.mutate(name, { jobId: id }, 'job { id }', ann.headers)).errors).toEqual([]);
  expect(await logOf(id)).toEqual(
    [
      { attempt: 0, text: 'queued', by: { name: 'ann' } },
      { attempt: 1, text: 'started', by: null },
      { attempt: 1, text: 'the worker died (SIGKILL): waiting to go on', by: null },
      { attempt: 2, text: 'started', by: null },
      { attempt: 2, text: 'failed: No images.', by: null },
      { attempt: 2, text: 'queued again', by: { name: 'ann' } },
      { attempt: 2, text: 'cancelled', by: { name: 'ann' } },
    ].map((line) => ({ ...line, at: expect.any(String) })),
  );
});

test('only kinds of jobs that there are can be asked for', async () => {
  const of = (kind: string) => `{ jobs(first: 1, filter: { kind: ["${kind}"] }) { totalCount } }`;
  expect((await ask(of('importModel'))).jobs.totalCount).toBe(0);
  const { body } = await shared.ask(of('sweeps'), {}, ann.headers);
  expect(body.errors).toMatchObject([
    {
      message: expect.stringMatching(/"importDataset"; got "sweeps"/),
      extensions: { code: 'BAD_USER_INPUT', field: ['filter', 'kind', 0] },
    },
  ]);
});

test('a log keeps its last lines', async () => {
  const id = await add('e');
  await shared.db.transaction().execute(async (tx) => {
    for (let i = 1; i <= MAXIMUM_LOG_LINES + 3; i++) await writeJobLog(tx, id, `line ${i}`);
  });
  const lines = await logOf(id);
  expect(lines).toHaveLength(MAXIMUM_LOG_LINES);
  expect([lines[0]!.text, lines.at(-1)!.text]).toEqual(['line 4', `line ${MAXIMUM_LOG_LINES + 3}`]);
});
