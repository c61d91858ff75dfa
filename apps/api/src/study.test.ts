import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type * as importing from './bundles/importModel.js';
import type * as database from './store/database.js';
import { untilJob } from './testing/live.mjs';
import { startServer, temporaryData } from './testing/server.mjs';

const { openDatabase }: typeof database = await import('../dist/store/database.js' as string);
const { importModel }: typeof importing = await import('../dist/bundles/importModel.js' as string);

const { data: smokeData, studyId } = inject('smoke');
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData(smokeData);
  server = await startServer({ data: data.folder });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

interface Study {
  id: string;
  status: string;
  options: object;
  jobs: { id: string; kind: string; status: string; study: { id: string } | null }[];
  models: { id: string; kind: string; provenance: { weightsSha256: string } }[];
  sweeps: { id: string; status: string; curve: { points: { asr: { numerator: number } }[] } }[];
  explanations: { id: string; status: string }[];
}
const STUDY = `id status options jobs { id kind status study { id } } models { id kind provenance { weightsSha256 } }
  sweeps { id status curve { points { asr { numerator } } } } explanations { id status }`;
const studyOf = async (id: string, at = server) =>
  (await at.query(`query ($id: ID!) { node(id: $id) { ... on Study { ${STUDY} } } }`, { id })).node as Study;
const run = async (input: object, at = server) =>
  (await at.mutate('runStudy', 'RunStudyInput', input, `study { ${STUDY} }`)) as {
    study: Study | null;
    errors: { code: string; field: string[]; message: string }[];
  };
const ids = (things: { id: string }[]) => things.map(({ id }) => id);

test('a study takes over what another has done, and adds only what is missing', async () => {
  const first = await studyOf(studyId);
  const { study } = await run({ preset: 'smoke', seed: 1 });
  expect(ids(study!.models)).toEqual(ids(first.models));
  expect(ids(study!.sweeps)).toEqual(ids(first.sweeps));
  const own = study!.jobs.filter((job) => job.study?.id === study!.id);
  expect(own.map(({ kind }) => kind)).toEqual(['explain']);
  expect(await untilJob(server, own[0]!.id)).toMatchObject({ status: 'SUCCEEDED' });
  const after = await studyOf(study!.id);
  expect(after.status).toBe('SUCCEEDED');
  expect(after.explanations.length).toBeGreaterThan(0);
  expect(ids(after.explanations)).toEqual(ids((await studyOf(studyId)).explanations));
  const { sweeps } = await server.query(
    `query ($id: ID!) { sweeps(first: 100, filter: { studyId: $id }) { totalCount } }`,
    { id: study!.id },
  );
  expect(sweeps.totalCount).toBe(6);
});

test('other seeds and sizes are other models; every seed has its own', async () => {
  const { study } = await run({ preset: 'smoke', seed: 30, seeds: 2 });
  expect(study!.options).toEqual({ seeds: [30, 31] });
  expect(study!.models.map(({ kind }) => kind)).toEqual(['BENIGN', 'TROJANED', 'BENIGN', 'TROJANED']);
  expect(new Set(ids([...study!.models, ...(await studyOf(studyId)).models])).size).toBe(6);
  for (const { id } of study!.jobs)
    await server.mutate('cancelJob', 'CancelJobInput', { jobId: id }, 'job { id }');
});

test('imported models of the same specification are not trained anew', async () => {
  const other = await temporaryData();
  const db = await openDatabase(other.folder);
  const first = await studyOf(studyId);
  const imported: string[] = [];
  for (const { id } of first.models)
    imported.push(
      await importModel({ db, dataFolder: other.folder, from: path.join(smokeData, 'models', id) }),
    );
  await db.destroy();
  const there = await startServer({ data: other.folder });
  try {
    const { study } = await run({ preset: 'smoke', seed: 1 }, there);
    expect(ids(study!.models)).toEqual(imported);
    await untilJob(there, study!.jobs.at(-1)!.id);
    const done = await studyOf(study!.id, there);
    expect(done.status).toBe('SUCCEEDED');
    // The same weights, samples and directions: the same counts.
    const counts = ({ sweeps }: Study) =>
      sweeps.map(({ curve }) => curve.points.map(({ asr }) => asr.numerator));
    expect(counts(done)).toEqual(counts(first));
  } finally {
    await there.stop();
    await other.remove();
  }
});

test.each([
  [{ preset: 'paper' }, 'DATA_MISSING', ['dataset'], /GTSRB is not imported/],
  [{ preset: 'paper_mnist', sizePx: 48 }, 'UNSUPPORTED', ['sizePx'], /MNIST cannot be resized/],
  [{ preset: 'smoke', seeds: 0 }, 'BAD_USER_INPUT', ['seeds'], /seeds/],
  [{ preset: 'smoke', seeds: 21 }, 'BAD_USER_INPUT', ['seeds'], /seeds/],
])('%j is refused, and nothing is queued', async (input, code, field, message) => {
  const count = async () => (await server.query('{ jobs(first: 1) { totalCount } }')).jobs.totalCount;
  const before = await count();
  const { study, errors } = await run(input);
  expect(study).toBeNull();
  expect(errors).toMatchObject([{ code, field, message: expect.stringMatching(message) }]);
  expect(await count()).toBe(before);
});
