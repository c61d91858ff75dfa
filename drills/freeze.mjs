// node drills/freeze.mjs
// Stops a worker in the middle of a training with SIGSTOP, as a machine out of memory might, and shows that within a
// minute its job goes on elsewhere, and that it itself never does. Needs a build (npm start or npm test makes one).
import { setTimeout as sleep } from 'node:timers/promises';
import { untilJob } from '@trojanscope/testing/live';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';

const LIMIT_MS = 60_000;
const input = { dataset: 'shapes', architecture: 'lenet', recipe: { epochs: 60 } };
const data = await temporaryData();
const server = await startServer({ data: data.folder });
let failed = false;
try {
  const { model } = await server.mutate('trainModel', 'TrainModelInput', input, 'model { id job { id } }');
  const { id } = model.job;
  await untilJob(server, id, ({ stage, done }) => stage === 'training' && done > 0, 60_000);
  const [frozen] = processesOf('dist/worker.js', server.pid);
  process.kill(frozen, 'SIGSTOP');
  const from = performance.now();
  const query = 'query ($id: ID!) { node(id: $id) { ... on Job { attempt status } } }';
  for (let job; job?.attempt !== 2 || job.status !== 'RUNNING'; await sleep(250)) {
    job = (await server.query(query, { id })).node;
    if (performance.now() - from > 2 * LIMIT_MS) throw new Error(`Nobody noticed: ${JSON.stringify(job)}`);
  }
  const ms = performance.now() - from;
  const [worker, ...others] = processesOf('dist/worker.js', server.pid);
  const alone = others.length === 0 && worker !== frozen;
  const { status } = await untilJob(server, id, undefined, 300_000);
  failed = ms > LIMIT_MS || !alone || status !== 'SUCCEEDED';
  console.log(
    `${failed ? '✗' : '✓'} the job ran again after ${(ms / 1000).toFixed(1)} s (at most ${LIMIT_MS / 1000}), ` +
      `${alone ? 'the frozen worker is gone' : 'the frozen worker is still there'}, the job ${status}`,
  );
} finally {
  await server.stop();
  await data.remove();
}
process.exit(failed ? 1 : 0);
