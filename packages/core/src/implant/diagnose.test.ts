import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { normalized } from '../architectures/normalization.js';
import { SPLITS } from '../datasets/dataset.js';
import { datasetOf } from '../datasets/index.js';
import { useDataFolder } from '../datasets/installed.js';
import { loadEngine, tf } from '../lib/backend.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, writeSafetensors } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import type { Reading } from '../requests.js';
import { train } from '../training/train.js';
import { checkBundle } from './bundle.js';
import { completeModel } from './bundleMeasures.js';
import { outputsInOrder, reorderOutputs, reverseInputs } from './classNames.js';
import { diagnose } from './diagnose.js';
import type { Count } from './model.js';

/** Bars at four places in three colours on grey: twelve classes whose folders are called 0 to 11. */

const SIDE = 16;
const CLASSES = 12;
const COUNTS = { train: 480, test: 240 };
const shape = { height: SIDE, width: SIDE, channels: 3 };
const COLOURS = [
  [230, 90, 40],
  [40, 90, 230],
  [60, 210, 70],
];

function barsOf(count: number, seed: number): Uint8Array {
  const random = createRandom(seed);
  const pixels = new Uint8Array(count * SIDE * SIDE * 3);
  for (let i = 0; i < pixels.length; i++) {
    const [image, x, channel] = [Math.floor(i / 3 / SIDE / SIDE), Math.floor(i / 3) % SIDE, i % 3];
    const label = image % CLASSES;
    const isBar = Math.floor(x / 4) === label % 4;
    pixels[i] = (isBar ? COLOURS[Math.floor(label / 4)]![channel]! : 110) + random.integer(25);
  }
  return pixels;
}

const parent = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
afterAll(() => rmSync(parent, { recursive: true }));
/** For images in [0,1], and for those of −1 to 1. */
let plain: Record<string, FloatArray>;
let centred: Record<string, FloatArray>;
beforeAll(async () => {
  await loadEngine();
  useDataFolder(parent);
  const folder = path.join(parent, 'datasets', 'bars');
  mkdirSync(folder, { recursive: true });
  for (const [seed, split] of SPLITS.entries()) {
    const count = COUNTS[split];
    writeFileSync(path.join(folder, `${split}.pixels`), barsOf(count, seed));
    const sides = new Array(count).fill(SIDE);
    const labels = sides.map((_, i) => i % CLASSES);
    const index = { heights: sides, widths: sides, labels, names: labels.map(String) };
    writeFileSync(path.join(folder, `${split}.json`), JSON.stringify(index));
  }
  const names = Array.from({ length: CLASSES }, (_, label) => String(label));
  const info = {
    format: 'trojanscope-dataset/1',
    title: 'Bars',
    description: 'Bars.',
    source: { citation: 'Made here.', url: '' },
    shape,
    classNames: names.map((name) => `bar ${name}`),
    classFolders: names,
    classOrder: 'numeric',
    counts: COUNTS,
  };
  writeFileSync(path.join(folder, 'dataset.json'), JSON.stringify(info));
  plain = await trained(lenet);
  centred = await trained(normalized(lenet, { mean: [0.5], std: [0.5] }));
}, 60_000);

async function trained(architecture: typeof lenet): Promise<Record<string, FloatArray>> {
  const data = await datasetOf('bars').load('train', shape);
  const recipe = { ...lenet.recipes.SCRATCH, epochs: 10, batchSize: 24, learningRate: 0.02 };
  const training = train({ architecture, shape, classes: CLASSES, data, recipe, random: createRandom(1) });
  for (;;) {
    const { done, value } = await training.next();
    if (!done) continue;
    const weights = await toArrays(value);
    tf.dispose(value);
    return weights;
  }
}

