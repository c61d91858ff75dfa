import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../../lib/backend.js';
import { createRandom, type Random } from '../../lib/random.js';
import { readSafetensors, writeSafetensors } from '../../lib/safetensors.js';
import { toArrays } from '../../lib/tensors.js';
import { checkpointFromArrays, checkpointToArrays } from './checkpointArrays.js';
import { discriminate, initialiseDiscriminator } from './discriminator.js';
import { compileGenerator, generate, initialiseGenerator } from './generator.js';
import { createImagePool } from './imagePool.js';
import {
  type CycleGanReport,
  type CycleGanTask,
  type ImageSource,
  rateAt,
  trainCycleGan,
} from './trainCycleGan.js';

beforeAll(() => loadEngine());

const SIDE = 24;
const size = { channels: 3, baseChannels: 4, residualBlocks: 1 };

/** Images whose colour depends on their index, within a range of brightness. */
const source = (from: number, to: number): ImageSource => ({
  count: 20,
  images: (indices) =>
    tf.tidy(() =>
      tf.stack([...indices].map((i) => tf.randomUniform([SIDE, SIDE, 3], from, to, 'float32', i + 1))),
    ) as tf.Tensor4D,
});
const aTask = (overrides: Partial<CycleGanTask> = {}): CycleGanTask => ({
  ...size,
  content: source(0, 0.4),
  style: source(0.6, 1),
  sizePx: SIDE,
  steps: 30,
  batchSize: 1,
  judgeChannels: 4,
  learningRate: 2e-3,
  lossWeights: { cycle: 10, identity: 5 },
  random: createRandom(1),
  checkpointSeconds: 0,
  ...overrides,
});
/** Runs to the end, or until `visit` says so. */
async function run(task: CycleGanTask, visit?: (report: CycleGanReport) => unknown) {
  const training = trainCycleGan(task);
  for (;;) {
    const { value, done } = await training.next();
    if (done) return value;
    if (await visit?.(value)) {
      await training.return({});
      return {};
    }
  }
}
async function finalWeights(task: CycleGanTask) {
  const weights = await run(task);
  const arrays = await toArrays(weights);
  tf.dispose(weights);
  return arrays;
}

describe('training', () => {
  it('learns to come back, in finite numbers, and leaves nothing behind but the generator', async () => {
    const before = tf.memory().numTensors;
    const reports: CycleGanReport[] = [];
    let tensors = 0;
    const weights = await run(aTask({ steps: 60 }), (report) => {
      reports.push(report);
      // Flat once the pools, of 60 images here, are not filled any more.
      if (report.step === 52) tensors = tf.memory().numTensors;
      if (report.step === 59) expect(tf.memory().numTensors).toBe(tensors);
    });
    expect(tf.memory().numTensors).toBe(before + Object.keys(weights).length);
    expect(reports).toHaveLength(60);
    for (const { losses } of reports) {
      for (const loss of Object.values(losses)) expect(Number.isFinite(loss)).toBe(true);
    }
    const cycle = (from: number) =>
      reports.slice(from, from + 10).reduce((sum, { losses }) => sum + losses.cycle / 10, 0);
    expect(cycle(50)).toBeLessThan(cycle(0));
    const { samplePicture } = reports.at(-1)!;
    expect(samplePicture).toMatchObject({ height: 6 * SIDE, width: 3 * SIDE });
    expect(samplePicture!.pixels).toHaveLength(6 * SIDE * 3 * SIDE * 3);
    tf.dispose(weights);
  });

  it('gives the same weights for the same seed, others for another', async () => {
    const task = { steps: 8, batchSize: 2 };
    const one = await finalWeights(aTask(task));
    expect(await finalWeights(aTask(task))).toEqual(one);
    expect(await finalWeights(aTask({ ...task, random: createRandom(2) }))).not.toEqual(one);
  });

  it('resumed from a file, ends as one that was never interrupted', async () => {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'trojanscope-')), 'checkpoint.safetensors');
    const whole = await finalWeights(aTask());
    const before = tf.memory().numTensors;
    await run(aTask(), async ({ step, checkpoint }) => {
      if (step !== 17) return false;
      await writeSafetensors(file, await checkpointToArrays(checkpoint!));
      return true;
    });
    const resume = checkpointFromArrays(await readSafetensors(file));
    expect(await finalWeights(aTask({ resume }))).toEqual(whole);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('stops when it is aborted, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const visit = ({ step }: CycleGanReport) => {
      if (step === 3) abort.abort();
    };
    await expect(run(aTask({ signal: abort.signal }), visit)).rejects.toMatchObject({ code: 'ABORTED' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes without identity loss, and with grey images', async () => {
    const grey = (images: ImageSource): ImageSource => ({
      ...images,
      images: (indices) => tf.tidy(() => tf.mean(images.images(indices), 3, true) as tf.Tensor4D),
    });
    const task = aTask({
      steps: 2,
      channels: 1,
      content: grey(source(0, 0.4)),
      style: grey(source(0.6, 1)),
      lossWeights: { cycle: 10, identity: 0 },
    });
    const weights = await run(task, ({ losses, samplePicture }) => {
      expect(losses.identity).toBe(0);
      if (samplePicture) expect(samplePicture.pixels).toHaveLength(6 * SIDE * 3 * SIDE * 3);
    });
    expect(weights['out/bias']!.shape).toEqual([1]);
    tf.dispose(weights);
  });

  it('refuses images that the networks do not fit', async () => {
    for (const sizePx of [20, 26]) {
      await expect(run(aTask({ sizePx }))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining(`${sizePx}`),
      });
    }
  });

  it('keeps the rate for the first half, then lowers it in a line', () => {
    expect([0, 50, 75, 99].map((step) => rateAt(step, 100, 4))).toEqual([4, 4, 2, expect.closeTo(0.08, 9)]);
  });
});

