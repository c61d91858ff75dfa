import { rename } from 'node:fs/promises';
import { connect } from 'node:net';
import { getPriority } from 'node:os';
import path from 'node:path';
import { untilJob, within } from '@trojanscope/testing/live';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import WebSocket from 'ws';

/** Jobs are stopped, fail, are tried again and outlive their server. */

const { data: smokeData, studyId } = inject('smoke');
type Server = Awaited<ReturnType<typeof startServer>>;
interface Progress {
  status: string;
  stage: string;
  done: number;
  total: number;
  job: { id: string; attempt: number; error: { code: string; message: string } | null };
}

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Server;
beforeAll(async () => {
  data = await temporaryData(smokeData);
  server = await startServer({ data: data.folder });
});
afterEach(async () => {
  const unfinished = '{ jobs(first: 100, filter: { status: [QUEUED, RUNNING] }) { nodes { id } } }';
  const { jobs } = await server.query(unfinished);
  for (const { id } of jobs.nodes) await cancel(id);
});
afterAll(async () => {
  await server?.kill();
  await data?.remove();
});

/** The models of the smoke study. */
async function models() {
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Study { models { id } } } }',
    {
      id: studyId,
    },
  );
  const [benign, trojaned] = node.models as { id: string }[];
  return { benign: benign!.id, trojaned: trojaned!.id };
}

async function train(input: object = {}) {
  const { model } = await server.mutate(
    'trainModel',
    'TrainModelInput',
    { dataset: 'shapes', architecture: 'lenet', ...input },
    'model { id job { id } }',
  );
  return { modelId: model.id as string, jobId: model.job.id as string };
}

async function sweep(values = [0, 45, 90]) {
  const { sweep } = await server.mutate(
    'runSweep',
    'RunSweepInput',
    { modelId: (await models()).trojaned, transform: 'rotation', target: 'IMAGE', values, samples: 50 },
    'sweep { id job { id } }',
  );
  return { sweepId: sweep.id as string, jobId: sweep.job.id as string };
}

