// node drills/soak.mjs [--minutes 30] [--warm-up 8]
// Half an hour of everything at once (studies, lists, subscriptions, probes, pictures, downloads, wrong requests), and what
// grows meanwhile: memory of each process, open files, tensors. Needs a build (npm start or npm test makes one).
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { hasEnded, JOB_PROGRESS } from '@trojanscope/testing/live';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import WebSocket from 'ws';

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, 'warm-up': { type: 'string', default: '8' } },
});
const [MINUTES, WARM_UP] = [Number(options.minutes), Number(options['warm-up'])];
const SLOPE_LIMIT = 1; // MB a minute, of the server
const SAMPLE_MS = 5_000;

const data = await temporaryData();
const args = ['--no-quickstart', '--log', 'json', '--rate-limit', '0'];
const server = await startServer({ data: data.folder, args });
const from = performance.now();
const minutes = () => (performance.now() - from) / 60_000;
const going = () => minutes() < MINUTES;
const counts = {
  studies: 0,
  requests: 0,
  probes: 0,
  pictures: 0,
  downloads: 0,
  refused: 0,
  events: 0,
};
const { failures, check, end } = createFindings();
const samples = [];

try {
  await Promise.all([studies(), lists(), probes(), pictures(), refusals(), sampling()]);
} catch (error) {
  failures.push(`${error.stack}\nThe server said last:\n${server.log().slice(-5_000)}`);
}
const { code } = await server.stop();
check(code === 0, `The server ended with exit code ${code}.`);
await data.remove();
report();

/** One small study after the other, each followed over a websocket of its own; now and then one is cancelled and resumed. */
async function studies() {
  for (let seed = 1; going(); seed++) {
    const selection = 'study { id jobs { id } }';
    const { study } = await server.mutate('runStudy', 'RunStudyInput', { preset: 'smoke', seed }, selection);
    if (seed % 5 === 0) {
      await sleep(3_000);
      const input = { studyId: study.id };
      const { errors } = await server.mutate('cancelStudy', 'CancelStudyInput', input, 'study { id }');
      if (errors.length === 0) await server.mutate('resumeStudy', 'ResumeStudyInput', input, 'study { id }');
    }
    const live = server.live();
    const follow = async ({ id }) => {
      for await (const progress of live.subscribe(JOB_PROGRESS, { jobId: id })) {
        counts.events++;
        if (hasEnded(progress) && progress.status !== 'SUCCEEDED')
          failures.push(`A job ended ${progress.status}: ${JSON.stringify(progress.job.error)}`);
      }
    };
    await Promise.all(study.jobs.map(follow));
    await live.close();
    counts.studies++;
  }
}

/** What pages and scripts read. */
async function lists() {
  const queries = [
    '{ models(first: 50) { nodes { id name status cleanAccuracy { value } asr { value } } totalCount } }',
    '{ jobs(first: 50) { nodes { id status queuePosition startsInSeconds progress { done total } } } }',
    '{ robustnessCurves(filter: {}) { model { name } points { value asr { value low high } } } }',
    '{ studies(first: 20) { nodes { id status jobs { id status } } } catalog { attacks { id } } }',
  ];
  while (going()) {
    await Promise.all(queries.map((query) => server.query(query)));
    counts.requests += queries.length;
    await sleep(250);
  }
}

async function trained() {
  const { models } = await server.query(
    '{ models(first: 1, filter: { status: [SUCCEEDED], kind: TROJANED }) { nodes { id } } }',
  );
  return models.nodes[0]?.id;
}

async function probes() {
  for (let i = 0; going(); i++) {
    await sleep(2_000);
    const modelId = await trained();
    if (!modelId) continue;
    const input = {
      modelId,
      sampleIndex: i % 20,
      trigger: true,
      explain: i % 3 === 0 ? { copies: 10 } : undefined,
    };
    await server.query('query ($input: ProbeInput!) { probe(input: $input) { predicted { name } } }', {
      input,
    });
    counts.probes++;
  }
}