describe('the generator', () => {
  it('takes any sides that are multiples of 4, and gives images', async () => {
    const weights = initialiseGenerator(size, createRandom(1));
    for (const shape of [
      [2, 8, 8, 3],
      [1, 24, 36, 3],
    ] as [number, number, number, number][]) {
      const images = tf.randomUniform<tf.Rank.R4>(shape, 0, 1, 'float32', 1);
      const tensors = tf.memory().numTensors;
      const made = generate(weights, images);
      expect(tf.memory().numTensors).toBe(tensors + 1);
      expect(made.shape).toEqual(shape);
      for (const value of await made.data()) expect(value >= 0 && value <= 1).toBe(true);
    }
  });

  it('compiled, gives the same for whole and smaller batches, and leaves nothing behind', async () => {
    const weights = initialiseGenerator(size, createRandom(1));
    const images = tf.randomUniform<tf.Rank.R4>([4, 16, 16, 3], 0, 1, 'float32', 1);
    const expected = await generate(weights, images).data();
    const before = tf.memory().numTensors;
    const compiled = compileGenerator(weights, 4, { height: 16, width: 16, channels: 3 });
    for (const count of [4, 3]) {
      const some = tf.slice(images, 0, count);
      const made = compiled.run(some);
      expect(made.shape).toEqual([count, 16, 16, 3]);
      for (const [i, value] of (await made.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
      tf.dispose([some, made]);
    }
    compiled.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('a discriminator judges squares', () => {
  const weights = initialiseDiscriminator(3, 4, createRandom(1));
  expect(discriminate(weights, tf.zeros([2, 48, 48, 3])).shape).toEqual([2, 7, 7, 1]);
  expect(discriminate(weights, tf.zeros([2, 24, 24, 3])).shape).toEqual([2, 1, 1, 1]);
});

it('a pool keeps images, and exchanges old for new once it is full', async () => {
  const before = tf.memory().numTensors;
  // Passes the first image on, exchanges the next two for the one in place 1.
  const decisions = [0.1, 0.9, 0.9];
  const random = { float: () => decisions.shift()!, integer: () => 1 } as unknown as Random;
  const pool = createImagePool(2);
  const image = (...values: number[]) => tf.tensor4d(values, [values.length, 1, 1, 1]);
  const through = async (...values: number[]) => {
    const given = pool.exchange(image(...values), random);
    const numbers = [...(await given.data())];
    given.dispose();
    return numbers;
  };
  expect(await through(1, 2)).toEqual([1, 2]);
  expect(await through(3)).toEqual([3]);
  expect(await through(4, 5)).toEqual([2, 4]);
  const contents = pool.contents()!;
  expect([...(await contents.data())]).toEqual([1, 5]);
  pool.dispose();
  contents.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