const job = async (id: string) =>
  (
    await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Job {
        status attempt error { code message } progress { stage done total } startedAt finishedAt waitsFor { id }
      } } }`,
      { id },
    )
  ).node;
const cancel = (jobId: string) => server.mutate('cancelJob', 'CancelJobInput', { jobId }, 'job { status }');
const retry = (jobId: string) =>
  server.mutate('retryJob', 'RetryJobInput', { jobId }, 'job { status attempt }');
const history = async (modelId: string) =>
  (
    await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Model { training { history { step epoch loss accuracy } } } } }',
      { id: modelId },
    )
  ).node.training.history as { step: number; epoch: number; loss: number; accuracy: number }[];
const workers = () => processesOf('dist/worker.js', server.pid);

const training = ({ stage, done }: Progress) => stage === 'training' && done > 0;
const afterEpochs = (epochs: number) => (progress: Progress) =>
  training(progress) && progress.done > (epochs * progress.total) / 8;

test('a job leaves the processor to whoever asks the server for something', async () => {
  const { jobId } = await train();
  await untilJob(server, jobId, training);
  expect(getPriority(workers()[0]!)).toBe(Math.min(19, getPriority(server.pid) + 5));
  await untilJob(server, jobId);
});

describe('a job that is cancelled', () => {
  test('stops within two seconds, leaves the worker to the next, and goes on where it was when tried again', async () => {
    const { modelId, jobId } = await train();
    await untilJob(server, jobId, afterEpochs(2));
    const [worker] = workers();
    const next = await sweep();

    const asked = performance.now();
    expect(await cancel(jobId)).toEqual({ job: { status: 'CANCELLED' }, errors: [] });
    await untilJob(server, next.jobId, ({ status }: Progress) => status !== 'QUEUED');
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(await untilJob(server, next.jobId)).toMatchObject({ status: 'SUCCEEDED', job: { attempt: 1 } });
    // It stopped by itself: nothing had to be killed.
    expect(workers()).toEqual([worker]);
    expect(await job(jobId)).toMatchObject({ status: 'CANCELLED', attempt: 1, error: null });
    const kept = await history(modelId);
    expect(kept.at(-1)!.epoch).toBeGreaterThan(2);

    expect((await retry(jobId)).errors).toEqual([]);
    const { done, total } = await untilJob(server, jobId, training);
    expect(done).toBeGreaterThan((2 * total) / 8);
    expect(await untilJob(server, jobId)).toMatchObject({ status: 'SUCCEEDED', job: { attempt: 2 } });
    // As one that was never interrupted: the smoke study's benign model is the same recipe and seed.
    expectAlike(await history(modelId), await history((await models()).benign));
  });

  test('and tried again at once is not hit by what was to stop it', async () => {
    const { jobId } = await train({ recipe: { epochs: 200 } });
    await untilJob(server, jobId, training);
    const [worker] = workers();
    await cancel(jobId);
    await retry(jobId);
    await untilJob(
      server,
      jobId,
      ({ job, ...progress }: Progress) => job.attempt === 2 && training({ job, ...progress }),
    );
    // A worker that does not stop is killed after 1.5 s; this one did.
    await new Promise((resolve) => setTimeout(resolve, 1_800));
    expect(workers()).toEqual([worker]);
    expect(await job(jobId)).toMatchObject({ status: 'RUNNING', attempt: 2 });
  });

  test('before its turn never starts, and what waits for it keeps waiting', async () => {
    const first = await train({ recipe: { epochs: 200 } });
    const { model } = await server.mutate(
      'implantBackdoor',
      'ImplantBackdoorInput',
      { dataset: 'shapes', architecture: 'lenet', attack: { badnets: {} } },
      'model { job { id } benign { job { id } } }',
    );
    const [needed, needing] = [model.benign.job.id, model.job.id];
    await cancel(needed);
    const behind = await sweep([0]);
    await cancel(first.jobId);
    expect(await untilJob(server, behind.jobId)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await job(needed)).toMatchObject({
      status: 'CANCELLED',
      attempt: 0,
      startedAt: null,
      progress: null,
    });
    expect(await job(needing)).toMatchObject({ status: 'QUEUED', attempt: 0, waitsFor: [{ id: needed }] });
    expect((await cancel(needed)).errors[0]).toMatchObject({ code: 'CONFLICT', field: ['jobId'] });
  });
});

describe('a job that fails', () => {
  test('says why in words, and succeeds once that is repaired', async () => {
    const folder = path.join(data.folder, 'models', (await models()).trojaned);
    await rename(folder, `${folder}.away`);
    const { jobId, sweepId } = await sweep();
    const failed: Progress = await untilJob(server, jobId);
    expect(failed).toMatchObject({
      status: 'FAILED',
      stage: 'failed',
      job: { error: { code: 'DATA_MISSING' } },
    });
    expect(failed.job.error!.message).toBe(
      `There is no model in ${path.join('models', path.basename(folder))}.`,
    );
    expect((await job(jobId)).finishedAt).not.toBeNull();

    await rename(`${folder}.away`, folder);
    expect((await retry(jobId)).errors).toEqual([]);
    expect(await untilJob(server, jobId)).toMatchObject({
      status: 'SUCCEEDED',
      done: 3,
      job: { attempt: 2, error: null },
    });
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Sweep { curve { points { value } } } } }',
      { id: sweepId },
    );
    expect(node.curve.points).toEqual([{ value: 0 }, { value: 45 }, { value: 90 }]);
  });
});

test('an explanation whose job was cancelled is made when it is asked for again', async () => {
  const blocking = await train({ recipe: { epochs: 200 } });
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Study { sweeps { curve { points { outcomes(last: 1) { nodes { id } } } } } } } }',
    { id: studyId },
  );
  const outcomeIds = [node.sweeps[0].curve.points[0].outcomes.nodes[0].id];
  const selection = 'explanations { id status job { id } saliency { url } }';
  const explain = () => server.mutate('explain', 'ExplainInput', { outcomeIds }, selection);
  const [first] = (await explain()).explanations;
  await cancel(first.job.id);
  const [again] = (await explain()).explanations;
  expect(again.id).toBe(first.id);
  expect(again.job.id).not.toBe(first.job.id);
  await cancel(blocking.jobId);
  expect(await untilJob(server, again.job.id)).toMatchObject({ status: 'SUCCEEDED', done: 1, total: 1 });
  const [made] = (await explain()).explanations;
  expect(made).toMatchObject({ id: first.id, status: 'SUCCEEDED', saliency: { url: expect.any(String) } });
});

describe('a server that is stopped', () => {
  test('ends in order, tells its subscribers, waits for none that is deaf, and the job goes on at the next start', async () => {
    const { modelId, jobId } = await train();
    await untilJob(server, jobId, afterEpochs(2));
    const [worker] = workers();
    const reader = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const closed = new Promise((resolve) => reader.on('close', resolve));
    await new Promise((resolve) => reader.on('open', resolve));
    const deaf = await deafSubscriber();

    const { code, signal, ms } = await server.stop();
    deaf.destroy();
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(ms).toBeLessThan(10_000);
    expect(await closed).toBe(1001);
    expect(server.log()).not.toMatch(/rror/);
    expect(processesOf('dist/worker.js')).not.toContain(worker);

    server = await startServer({ data: data.folder });
    expect(await untilJob(server, jobId)).toMatchObject({ status: 'SUCCEEDED', job: { attempt: 2 } });
    expectAlike(await history(modelId), await history((await models()).benign));
  });

  /** A websocket that opens and then neither reads nor answers. */
  async function deafSubscriber() {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      [
        'GET /graphql HTTP/1.1',
        `Host: ${hostname}:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
        'Sec-WebSocket-Protocol: graphql-transport-ws',
        '\r\n',
      ].join('\r\n'),
    );
    await within(5_000, 'the websocket', () => new Promise((resolve) => socket.once('data', resolve)));
    return socket.pause();
  }
});

