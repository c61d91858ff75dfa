import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { shapes } from '../datasets/shapes.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import { learningRateAt } from './recipe.js';
import { type Checkpoint, type TrainingReport, train } from './train.js';

beforeAll(() => loadEngine());

const recipe = { ...lenet.recipes.SCRATCH, epochs: 3, batchSize: 50 };

/** Runs a training on a tenth of the shapes; `until` stops it as a kill would, at a report. */
async function run(
  options: {
    seed?: number;
    resume?: Checkpoint;
    signal?: AbortSignal;
    until?: (report: TrainingReport) => boolean | Promise<boolean>;
  } = {},
): Promise<{ reports: TrainingReport[]; weights?: Record<string, FloatArray> }> {
  const { images, labels } = await shapes.load('train', shapes.shape);
  const data = { images, labels: labels.subarray(0, 200) };
  const { seed = 1, until, ...rest } = options;
  const random = createRandom(seed);
  const loop = train({ architecture: lenet, shape: shapes.shape, classes: 4, data, recipe, random, ...rest });
  const reports: TrainingReport[] = [];
  for (;;) {
    const { done, value } = await loop.next();
    if (done) {
      const weights = await toArrays(value);
      tf.dispose(value);
      return { reports, weights };
    }
    const { checkpoint, ...report } = value;
    reports.push(report);
    if (await until?.(value)) {
      await loop.return(undefined as never);
      return { reports };
    }
  }
}

it('learns the same from the same seed, to the bit, and something else from another', async () => {
  const [one, again, other] = [await run(), await run(), await run({ seed: 2 })];
  expect(again).toEqual(one);
  expect(other.weights).not.toEqual(one.weights);
  expect(one.reports.at(-1)).toMatchObject({ step: 12, steps: 12, epoch: 3 });
});

it('resumes from a saved checkpoint to the same result', async () => {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'trojanscope-')), 'checkpoint.safetensors');
  expect(await loadCheckpoint(file)).toBeUndefined();
  await run({
    until: async ({ checkpoint }) => {
      if (checkpoint?.step !== 8) return false;
      await saveCheckpoint(file, checkpoint);
      return true;
    },
  });
  const resumed = await run({ resume: await loadCheckpoint(file) });
  expect(resumed.reports[0]!.step).toBeGreaterThan(8);
  expect(resumed.weights).toEqual((await run()).weights);
});

it('stops when told, and leaves no tensor behind either way', async () => {
  const before = tf.memory().numTensors;
  await run();
  const abort = new AbortController();
  const aborted = run({
    signal: abort.signal,
    until: () => {
      abort.abort();
      return false;
    },
  });
  await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' });
  expect(tf.memory().numTensors).toBe(before);
});

it('goes up linearly and down along a cosine', () => {
  const cycle = { ...recipe, learningRate: 1, warmUp: 0.2 };
  const rates = Array.from({ length: 10 }, (_, step) => learningRateAt(step, 10, cycle));
  expect(rates.slice(0, 3)).toEqual([0.5, 1, 1]);
  expect(rates[6]).toBeCloseTo(0.5);
  expect(rates[9]).toBeCloseTo((1 + Math.cos((7 * Math.PI) / 8)) / 2);
});
