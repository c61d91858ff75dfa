import { JOB_PROGRESS, within } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import WebSocket from 'ws';

/** Subscriptions: what is saved, then what lands, each once, then the end; and the protocol's manners. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let modelId: string;
let silent: ReturnType<typeof talk>;
let finished: { id: string; curve: { points: { id: string }[] }; job: { id: string } };

interface Point {
  id: string;
  value: number;
  asr: { numerator: number; denominator: number };
}
interface Progress {
  status: string;
  points: Point[];
}

const SWEEP_PROGRESS = `subscription ($sweepId: ID!) {
  sweepProgress(sweepId: $sweepId) { status sweep { id } points { id value asr { numerator denominator } } }
}`;
const ACTIVITY = 'subscription { activity { type id } }';
const NOBODY = 'swp_00000000000000000000000000';

beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { study } = await server.query(
    `query ($id: ID!) { study: node(id: $id) { ... on Study {
      models { id } sweeps { id job { id } curve { points { id } } }
    } } }`,
    { id: inject('smoke').studyId },
  );
  modelId = study.models[1].id;
  finished = study.sweeps.at(-1);
  // The server is patient for five seconds, in which the other tests run.
  silent = talk([]);
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

async function runSweep(values: number[], samples = 375) {
  const input = { modelId, transform: 'rotation', target: 'IMAGE', values, samples };
  const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id job { id } }');
  return sweep as { id: string; job: { id: string } };
}

async function curveOf(sweepId: string): Promise<Point[]> {
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Sweep { curve { points { id value asr { numerator denominator } } } } } }',
    { id: sweepId },
  );
  return node.curve.points;
}

const byId = (points: Point[]) => [...points].sort((a, b) => a.value - b.value);

const PROTOCOL = 'graphql-transport-ws';
const init = { type: 'connection_init' };

/** Sends messages, each after the answer to the one before where there is one, until the server closes. */
function talk(messages: (object | string)[], protocol: string | string[] = PROTOCOL) {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, protocol);
  const heard: { type: string; id?: string }[] = [];
  const closed = new Promise<{ code: number; reason: string; heard: typeof heard; error?: string }>(
    (resolve) => {
      let error: string | undefined;
      socket.on('error', ({ message }) => {
        error = message;
      });
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason), heard, error }));
    },
  );
  const queue = [...messages];
  const next = () => {
    const message = queue.shift();
    if (message === undefined) return;
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    // Only an init is answered at once; what follows anything else is sent right after it.
    if (message !== init) next();
  };
  socket.on('open', next);
  socket.on('message', (text) => {
    heard.push(JSON.parse(String(text)));
    if (heard.at(-1)!.type === 'connection_ack') next();
  });
  return within(15_000, `a close after ${JSON.stringify(messages).slice(0, 100)}`, () => closed);
}

