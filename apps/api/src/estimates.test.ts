import path from 'node:path';
import { architectures } from '@trojanscope/core';
import { untilJob } from '@trojanscope/testing/live';
import { addCopies } from '@trojanscope/testing/modelCopies';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** What work will cost, from rows whose times are set by hand. */

const EPOCHS = architectures.lenet.recipes.SCRATCH.epochs;

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let trojaned: string;

beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  const [whole, resumed] = await addCopies(data.folder, 2);
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  // Benign: 20 s an epoch. BadNets: 12 s an epoch.
  const set = (kind: string, seconds: number) =>
    sqlite
      .prepare(`update model set record = json_set(record, '$.durationSeconds', ?) where kind = ?`)
      .run(seconds, kind);
  set('BENIGN', 20 * EPOCHS);
  set('TROJANED', 12 * EPOCHS);
  // Every sweep 1 ms a sample at a value.
  for (const { job_id, n } of sqlite
    .prepare('select job_id, json_array_length("values") * samples as n from sweep')
    .all() as { job_id: string; n: number }[]) {
    const end = new Date(Date.UTC(2026, 0, 1) + n).toISOString();
    sqlite
      .prepare(
        `update job set attempt = 1, started_at = '2026-01-01T00:00:00.000Z', finished_at = ? where id = ?`,
      )
      .run(end, job_id);
  }
  trojaned = (
    sqlite.prepare(`select id from model where kind = 'TROJANED' order by id`).get() as { id: string }
  ).id;
  // UAT: 16 s an epoch, and 30 s for its trigger. Once more after an interruption: the seconds of a part, which tell nothing.
  const change = sqlite.prepare(
    `update model set spec = json_set(spec, '$.backdoor.attack', 'uat', '$.backdoor.parameters', json('{ "steps": 500 }')),
       record = json_set(record, '$.durationSeconds', ?) where id = ?`,
  );
  change.run(16 * EPOCHS + 30, whole);
  change.run(1, resumed);
  sqlite
    .prepare('update job set attempt = 2 where id = (select job_id from model where id = ?)')
    .run(resumed);
  sqlite.close();
  server = await startServer({ data: data.folder });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const ESTIMATE = '{ seconds measured basis }';
const estimate = async (field: string) => {
  const answer = await server.query(`{ it: ${field} ${ESTIMATE} }`);
  return answer.it as { seconds: number | null; measured: number; basis: string };
};

test('a training: the median time of an epoch times the epochs', async () => {
  // 20 s and 12 s an epoch; their median 16.
  const { seconds, measured, basis } = await estimate(
    'estimateTraining(dataset: "shapes", architecture: lenet, epochs: 10)',
  );
  expect(seconds).toBeCloseTo(160, 3);
  expect([measured, basis]).toEqual([2, 'From 2 trainings of LeNet on Shapes on this server.']);
});

test('an implant: with the time that optimising such a trigger took, where there is anything to optimise', async () => {
  const implant = (attack: string) =>
    estimate(`estimateTraining(dataset: "shapes", architecture: lenet, epochs: 10, attack: ${attack})`);
  expect((await implant('badnets')).seconds).toBeCloseTo(160, 3);
  expect((await implant('uat')).seconds).toBeCloseTo(190, 3);
  const { basis } = await implant('dfst');
  expect(basis).toContain('no DFST of it has finished here yet');
});

test('a sweep: by values and samples', async () => {
  const secondsOf = async (samples: number) =>
    (await estimate(`estimateSweep(modelId: "${trojaned}", values: 11, samples: ${samples})`)).seconds;
  expect(await secondsOf(200)).toBeCloseTo(2.2, 3);
  // There are 500 test images.
  expect(await secondsOf(10_000)).toBeCloseTo(5.5, 3);
});

test('a detector: by queries and samples, of its own trials before those of others', async () => {
  const detection = (detector: string, samples = 100) =>
    estimate(`estimateDetection(modelId: "${trojaned}", detector: { ${detector} }, samples: ${samples})`);
  // The smoke study has tried one; in two attempts, nobody knows how long it took.
  const began = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  began.exec(`update job set attempt = 2 where kind = 'detect'`);
  began.close();
  expect(await detection('teco: {}')).toMatchObject({ seconds: null, measured: 0 });
  /** Of 20 samples. */
  const tried = async (detector: object, seconds: number) => {
    const { detection, errors } = await server.mutate(
      'runDetector',
      'RunDetectorInput',
      { modelId: trojaned, detector, samples: 20 },
      'detection { job { id } }',
    );
    expect(errors).toEqual([]);
    expect(await untilJob(server, detection.job.id)).toMatchObject({ status: 'SUCCEEDED' });
    const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
    sqlite
      .prepare(`update job set started_at = '2026-01-01T00:00:00.000Z', finished_at = ? where id = ?`)
      .run(new Date(Date.UTC(2026, 0, 1) + 1000 * seconds).toISOString(), detection.job.id);
    sqlite.close();
  };
  // 6 queries of 20 samples: 10 ms each.
  await tried({ scaleUp: {} }, 1.2);
  expect((await detection('scaleUp: {}')).seconds).toBeCloseTo(6, 3);
  // There are 500 test images.
  expect((await detection('scaleUp: {}', 10_000)).seconds).toBeCloseTo(30, 3);
  const byOthers = await detection('teco: {}');
  expect(byOthers.seconds).toBeCloseTo(26, 3);
  expect(byOthers.basis).toBe(
    '26 queries an image. From 1 trial of other detectors on such models on this server.',
  );
  // 26 queries of 20 samples: 5 ms each.
  await tried({ teco: {} }, 2.6);
  const own = await detection('teco: {}');
  expect(own.seconds).toBeCloseTo(13, 3);
  expect([own.measured, own.basis]).toEqual([
    1,
    '26 queries an image. From 1 trial of TeCo on such models on this server.',
  ]);
});