describe('a second server', () => {
  test('on the same data is refused in words and leaves the first one’s job alone', async () => {
    const { jobId } = await train({ recipe: { epochs: 200 } });
    await untilJob(server, jobId, training);
    const [worker] = workers();
    const refusal = await startServer({ data: data.folder }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal).toMatch(/exit 78/);
    expect(refusal).toContain(data.folder);
    expect(refusal).toMatch(/another/i);
    expect(refusal).not.toMatch(/\n\s+at /);
    const { done } = (await job(jobId)).progress;
    await untilJob(server, jobId, (progress: Progress) => progress.done > done);
    expect(await job(jobId)).toMatchObject({ status: 'RUNNING', attempt: 1 });
    expect(workers()).toEqual([worker]);
  });

  test('on a port in use says which, and touches no job', async () => {
    const other = await temporaryData();
    try {
      const { port } = new URL(server.url);
      const refusal = await startServer({ data: other.folder, port: Number(port) }).then(
        () => '',
        (error: Error) => error.message,
      );
      expect(refusal).toMatch(/exit 78/);
      expect(refusal).toContain(`Port ${port} on 127.0.0.1 is in use`);
      expect(refusal).not.toMatch(/\n\s+at /);
    } finally {
      await other.remove();
    }
  });
});

/** Equal step by step; with several threads the last digits of sums may differ. */
function expectAlike(actual: object[], expected: object[]) {
  const rounded = (steps: object[]) =>
    steps.map((step) =>
      Object.fromEntries(Object.entries(step).map(([name, value]) => [name, Number(value.toFixed(4))])),
    );
  expect(rounded(actual)).toEqual(rounded(expected));
}