/** Pictures and downloads of the newest sweep. */
async function pictures() {
  const query = `{ sweeps(first: 1, filter: { status: [SUCCEEDED] }) { nodes { id curve { points {
    outcomes(first: 5) { nodes { image { url } } } } } } } }`;
  for (let i = 0; going(); i++) {
    await sleep(3_000);
    const { sweeps } = await server.query(query);
    for (const { id, curve } of sweeps.nodes) {
      const { url } = curve.points[i % curve.points.length].outcomes.nodes[i % 5].image;
      const addresses = [url, `/downloads/sweeps/${id}/outcomes.csv`, '/downloads/curves.ndjson', '/metrics'];
      for (const address of addresses) {
        const response = await fetch(server.url + address);
        await response.arrayBuffer();
        if (response.status !== 200) failures.push(`${address} answered ${response.status}.`);
      }
      counts.pictures++;
      counts.downloads += 2;
    }
  }
}

/** What is refused, and clients that vanish. */
async function refusals() {
  while (going()) {
    await sleep(1_000);
    for (const body of ['{', '{"query": "{ nothing }"}', '{"query": "{ node(id: \\"x\\") { id } }"}']) {
      const { status } = await server.post(body);
      if (status >= 500) failures.push(`${body} answered ${status}.`);
      counts.refused++;
    }
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    await once(socket, 'message');
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { activity { id } }"}}');
    socket.terminate();
  }
}

async function sampling() {
  while (going()) {
    await sleep(SAMPLE_MS);
    const [worker] = processesOf('dist/worker.js', server.pid);
    const [inference] = processesOf('dist/inference/inferenceProcess.js', server.pid);
    samples.push({
      minute: minutes(),
      server: megabytes(server.pid),
      worker: worker && megabytes(worker),
      workerPid: worker,
      inference: inference && megabytes(inference),
      files: readdirSync(`/proc/${server.pid}/fd`).length,
    });
  }
}

function megabytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return undefined; // it ended meanwhile
  }
}

/** Least squares, per minute, of what was sampled after the warm-up. */
function slope(name) {
  const points = samples.filter((sample) => sample.minute > WARM_UP && sample[name] !== undefined);
  const mean = (of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.minute), mean((point) => point[name])];
  const covariance = mean((point) => (point.minute - x) * (point[name] - y));
  return covariance / mean((point) => (point.minute - x) ** 2);
}

function report() {
  const warm = samples.filter(({ minute }) => minute > WARM_UP);
  const ends = (name) => {
    const values = warm.map((sample) => sample[name]).filter((value) => value !== undefined);
    return `${values[0]?.toFixed(0)} → ${values.at(-1)?.toFixed(0)} MB, ${slope(name).toFixed(2)} MB a minute`;
  };
  const files = warm.map((sample) => sample.files);
  const ended = server
    .log()
    .split('\n')
    .filter((line) => line.includes('"job ended"'))
    .map((line) => JSON.parse(line).tensors);
  const third = Math.floor(ended.length / 3);
  const [early, late] = [ended.slice(third, 2 * third), ended.slice(-third)].map((all) => Math.max(...all));
  const rows = {
    'after a warm-up of': `${WARM_UP} of ${MINUTES} minutes`,
    server: ends('server'),
    worker: `${ends('worker')}, ${new Set(warm.map(({ workerPid }) => workerPid)).size} process(es)`,
    'process that looks at images': ends('inference'),
    'open files of the server': `${Math.min(...files)} to ${Math.max(...files)}, ${slope('files').toFixed(2)} a minute`,
    'tensors at the end of a job, at most': `${early} in the second third, ${late} in the last`,
    ...counts,
  };
  check(slope('server') < SLOPE_LIMIT, 'The server grows.');
  check(Math.abs(slope('files')) <= 0.5, 'The number of open files is not flat.');
  check(late <= early, 'Tensors are left behind.');
  end(rows, 'Nothing grows.');
}
