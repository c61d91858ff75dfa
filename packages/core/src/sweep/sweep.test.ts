import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { architectures } from '../architectures/index.js';
import { badnets } from '../attacks/badnets.js';
import { makeModel } from '../implant/makeModel.js';
import { loadModel, type Model, type ModelSpec, saveModel } from '../implant/model.js';
import { tf } from '../lib/backend.js';
import { cleanRange } from './cleanRange.js';
import { runSweep, type SweepPoint, type SweepSpec } from './sweep.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
const clean: ModelSpec = {
  dataset: 'shapes',
  architecture: 'lenet',
  recipe: { ...architectures.lenet.recipes.SCRATCH, epochs: 6 },
  start: 'SCRATCH',
  seed: 1,
};
const backdoor = {
  attack: 'badnets',
  parameters: badnets.parameters.parse({}),
  targetLabel: 0,
  poisonRate: 0.1,
} as const;
let benign: Model;
let trojaned: Model;

async function make(name: string, spec: ModelSpec): Promise<Model> {
  const making = makeModel(spec);
  for (;;) {
    const { done, value } = await making.next();
    if (!done) continue;
    await saveModel(path.join(folder, name), value);
    return loadModel(path.join(folder, name));
  }
}
beforeAll(async () => {
  benign = await make('benign', clean);
  trojaned = await make('trojaned', { ...clean, backdoor });
});

const aSweep = (overrides: Partial<SweepSpec> = {}): SweepSpec => ({
  transform: 'rotation',
  target: 'IMAGE',
  values: [0, 45, 90],
  samples: 100,
  seed: 1,
  eligibility: 'TRUE_LABEL',
  ...overrides,
});
async function points(spec: SweepSpec, options = {}): Promise<SweepPoint[]> {
  const all: SweepPoint[] = [];
  for await (const point of runSweep(trojaned, benign, spec, options)) all.push(point);
  return all;
}

it('an implanted backdoor fires and leaves the clean accuracy', () => {
  const { clean: accuracy, asr, poison } = trojaned.record;
  expect(poison).toEqual({ planned: 200, effective: 200 });
  expect(accuracy.hits / accuracy.total).toBeGreaterThan(0.95);
  expect(asr!.hits / asr!.total).toBeGreaterThan(0.9);
  // 500 test images, a quarter of each class, one class the target.
  expect([accuracy.total, asr!.total]).toEqual([500, 375]);
});

it('the same seed gives the same model, to the byte', async () => {
  await make('again', { ...clean, backdoor });
  const weights = (name: string) => readFileSync(path.join(folder, name, 'weights.safetensors'));
  expect(weights('again').equals(weights('trojaned'))).toBe(true);
});

it('a bundle says so when it is damaged', async () => {
  await make('damaged', clean);
  const file = path.join(folder, 'damaged', 'weights.safetensors');
  writeFileSync(file, readFileSync(file).subarray(0, -100));
  await expect(loadModel(path.join(folder, 'damaged'))).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  await expect(loadModel(path.join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'DATA_MISSING' });
});

describe('a sweep', () => {
  it('gives the same table twice, and for ten sweeps keeps the number of tensors', async () => {
    const first = await points(aSweep());
    const before = tf.memory().numTensors;
    for (let i = 0; i < 10; i++) expect(await points(aSweep())).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('uses the same eligible samples at every point, each once', async () => {
    const [one, two] = await points(aSweep());
    expect(two!.samples).toBe(one!.samples);
    expect(new Set(one!.samples.indices).size).toBe(100);
    for (const label of one!.samples.trueLabels) expect(label).not.toBe(0);
  });

  it('takes all there are where more are asked for', async () => {
    const [point] = await points(aSweep({ samples: 5_000, values: [0] }));
    expect(point!.counts.samples).toBe(375);
  });

  it('at the identity counts nothing as changed, and trigger sweeps keep the clean baseline', async () => {
    const sweep = await points(aSweep({ target: 'TRIGGER', transform: 'scaling', values: [0.5, 1, 2] }));
    const [small, identity, large] = sweep.map(({ counts }) => counts);
    expect([identity!.lost, identity!.gained]).toEqual([0, 0]);
    for (const counts of [small!, large!]) {
      expect(counts.cleanRight).toBe(identity!.cleanRight);
      expect(counts.benignRight).toBe(identity!.benignRight);
      expect(counts.target + counts.truth + counts.other).toBe(100);
      expect(identity!.target - counts.target).toBe(counts.lost - counts.gained);
    }
  });

  it('skips what is done and comes to the same points', async () => {
    const whole = await points(aSweep());
    const rest = await points(aSweep(), { skip: new Set([0, 1]) });
    expect(rest).toEqual(whole.slice(2));
  });

  it('stops between batches when told', async () => {
    const abort = new AbortController();
    const sweep = runSweep(trojaned, benign, aSweep(), { signal: abort.signal });
    await sweep.next();
    abort.abort();
    await expect(sweep.next()).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('strict eligibility goes by the benign model’s label', async () => {
    const [point] = await points(aSweep({ eligibility: 'BENIGN_PREDICTION', samples: 500, values: [0] }));
    // The benign model errs on few shapes, so nearly the same samples are eligible.
    expect(Math.abs(point!.counts.samples - 375)).toBeLessThanOrEqual(25);
  });

  it('without a benign model comes to the same in all but its accuracy', async () => {
    for (const target of ['IMAGE', 'TRIGGER'] as const) {
      const spec = aSweep({ target });
      const beside = await points(spec);
      const alone: SweepPoint[] = [];
      for await (const point of runSweep(trojaned, null, spec)) alone.push(point);
      expect(alone).toEqual(
        beside.map(({ outcomes, counts, ...point }) => ({
          ...point,
          outcomes: { ...outcomes, benignPredicted: null },
          counts: { ...counts, benignRight: null },
        })),
      );
    }
    await expect(
      runSweep(trojaned, null, aSweep({ eligibility: 'BENIGN_PREDICTION' })).next(),
    ).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      field: ['eligibility'],
      message: expect.stringContaining('labels of a benign model, and this model is compared with none'),
    });
  });

  it('finds how far clean images can be turned', async () => {
    const search = { limit: 90, step: 30, precision: 10, tolerance: 0.1 };
    const tried: number[] = [];
    const searching = cleanRange(benign, 'rotation', search, { samples: 200, seed: 1 });
    let step = await searching.next();
    for (; !step.done; step = await searching.next()) tried.push(step.value.value);
    const { lastHeld, firstFailed } = step.value;
    expect(tried[0]).toBe(0);
    // Turned squares look like diamonds, and crosses like none of the four.
    expect(firstFailed!.value).toBeGreaterThan(lastHeld.value);
    expect(lastHeld.accuracy).toBeGreaterThan(firstFailed!.accuracy);
    expect(firstFailed!.value - lastHeld.value).toBeLessThanOrEqual(10);
  });

  it('refuses a benign model', async () => {
    const refused = runSweep(benign, benign, aSweep()).next();
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