describe('sweepProgress', () => {
  test('of a finished sweep gives every point once, then ends', async () => {
    const live = server.live();
    const messages: Progress[] = await live.all(SWEEP_PROGRESS, { sweepId: finished.id });
    await live.close();
    expect(messages.flatMap(({ points }) => points.map(({ id }) => id))).toEqual(
      finished.curve.points.map(({ id }) => id),
    );
    expect(messages.at(-1)!.status).toBe('SUCCEEDED');
  });

  test('of a running sweep gives whoever comes early, late or again every point once, and the end', async () => {
    const values = Array.from({ length: 30 }, (_, i) => i * 3);
    const sweep = await runSweep(values);

    const early = server.live();
    const late = server.live();
    let lateMessages: Promise<Progress[]> | undefined;
    const messages: Progress[] = [];
    let seen = 0;
    for await (const message of early.subscribe(SWEEP_PROGRESS, { sweepId: sweep.id })) {
      messages.push(message);
      seen += message.points.length;
      if (seen >= 10) lateMessages ??= late.all(SWEEP_PROGRESS, { sweepId: sweep.id });
    }
    await early.close();

    const lastOf = (all: Progress[]) => all.at(-1)!.status;
    const pointsOf = (all: Progress[]) => byId(all.flatMap(({ points }) => points));
    const expected = byId(await curveOf(sweep.id));
    expect(expected.map(({ value }) => value)).toEqual(values);
    expect(pointsOf(messages)).toEqual(expected);
    expect(lastOf(messages)).toBe('SUCCEEDED');
    // It was live: points came over time, not all at the end.
    expect(messages.filter(({ points }) => points.length > 0).length).toBeGreaterThan(3);
    expect(['QUEUED', 'RUNNING']).toContain(messages[0]!.status);

    const ofLate = await lateMessages!;
    await late.close();
    expect(ofLate[0]!.points.length).toBeGreaterThanOrEqual(10);
    expect(pointsOf(ofLate)).toEqual(expected);
    expect(lastOf(ofLate)).toBe('SUCCEEDED');
  });

  test('goes on for whoever is cut off and comes again', async () => {
    const values = Array.from({ length: 24 }, (_, i) => i * 3);
    const sweep = await runSweep(values);
    const acknowledged = new Map<string, Point>();
    let cuts = 0;
    for (;;) {
      const live = server.live();
      const messages: Progress[] = [];
      const ids = () => messages.flatMap(({ points }) => points.map(({ id }) => id));
      try {
        for await (const message of live.subscribe(SWEEP_PROGRESS, { sweepId: sweep.id })) {
          messages.push(message);
          for (const point of message.points) {
            expect(acknowledged.get(point.id) ?? point).toEqual(point);
            acknowledged.set(point.id, point);
          }
          if (cuts < 3 && ids().length >= 5 * (cuts + 1)) {
            cuts++;
            live.cut();
          }
        }
      } catch (error) {
        // Cut off by this test, not by the server.
        expect(error).toMatchObject({ closed: 4499 });
      }
      expect(new Set(ids()).size).toBe(ids().length);
      if (messages.at(-1)?.status === 'SUCCEEDED') {
        expect(ids()).toHaveLength(values.length);
        await live.close();
        break;
      }
    }
    expect(cuts).toBe(3);
    expect(byId([...acknowledged.values()])).toEqual(byId(await curveOf(sweep.id)));
  });

  test('of what is none tells so and leaves the connection’s other subscriptions alone', async () => {
    const live = server.live();
    const sweep = await runSweep(
      Array.from({ length: 10 }, (_, i) => i),
      20,
    );
    const other = live.all(SWEEP_PROGRESS, { sweepId: sweep.id });
    await expect(live.all(SWEEP_PROGRESS, { sweepId: NOBODY })).rejects.toMatchObject({
      errors: [
        { message: expect.stringContaining(NOBODY), extensions: { code: 'NOT_FOUND', field: ['sweepId'] } },
      ],
    });
    await expect(live.all(JOB_PROGRESS, { jobId: 'job_x' })).rejects.toMatchObject({
      errors: [{ extensions: { code: 'NOT_FOUND', field: ['jobId'] } }],
    });
    expect((await other).at(-1).status).toBe('SUCCEEDED');
    await live.close();
  });
});

describe('jobProgress', () => {
  test('counts up to a terminal status, which is its last word', async () => {
    const live = server.live();
    const { job } = await runSweep(Array.from({ length: 12 }, (_, i) => i * 5));
    const messages = await live.all(JOB_PROGRESS, { jobId: job.id });
    await live.close();
    const dones = messages.map(({ done }: { done: number }) => done);
    expect(dones).toEqual([...dones].sort((a, b) => a - b));
    expect(messages.at(-1)).toMatchObject({
      status: 'SUCCEEDED',
      done: 12,
      total: 12,
      unit: 'points',
      etaSeconds: null,
    });
    const ends = messages.filter(({ status }: { status: string }) => status === 'SUCCEEDED');
    expect(ends).toHaveLength(1);
  });

  test('of a job that ended says so once', async () => {
    const live = server.live();
    const messages = await live.all(JOB_PROGRESS, { jobId: finished.job.id });
    await live.close();
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ status: 'SUCCEEDED', done: finished.curve.points.length });
  });
});

test('activity tells progress from changes, and a job’s end also of its model and sweep', async () => {
  const live = server.live();
  const told: { type: string; id: string; progress: boolean }[] = [];
  await within(20_000, 'a sweep to its end', async () => {
    const activity = live.subscribe('subscription { activity { type id progress } }');
    const first = activity.next();
    await server.query('{ __typename }');
    await runSweep([0, 45], 10);
    for (let event = await first; ; event = await activity.next()) {
      told.push(event.value);
      // What comes behind progress, and is none, is the end; the sweep is told of last.
      const { type, progress } = event.value;
      if (type === 'Sweep' && !progress && told.some(({ progress }) => progress)) break;
    }
  });
  await live.close();
  const types = (progress: boolean) => [
    ...new Set(told.filter((one) => one.progress === progress).map(({ type }) => type)),
  ];
  expect(types(true).sort()).toEqual(['Job', 'Sweep']);
  expect(types(false).sort()).toEqual(['Job', 'Model', 'Sweep']);
});