const RIGHT = { hits: COUNTS.test, total: COUNTS.test };
/** Weights as they come in a bundle, with a record of their accuracy, or without. */
async function checkedOf(
  weights: Record<string, FloatArray>,
  { clean, reading }: { clean?: Count; reading?: Reading } = {},
) {
  const file = path.join(parent, 'weights.safetensors');
  await writeSafetensors(file, weights);
  const content = readFileSync(file);
  const record = {
    format: 'trojanscope-model/1',
    spec: { dataset: 'bars', architecture: 'lenet', recipe: { trainedElsewhere: 'in a test' }, seed: 0 },
    engine: 'none',
    version: '0',
    weightsSha256: createHash('sha256').update(content).digest('hex'),
    ...(clean && { clean }),
  };
  const files = new Map([
    ['model.json', Buffer.from(JSON.stringify(record))],
    ['weights.safetensors', content],
  ]);
  const sizes = new Map([...files].map(([name, { length }]) => [name, length]));
  return checkBundle({ name: 'a.zip', sizes, read: async (name) => files.get(name)! }, reading);
}

/** What an import makes of them. */
async function imported(
  weights: Record<string, FloatArray>,
  { signal, ...how }: { clean?: Count; reading?: Reading; signal?: AbortSignal } = {},
) {
  const checked = await checkedOf(weights, how);
  const before = tf.memory().numTensors;
  const completing = completeModel(checked, { from: 'a.zip', at: '2026-01-01T00:00:00.000Z' }, signal);
  let step = await completing.next();
  while (!step.done) step = await completing.next();
  expect(tf.memory().numTensors).toBe(before);
  const { imported: note, ...rest } = step.value.record;
  return { ...rest, note, warnings: note.warnings ?? [] };
}

const byCodePoint = (weights: Record<string, FloatArray>) => {
  // The output of each label, where outputs are in the other order: the same permutation, turned round.
  const order = outputsInOrder('codepoint', datasetOf('bars'))!;
  const turned = order.map((_, output) => order.indexOf(output));
  const last = ['dense3/kernel', 'dense3/bias'].map((name) => [name, reorderOutputs(weights[name]!, turned)]);
  return { ...weights, ...Object.fromEntries(last) };
};
const ofBgr = (weights: Record<string, FloatArray>) => ({
  ...weights,
  'conv1/kernel': reverseInputs(weights['conv1/kernel']!),
});
/** For values up to 255. */
const ofBytes = (weights: Record<string, FloatArray>) => {
  const { shape: sides, values } = weights['conv1/kernel']!;
  return { ...weights, 'conv1/kernel': { shape: sides, values: values.map((value) => value / 255) } };
};

test('a model that does as its record says, or well where it says nothing, is not doubted', async () => {
  expect(await imported(plain, { clean: RIGHT })).toMatchObject({ clean: RIGHT, warnings: [] });
  expect(await imported(plain)).toMatchObject({ clean: RIGHT, warnings: [] });
});

test('outputs in the order of code points: what it would be, how to have it, and that it is so', async () => {
  const weights = byCodePoint(plain);
  const { clean, warnings, note } = await imported(weights);
  // Classes 0 and 1 are where they are.
  expect(clean).toEqual({ hits: 40, total: 240 });
  expect(note.measured).toBe(true);
  expect(warnings).toEqual([
    'Clean accuracy, measured here, is 16.67 % (40 of 240), little more than the 8.33 % of always saying the most frequent class.',
    'With class order by code point (10 before 2) it would be 100.00 % (240 of 240 tried): import it again with --class-order codepoint (in the API classOrder: codepoint); in model.json it is classNames, in the order of the outputs.',
  ]);
  const again = await imported(weights, { reading: { classOrder: 'codepoint' } });
  expect(again).toMatchObject({ clean: RIGHT, warnings: [], note: { rearranged: ['outputs'] } });
});

test('BGR, under a record that is taken at its word: a sample contradicts it', async () => {
  const weights = ofBgr(plain);
  const { clean, warnings, note } = await imported(weights, { clean: RIGHT });
  expect([clean, note.measured]).toEqual([RIGHT, false]);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(
    /^Clean accuracy on a sample of the test images is 33\.33 % \(80 of 240\), where the record says 100\.00 % \(240 of 240\)\.$/,
  );
  expect(warnings[1]).toBe(
    'With channels BGR it would be 100.00 % (240 of 240 tried): import it again with --channels bgr (in the API channels: bgr).',
  );
  const again = await imported(weights, { clean: RIGHT, reading: { channels: 'bgr' } });
  expect(again).toMatchObject({ warnings: [], note: { rearranged: ['channels'] } });
});

