// node drills/memory.mjs [--short] [--sizes 28,512] [--networks lenet,resnet34]
// Trains, evaluates, sweeps, explains and probes both networks on images from 28 to 512 px, through a server as anybody's, and
// tells how much memory its worker and the process that probes took at most. Needs a build (npm start or npm test makes
// one), and Linux, which knows the largest a process ever was.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { untilJob } from '@trojanscope/testing/live';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';

const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean' },
    sizes: { type: 'string', default: '28,64,128,256,512' },
    networks: { type: 'string', default: 'lenet,resnet34' },
  },
});
const LIMIT_MB = 2_000;
const DEADLINE_MS = 30 * 60_000;
/** Of an explanation: a graph is made for as many as fit, however few are asked for. */
const COPIES = 10;
/** The smallest image each network takes, and how many of them fill the batches of its recipe and its sweeps. */
const NETWORKS = {
  lenet: { smallest: 12, train: 128, test: 500 },
  resnet34: { smallest: 32, train: 64, test: 100 },
};
/** Large images fill their batches sooner. */
const fewer = (count, size) => Math.ceil(count * Math.min(1, 256 / size) ** 2);
// Short: what was worst, in few images.
const CASES = options.short
  ? [{ network: 'lenet', size: 256, train: 24, test: 24 }]
  : options.networks.split(',').flatMap((network) =>
      options.sizes.split(',').map((size) => ({
        network,
        size: Math.max(Number(size), NETWORKS[network].smallest),
        train: fewer(NETWORKS[network].train, size),
        test: fewer(NETWORKS[network].test, size),
      })),
    );

const { check, end } = createFindings();
const rows = {};
for (const each of CASES) {
  const name = `${each.network} at ${each.size} px`;
  const stages = await measure(each);
  rows[name] = `at most ${Math.max(...stages.map(({ mb }) => mb))} MB`;
  for (const { stage, mb } of stages)
    check(mb < LIMIT_MB, `${name}: ${stage} took ${mb} MB; at most ${LIMIT_MB}.`);
}
end(rows, `No process took ${LIMIT_MB} MB.`);

/** The largest that worker and inference process were, stage by stage, in a server of their own. */
async function measure({ network, size, train, test }) {
  const data = await temporaryData();
  await writeNoise(path.join(data.folder, 'datasets', 'noise'), size, { train, test });
  const args = ['--no-quickstart', '--request-timeout', '600'];
  const server = await startServer({ data: data.folder, args });
  const stages = [];
  try {
    const stage = async (name, script, work) => {
      for (const pid of processesOf(script, server.pid)) await writeFile(`/proc/${pid}/clear_refs`, '5');
      let mb = 0;
      // Looked at while it runs: a worker that has grown is replaced as soon as its job is done.
      const look = () => {
        mb = Math.max(mb, ...processesOf(script, server.pid).map(peakMb));
      };
      const timer = setInterval(look, 50);
      const from = performance.now();
      try {
        const result = await work();
        look();
        const seconds = (performance.now() - from) / 1000;
        stages.push({ stage: name, mb, seconds });
        console.log(`${network} at ${size} px, ${name}: ${mb} MB, ${seconds.toFixed(1)} s`);
        return result;
      } finally {
        clearInterval(timer);
      }
    };
    const finished = async (id) => {
      const { status, job } = await untilJob(server, id, undefined, DEADLINE_MS);
      if (status !== 'SUCCEEDED')
        throw new Error(`A job ended ${status}: ${JSON.stringify(job)}\n${server.log()}`);
    };
    const start = async (mutation, type, input, selection) => {
      const payload = await server.mutate(mutation, type, input, selection);
      if (payload.errors.length > 0) throw new Error(JSON.stringify(payload.errors));
      return payload;
    };
    const [worker, looker] = ['dist/worker.js', 'dist/inference/inferenceProcess.js'];
    const common = { dataset: 'noise', architecture: network, recipe: { epochs: 1 } };
    const benign = await stage('training and evaluation', worker, async () => {
      const { model } = await start('trainModel', 'TrainModelInput', common, 'model { id job { id } }');
      await finished(model.job.id);
      return model;
    });
    const trojaned = await stage('with a backdoor', worker, async () => {
      const attack = { attack: { badnets: {} }, targetLabel: 0, benignModelId: benign.id };
      const input = { ...common, ...attack };
      const { model } = await start(
        'implantBackdoor',
        'ImplantBackdoorInput',
        input,
        'model { id job { id } }',
      );
      await finished(model.job.id);
      return model;
    });
    const modelId = trojaned.id;
    const sweep = await stage('sweep', worker, async () => {
      const input = { modelId, transform: 'rotation', target: 'IMAGE', values: [15], samples: test };
      const { sweep } = await start('runSweep', 'RunSweepInput', input, 'sweep { id job { id } }');
      await finished(sweep.job.id);
      return sweep;
    });
    await stage('explanation', worker, async () => {
      const query = `query ($id: ID!) { node(id: $id) { ... on Sweep { curve { points { outcomes(first: 1) { nodes { id } } } } } } }`;
      const { points } = (await server.query(query, { id: sweep.id })).node.curve;
      const input = { outcomeIds: [points[0].outcomes.nodes[0].id], copies: COPIES };
      const { explanations } = await start('explain', 'ExplainInput', input, 'explanations { job { id } }');
      await finished(explanations[0].job.id);
    });
    await stage('probe', looker, () => {
      const input = { modelId, sampleIndex: 0, trigger: true, explain: { copies: COPIES }, untrained: true };
      return server.query('query ($input: ProbeInput!) { probe(input: $input) { predicted { name } } }', {
        input,
      });
    });
  } finally {
    await server.stop();
    await data.remove();
  }
  return stages;
}

/** The most of memory that a process held since it was last asked to forget; 0 where it has ended. */
function peakMb(pid) {
  try {
    const [, kB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Math.round(Number(kB) / 1000);
  } catch {
    return 0;
  }
}

/** An imported data set of noise: memory does not depend on what images show. */
async function writeNoise(folder, side, counts) {
  await mkdir(folder, { recursive: true });
  const [channels, classNames] = [3, Array.from({ length: 43 }, (_, i) => String(i))];
  for (const [split, count] of Object.entries(counts)) {
    const pixels = new Uint8Array(count * side * side * channels);
    for (let i = 0; i < pixels.length; i++) pixels[i] = Math.imul(i, 2654435761) >>> 24;
    await writeFile(path.join(folder, `${split}.pixels`), pixels);
    const same = (value) => Array.from({ length: count }, () => value);
    const labels = Array.from({ length: count }, (_, i) => i % classNames.length);
    const index = { heights: same(side), widths: same(side), labels, names: same('') };
    await writeFile(path.join(folder, `${split}.json`), JSON.stringify(index));
  }
  const about = {
    format: 'trojanscope-dataset/1',
    title: 'Noise',
    description: 'Noise.',
    source: { citation: 'Made by a test.', url: '' },
    shape: { height: side, width: side, channels },
    classNames,
    counts,
  };
  await writeFile(path.join(folder, 'dataset.json'), JSON.stringify(about));
}