test('activity names what changes, and each name can be looked up', async () => {
  const live = server.live();
  const changed = new Map<string, string>();
  let sweep: Awaited<ReturnType<typeof runSweep>> | undefined;
  await within(20_000, 'activity of a sweep', async () => {
    const activity = live.subscribe(ACTIVITY);
    const first = activity.next();
    // Nothing is replayed, so the sweep is asked for until the subscription has certainly begun.
    await server.query('{ __typename }');
    sweep = await runSweep([0, 45], 10);
    for (let event = await first; ; event = await activity.next()) {
      changed.set(event.value.id, event.value.type);
      const { node } = await server.query('query ($id: ID!) { node(id: $id) { ... on Job { status } } }', {
        id: sweep.job.id,
      });
      if (node.status === 'SUCCEEDED' && changed.has(sweep.id) && changed.has(sweep.job.id)) break;
    }
  });
  await live.close();
  expect(changed.get(sweep!.id)).toBe('Sweep');
  expect(changed.get(sweep!.job.id)).toBe('Job');
  const ids = [...changed.keys()];
  const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', {
    ids,
  });
  expect(nodes).toEqual(ids.map((id) => ({ id, __typename: changed.get(id) })));
});

describe('the protocol', () => {
  const subscribe = (id: string, query = ACTIVITY) => ({ id, type: 'subscribe', payload: { query } });

  test.each<[string, number, (object | string)[]]>([
    ['what is not JSON', 4400, ['{"type":']],
    ['an empty message', 4400, ['']],
    ['a message of no known type', 4400, [init, { type: 'hello' }]],
    ['a message without a type', 4400, [init, { id: '1' }]],
    ['a subscription without a query', 4400, [init, { id: '1', type: 'subscribe', payload: {} }]],
    ['a subscription without an id', 4400, [init, { type: 'subscribe', payload: { query: ACTIVITY } }]],
    ['a subscription before the greeting', 4401, [subscribe('1')]],
    ['a second greeting', 4429, [init, JSON.stringify(init)]],
    ['an id in use', 4409, [init, subscribe('1'), subscribe('1')]],
    ['more than 64 KiB', 1009, [init, subscribe('1', `${ACTIVITY} #${'x'.repeat(65 * 1024)}`)]],
  ])('closes on %s with %i', async (_, code, messages) => {
    expect((await talk(messages)).code).toBe(code);
  });

  test('closes on silence with 4408', async () => {
    expect((await silent).code).toBe(4408);
  });

  test('says nothing in a protocol it does not speak, and closes with 4406', async () => {
    // The handshake is answered, so that a client of the older protocol is told why it is closed.
    for (const protocol of ['graphql-ws', 'mqtt', []])
      expect(await talk([init], protocol)).toMatchObject({ code: 4406, heard: [] });
  });

  test('is spoken with programs and with the server’s own pages, not with pages from elsewhere', async () => {
    const open = (origin?: string) =>
      within(5_000, 'a handshake', async () => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, PROTOCOL, { origin });
        const answer = await new Promise((resolve) => {
          socket.on('open', () => resolve('open'));
          socket.on('error', ({ message }) => resolve(message));
        });
        socket.close();
        return answer;
      });
    expect(await open()).toBe('open');
    expect(await open(server.url)).toBe('open');
    const { port } = new URL(server.url);
    for (const origin of [
      'http://evil.example',
      `http://evil.example:${port}`,
      `http://127.0.0.1:1`,
      'null',
    ]) {
      expect([origin, await open(origin)]).toEqual([origin, 'Unexpected server response: 403']);
    }
  });

  test('answers a message just under 64 KiB, and a query over the socket', async () => {
    const live = server.live();
    const items = await live.all(`{ __typename } #${'x'.repeat(60 * 1024)}`);
    expect(items).toEqual(['Query']);
    await live.close();
  });

  test('tells a request that does not fit the schema as an error of that subscription alone', async () => {
    const live = server.live();
    await expect(live.all('subscription { nothing }')).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining('nothing'), extensions: { code: 'BAD_USER_INPUT' } }],
    });
    await expect(live.all('subscription {')).rejects.toMatchObject({
      errors: [{ message: expect.stringMatching(/Syntax/) }],
    });
    expect(await live.all('{ __typename }')).toEqual(['Query']);
    await live.close();
  });

  test('survives two hundred connections that break off', async () => {
    const before = server.log().length;
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, PROTOCOL);
          await new Promise((resolve) => socket.on('open', resolve));
          socket.send(JSON.stringify(init));
          await new Promise((resolve) => socket.once('message', resolve));
          for (let i = 0; i < 5; i++) socket.send(JSON.stringify(subscribe(String(i))));
          socket.terminate();
        }),
      );
    }
    expect(server.log().slice(before)).toBe('');
    expect(await (await fetch(`${server.url}/livez`)).json()).toEqual({ status: 'ok' });
  });
});