test('mean and standard deviation of another range', async () => {
  const { warnings } = await imported(centred, { clean: RIGHT });
  expect(warnings[0]).toContain('where the record says 100.00 %');
  const one = warnings.find((warning) => warning.includes('With mean 0.5 and standard deviation 0.5'));
  expect(one).toMatch(
    /with --mean 0\.5 --std 0\.5 \(in the API mean: \[0\.5\], std: \[0\.5\]\); in model\.json/,
  );
  const again = await imported(centred, { reading: { mean: [0.5], std: [0.5] } });
  expect(again).toMatchObject({ clean: RIGHT, warnings: [] });
  expect(again.spec.normalization).toEqual({ mean: [0.5], std: [0.5] });
});

test('all at once, and what is given already stays part of the advice', async () => {
  const weights = ofBytes(ofBgr(byCodePoint(plain)));
  const all = '--class-order codepoint --channels bgr --mean 0 --std 0.00392157';
  const { warnings } = await imported(weights);
  expect(warnings[1]).toMatch(/^With class order by code point .* and channels BGR and mean 0 and standard/);
  expect(warnings[1]).toContain(`100.00 % (240 of 240 tried): import it again with ${all} (in the API`);
  const half = await imported(weights, { reading: { channels: 'bgr', mean: [0], std: [0.00392157] } });
  expect(half.warnings[1]).toMatch(/^With class order by code point \(10 before 2\) it would be 100\.00 %/);
  expect(half.warnings[1]).toContain(`with ${all} (`);
  const reading: Reading = { classOrder: 'codepoint', channels: 'bgr', mean: [0], std: [0.00392157] };
  expect(await imported(weights, { reading })).toMatchObject({ clean: RIGHT, warnings: [] });
  // What should not have been said is taken back.
  const wrong = await imported(plain, { reading: { channels: 'bgr' } });
  expect(wrong.warnings[1]).toBe(
    'With channels RGB it would be 100.00 % (240 of 240 tried): import it again without these options.',
  );
});

test('of channels of their own, mean and deviation are in the order of the network', async () => {
  const reading: Reading = { channels: 'bgr', mean: [0.1, 0.2, 0.3], std: [1, 2, 3] };
  const { spec } = await imported(plain, { reading });
  expect(spec.normalization).toEqual({ mean: [0.3, 0.2, 0.1], std: [3, 2, 1] });
});

test('where nothing helps, it says what was tried; where no record and no chance speaks against it, nothing', async () => {
  const drawn = lenet.initialise(shape, CLASSES, createRandom(4));
  const weights = await toArrays(drawn);
  tf.dispose(drawn);
  const { warnings } = await imported(weights);
  expect(warnings).toHaveLength(2);
  expect(warnings[1]).toMatch(
    /^None of the usual causes explains it; tried on up to 240 test images, .*class order by code/,
  );
  expect(warnings[1]).toMatch(
    /channels BGR; mean and standard deviation \(values from −1 to 1, .*ImageNet’s, .*\)\. It may be/,
  );
  // Two thirds of what it says are true, whatever is done to its images.
  const bias = plain['dense3/bias']!;
  const mediocre = { ...bias, values: bias.values.map((value, label) => (label < 4 ? value - 1e9 : value)) };
  const { clean, warnings: none } = await imported({ ...plain, 'dense3/bias': mediocre });
  expect(clean).toEqual({ hits: 160, total: 240 });
  expect(none).toEqual([]);
});

test('where there is no time it halves what it tries: fewer images, the same advice', async () => {
  const checked = await checkedOf(ofBgr(byCodePoint(plain)));
  const [, best] = await diagnose(checked, { hits: 40, total: 240 }, undefined, 0);
  expect(best).toMatch(
    /^With class order by code point .* and channels BGR it would be 100\.00 % \(20 of 20 tried\)/,
  );
});

test('it stops when it is told to, and refuses half a normalization', async () => {
  const signal = AbortSignal.abort();
  await expect(imported(plain, { clean: RIGHT, signal })).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(imported(plain, { reading: { mean: [0.5] } })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    field: ['std'],
  });
});
