import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { architectures } from '../architectures/index.js';
import { lenet } from '../architectures/lenet.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, writeSafetensors } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import { requireBackdoor } from '../sweep/subjects.js';
import { runSweep, type SweepSpec } from '../sweep/sweep.js';
import { bytesNpy } from '../testing/npy.js';
import { filesOf } from '../testing/triggers.js';
import { checkBundle } from './bundle.js';
import { folderSource } from './bundleSource.js';
import { type ImportedTrigger, importTrigger } from './importTrigger.js';
import { measureModel } from './measureModel.js';
import { loadModel, type Model, type ModelRecord, type ModelSpec, partsOf, saveModel } from './model.js';

/** From pairs to a model with a trigger that is saved, loaded, checked, measured and swept. */

const PAIRS = 40;
const spec: ModelSpec = {
  dataset: 'shapes',
  architecture: 'lenet',
  recipe: architectures.lenet.recipes.SCRATCH,
  start: 'SCRATCH',
  seed: 1,
};
const { shape, dataset } = partsOf(spec);
const size = shape.height * shape.width * shape.channels;
let parent: string;
let weights: Record<string, FloatArray>;
let clean: Uint8Array;
let labels: Int32Array;
beforeAll(async () => {
  await loadEngine();
  parent = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  const test = await loadSplit('shapes', 'test', shape);
  labels = test.labels;
  const images = test.images([...Array(PAIRS).keys()]);
  clean = await tensorToPixels(images);
  images.dispose();
  const fresh = lenet.initialise(shape, dataset.classNames.length, createRandom(1));
  weights = await toArrays(fresh);
  tf.dispose(fresh);
});
afterAll(() => rm(parent, { recursive: true }));

const brought = (stamp: (level: number, at: number, image: Uint8Array) => number, count = PAIRS) => {
  const own = clean.subarray(0, count * size);
  const poisoned = own.map((level, i) =>
    stamp(level, i % size, own.subarray(i - (i % size), i - (i % size) + size)),
  );
  const all = [count, shape.height, shape.width, shape.channels];
  const files = filesOf({ 'clean.npy': bytesNpy(own, all), 'poisoned.npy': bytesNpy(poisoned, all) });
  return importTrigger(spec, 'pairs', {}, files);
};
const shifted = (_: number, at: number, image: Uint8Array) => image[(at + 2 * shape.channels) % size]!;

async function saved({ attack, parameters, trigger }: ImportedTrigger, name: string): Promise<Model> {
  const backdoor = { attack, parameters, targetLabel: 0, poisonRate: 0.1 };
  const counts = {
    clean: { hits: 1, total: labels.length },
    durationSeconds: 1,
    engine: 'none',
    version: '0',
  };
  const record: Omit<ModelRecord, 'weightsSha256'> = { spec: { ...spec, backdoor }, ...counts };
  await saveModel(path.join(parent, name), { record, weights, trigger });
  return loadModel(path.join(parent, name));
}

test('a patch is read off and becomes a layer, which is kept and checked like any other', async () => {
  const found = await brought((level, at) => (at < 3 * shape.channels ? 200 : level));
  expect(found.attack).toBe('layer');
  expect(found.parameters.readOff).toBeGreaterThan(0.99);
  expect(found.told[0]).toMatch(/^Read off the pairs: a layer that explains [\d.]+ % of what/);
  expect(found.trigger.box).toEqual({ top: 0, left: 0, height: 1, width: 3 });
  const model = await saved(found, 'patch');
  expect(model.trigger).toEqual(found.trigger);
  const checked = await checkBundle(await folderSource(path.join(parent, 'patch')));
  expect(checked.trigger).toEqual(found.trigger);
  expect(() => requireBackdoor(model, 'TRIGGER')).not.toThrow();
});

test('a warp stays pairs: their images are what is measured and swept, the trigger’s own sweeps are refused', async () => {
  const found = await brought(shifted);
  expect(found.attack).toBe('pairs');
  expect(found.parameters.explained).toBeLessThan(0.9);
  expect(found.told[0]).toMatch(/explains [\d.]+ % .* The image can be transformed, the trigger cannot\.$/);
  const model = await saved(found, 'warp');
  expect(model.trigger).toEqual(found.trigger);
  const checked = await checkBundle(await folderSource(path.join(parent, 'warp')));
  expect(checked.trigger).toEqual(found.trigger);
  expect(() => requireBackdoor(model, 'TRIGGER')).toThrow(/no layer to transform/);

  const eligible = [...Array(PAIRS).keys()].filter((sample) => labels[sample] !== 0);
  const measuring = measureModel({
    spec: model.record.spec,
    network: architectures.lenet,
    weights,
    trigger: model.trigger,
  });
  let step = await measuring.next();
  while (!step.done) step = await measuring.next();
  expect(step.value.asr!.total).toBe(eligible.length);

  const values = { transform: 'rotation', target: 'IMAGE', values: [0, 30] } as const;
  const sweep: SweepSpec = { ...values, samples: 500, seed: 1, eligibility: 'TRUE_LABEL' };
  const benign = { record: { ...model.record, spec }, weights };
  for await (const { samples, outcomes } of runSweep(model, benign, sweep)) {
    expect([...samples.indices].sort((a, b) => a - b)).toEqual(eligible);
    expect(outcomes.visibleTrigger.every((share) => share > 0.5)).toBe(true);
  }
});

test('few pairs are taken as they are, and it is said', async () => {
  const { attack, told } = await brought(shifted, 5);
  expect([attack, told]).toEqual(['pairs', [expect.stringMatching(/^5 pairs are too few .* at least 10/)]]);
  expect((await brought((level) => level)).told[0]).toMatch(/are the clean ones/);
});

test('what is made here does not come from elsewhere', async () => {
  await expect(importTrigger(spec, 'badnets', {}, filesOf({}))).rejects.toThrow(/this one is implanted/);
});

test.each<[string, (images: Uint8Array) => Parameters<typeof writeSafetensors>[1], RegExp]>([
  ['no images', () => ({ samples: { shape: [1], values: Float32Array.of(1) } }), /expected images poisoned/],
  ['a sample that is none', (one) => pairsOf([0.5], one), /rising whole numbers, got 0\.5/],
  ['samples that fall', (two) => pairsOf([2, 1], two), /rising whole numbers, got 1 at 1/],
  ['a sample beyond the test images', (one) => pairsOf([1e6], one), /test images, got 1000000/],
  [
    'another size',
    (one) => ({ ...pairsOf([1], one), poisoned: { shape: [1, size], values: one } }),
    /poisoned: expected shape/,
  ],
  [
    'a layer',
    (one) => ({ ...pairsOf([1], one), mask: { shape: [1], values: Float32Array.of(1) } }),
    /and no others/,
  ],
])('a bundle’s pairs are refused with %s', async (name, arrays, says) => {
  await saved(await brought(shifted), `bad ${name}`);
  const count = name === 'samples that fall' ? 2 : 1;
  const file = path.join(parent, `bad ${name}`, 'trigger.safetensors');
  await writeSafetensors(file, arrays(new Uint8Array(count * size)));
  await expect(checkBundle(await folderSource(path.dirname(file)))).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringMatching(says),
  });
});

const pairsOf = (samples: number[], values: Uint8Array) => ({
  samples: { shape: [samples.length], values: Float32Array.from(samples) },
  poisoned: { shape: [samples.length, shape.height, shape.width, shape.channels], values },
});
