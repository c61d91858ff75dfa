import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** How far clean images can be transformed, searched by a job. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let benign: string;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models } = await server.query('{ models(first: 1, filter: { kind: BENIGN }) { nodes { id } } }');
  benign = models.nodes[0].id;
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const TRIAL = '{ value holds accuracy { value numerator denominator } }';
const RANGE = `id status limit step precision tolerance samples model { id } job { id kind attempt }
  trials ${TRIAL} lastHeld ${TRIAL} firstFailed ${TRIAL}`;
interface Trial {
  value: number;
  holds: boolean;
  accuracy: { value: number; numerator: number; denominator: number };
}
const search = (input: object) =>
  server.mutate(
    'findLargestRange',
    'FindLargestRangeInput',
    { modelId: benign, transform: 'rotation', ...input },
    `range { ${RANGE} }`,
  );
const found = async (id: string) =>
  (await server.query(`query ($id: ID!) { node(id: $id) { ... on LargestRange { ${RANGE} } } }`, { id }))
    .node;

test('goes outward to the first value that fails, then more finely', async () => {
  const { range, errors } = await search({
    limit: 180,
    step: 30,
    precision: 6,
    samples: 100,
    tolerance: 0.1,
  });
  expect(errors).toEqual([]);
  expect(range).toMatchObject({ model: { id: benign }, trials: [], lastHeld: null });
  expect((await untilJob(server, range.job.id, undefined, 120_000)).status).toBe('SUCCEEDED');
  const { trials, lastHeld, firstFailed, status } = await found(range.id);
  expect(status).toBe('SUCCEEDED');
  const [identity, ...rest] = trials as Trial[];
  expect(identity).toMatchObject({ value: 0, holds: true, accuracy: { denominator: 100 } });
  for (const { holds, accuracy } of rest)
    expect(holds).toBe(accuracy.value >= identity!.accuracy.value - 0.1);
  const held = rest.filter(({ holds }) => holds).map(({ value }) => value);
  expect(lastHeld.value).toBe(Math.max(0, ...held));
  // Shapes that are turned far enough are others; were they not, this model would be no test of the search.
  expect(firstFailed.value - lastHeld.value).toBe(6);
  const { largestRanges } = await server.query(
    `{ largestRanges(first: 5, filter: { modelId: "${benign}", transform: rotation }) { nodes { id } } }`,
  );
  expect(largestRanges.nodes).toEqual([{ id: range.id }]);
});

test('a search that was cancelled goes on from what it tried', async () => {
  const input = { transform: 'brightness', limit: 2, step: 0.05, precision: 0.05, samples: 60, tolerance: 1 };
  const { range } = await search(input);
  await untilJob(server, range.job.id, ({ done, status }) => done >= 3 || status === 'SUCCEEDED');
  const cancelled = await server.mutate(
    'cancelJob',
    'CancelJobInput',
    { jobId: range.job.id },
    'job { status }',
  );
  const before = (await found(range.id)).trials as Trial[];
  if (cancelled.errors.length === 0)
    await server.mutate('retryJob', 'RetryJobInput', { jobId: range.job.id }, 'job { id }');
  await untilJob(server, range.job.id, undefined, 120_000);
  const { trials, firstFailed } = await found(range.id);
  expect(trials.slice(0, before.length)).toEqual(before);
  expect(trials.map(({ value }: Trial) => value)).toEqual(
    Array.from({ length: 21 }, (_, i) => Number((1 + i * 0.05).toPrecision(12))),
  );
  expect(firstFailed).toBeNull();
});

describe('is refused', () => {
  test.each([
    [{ limit: 0 }, 'BAD_USER_INPUT', 'limit'],
    [{ limit: 1000 }, 'BAD_USER_INPUT', 'limit'],
    [{ step: 0 }, 'BAD_USER_INPUT', 'step'],
    [{ step: 1e-9 }, 'BAD_USER_INPUT', 'step'],
    [{ step: 1, precision: 2 }, 'BAD_USER_INPUT', 'precision'],
    [{ tolerance: -0.1 }, 'BAD_USER_INPUT', 'tolerance'],
    [{ samples: 0 }, 'BAD_USER_INPUT', 'samples'],
    [{ modelId: 'mod_0' }, 'NOT_FOUND', 'modelId'],
  ])('%j', async (input, code, field) => {
    const { range, errors } = await search(input);
    expect(range).toBeNull();
    expect(errors[0]).toMatchObject({ code, field: [field] });
  });
});