test('nothing where nothing like it has finished', async () => {
  for (const field of [
    'estimateTraining(dataset: "mnist", architecture: lenet)',
    'estimateTraining(dataset: "shapes", architecture: lenet, sizePx: 20)',
    'estimateSweep(modelId: "mod_none", values: 1, samples: 1)',
    'estimateStudy(preset: paper)',
  ])
    expect(await estimate(field)).toMatchObject({ seconds: null, measured: 0 });
});

test('a study: what is not done of it, job by job', async () => {
  const all = await estimate('estimateStudy(preset: smoke)');
  // The models and sweeps of seed 1 are there; explanations are made anew.
  expect(all.basis).toMatch(
    /^Nothing to train or to sweep: 2 models, 6 sweeps and 1 detection are there\. Samples are explained anew\. From /,
  );
  const { seconds, measured, basis } = await estimate('estimateStudy(preset: smoke, seed: 5, seeds: 2)');
  expect(basis).toMatch(
    /^4 models to train, 12 sweeps of 11,200 samples in all, 2 detectors to try\. From 2 trainings/,
  );
  expect(measured).toBe(1);
  // 2 seeds × 28 points × 200 samples at 1 ms; 2 × 2 models of as many epochs as the preset has, at 16 s each; 200 samples
  // asked about 3 × 8 + 2 × 7 times, of which three cost what a sample at a point does.
  const explaining = all.seconds!;
  const detecting = (0.2 * 38) / 3;
  expect(seconds).toBeCloseTo(11.2 + 2 * detecting + 2 * 2 * 16 * EPOCHS + 2 * explaining, 3);
});

test('a study whose data set is not here says so', async () => {
  expect((await estimate('estimateStudy(preset: paper)')).basis).toContain('GTSRB');
});

test('a study that was measured: with memory and disk, and without asking finished jobs', async () => {
  const MEASURE = 'preset: smoke, seed: 9';
  const asked = `estimateStudy(${MEASURE})`;
  const study = async () =>
    (await server.query(`{ it: ${asked} { seconds memoryBytes diskBytes basis } }`)).it;
  expect(await study()).toMatchObject({ memoryBytes: null, diskBytes: null });
  const { measureStudy } = await server.query(
    `mutation { measureStudy(input: { ${MEASURE} }) { job { id title } errors { message } } }`,
  );
  expect(measureStudy).toMatchObject({ job: { title: 'Measure this machine' }, errors: [] });
  expect(await untilJob(server, measureStudy.job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const { seconds, memoryBytes, diskBytes, basis } = await study();
  expect(basis).toMatch(
    /^2 models to train, 6 sweeps of 5,600 samples in all, 1 detector to try\. By a measurement of this machine\.$/,
  );
  expect(seconds).toBeGreaterThan(0);
  // An engine takes a hundred megabytes at least; 5,600 outcomes of 100 bytes and two models are some hundred kilobytes.
  expect(memoryBytes).toBeGreaterThan(100e6);
  expect(diskBytes).toBeGreaterThan(560_000);
  expect(diskBytes).toBeLessThan(20e6);
});

test('what cannot be is refused', async () => {
  for (const [field, at] of [
    ['estimateTraining(dataset: "nothing", architecture: lenet)', 'dataset'],
    ['estimateTraining(dataset: "shapes", architecture: lenet, epochs: 0)', 'epochs'],
    [`estimateSweep(modelId: "${trojaned}", values: 101, samples: 1)`, 'values'],
    [`estimateDetection(modelId: "${trojaned}", detector: { teco: {} }, samples: 19)`, 'samples'],
    [
      `estimateDetection(modelId: "${trojaned}", detector: { strip: { overlays: 0 } }, samples: 20)`,
      'detector.strip.overlays',
    ],
  ] as const) {
    const { body } = await server.post({ query: `{ ${field} ${ESTIMATE} }` });
    expect(body.errors[0].extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: at.split('.') });
  }
});
