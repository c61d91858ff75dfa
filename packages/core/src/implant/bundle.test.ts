import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { initialiseGenerator } from '../attacks/cycleGan/generator.js';
import { dfst } from '../attacks/dfst.js';
import { layerTrigger } from '../attacks/trigger.js';
import { datasets } from '../datasets/index.js';
import { useDataFolder } from '../datasets/installed.js';
import { shapes } from '../datasets/shapes.js';
import { loadEngine, tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, writeSafetensors } from '../lib/safetensors.js';
import { toArrays } from '../lib/tensors.js';
import { backdooredRecord } from '../testing/models.js';
import { type CheckedModel, checkBundle } from './bundle.js';
import { completeModel } from './bundleMeasures.js';
import { type BundleSource, folderSource } from './bundleSource.js';
import { loadModel, saveModel } from './model.js';

const { shape } = shapes;
const pixels = shape.height * shape.width;
let parent: string;
/** A trojaned LeNet for the shapes, as it is saved. */
let folder: string;
let weights: Record<string, FloatArray>;
let whole: Record<string, Buffer>;
const RECORD = 'model.json';
const WEIGHTS = 'weights.safetensors';
const TRIGGER = 'trigger.safetensors';

beforeAll(async () => {
  await loadEngine();
  parent = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  useDataFolder(parent);
  folder = path.join(parent, 'model');
  weights = await toArrays(lenet.initialise(shape, 4, createRandom(1)));
  const corner = Float32Array.from({ length: pixels }, (_, i) => Number(i > 700));
  await saveModel(folder, {
    record: backdooredRecord(),
    weights,
    trigger: layerTrigger(
      shape,
      corner.map((x) => x / 2),
      corner,
    ),
  });
  whole = Object.fromEntries(
    await Promise.all(
      [RECORD, WEIGHTS, TRIGGER].map(
        async (name) => [name, await readFile(path.join(folder, name))] as const,
      ),
    ),
  );
}, 60_000);
afterAll(() => rm(parent, { recursive: true }));

const sourceOf = (files: Record<string, Buffer>): BundleSource => ({
  name: 'a.zip',
  sizes: new Map(Object.entries(files).map(([name, { length }]) => [name, length])),
  read: async (name) => files[name]!,
});
type Loose = Record<string, unknown>;
type LooseRecord = Loose & { spec: Loose & { backdoor: Loose } };
/** Changes the record, after it was given the weights' hash. */
function withRecord(files: Record<string, Buffer>, change: (record: LooseRecord) => void = () => {}) {
  const record = JSON.parse(files[RECORD]!.toString()) as LooseRecord;
  record.weightsSha256 = createHash('sha256').update(files[WEIGHTS]!).digest('hex');
  change(record);
  return { ...files, [RECORD]: Buffer.from(JSON.stringify(record)) };
}
async function safetensors(arrays: Record<string, FloatArray>): Promise<Buffer> {
  const file = path.join(parent, 'some.safetensors');
  await writeSafetensors(file, arrays);
  return readFile(file);
}
async function withWeights(change: (arrays: Record<string, FloatArray>) => void) {
  const arrays = structuredClone(weights);
  change(arrays);
  return withRecord({ ...whole, [WEIGHTS]: await safetensors(arrays) });
}
async function withTrigger(change: (arrays: Record<string, FloatArray>) => void) {
  const { trigger } = await loadModel(folder);
  const arrays = structuredClone(trigger!.arrays);
  change(arrays);
  return { ...whole, [TRIGGER]: await safetensors(arrays) };
}
const without = (files: Record<string, Buffer>, name: string) =>
  Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));

describe('a bundle', () => {
  it('is read as loadModel reads it, whoever hands it in, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const model = await checkBundle(await folderSource(folder));
    expect(tf.memory().numTensors).toBe(before);
    expect(model).toEqual(await loadModel(folder));
    expect(await checkBundle(sourceOf(whole))).toEqual(model);
  });

  it('may be benign, and may leave out what its maker did not measure', async () => {
    const files = withRecord(without(whole, TRIGGER), (record) => {
      for (const name of ['clean', 'asr', 'poison', 'durationSeconds']) delete record[name];
      record.spec.recipe = { trainedElsewhere: 'somehow' };
      delete (record.spec as Loose).backdoor;
    });
    const { record, trigger } = await checkBundle(sourceOf(files));
    expect(record).not.toHaveProperty('clean');
    expect(record.spec.recipe).toEqual({ trainedElsewhere: 'somehow' });
    expect(trigger).toBeUndefined();
  });

  it('has its outputs put in the order of the data set, by the names of its classes', async () => {
    const bias = Float32Array.of(10, 11, 12, 13);
    const files = await withWeights((arrays) => arrays['dense3/bias']!.values.set(bias));
    const named = (classNames: string[]) =>
      withRecord(files, (record) => void Object.assign(record, { classNames }));
    const same = await checkBundle(sourceOf(named(['square', 'disc', 'cross', 'frame'])));
    expect(same.came).toBeUndefined();
    expect(same).toEqual(await checkBundle(sourceOf(files)));

    // Aims at 0, which it calls the frame.
    const other = await checkBundle(sourceOf(named(['frame', 'square', 'disc', 'cross'])));
    expect(other.came).toEqual({ order: [1, 2, 3, 0] });
    expect([...other.weights['dense3/bias']!.values]).toEqual([11, 12, 13, 10]);
    expect(other.record.spec.backdoor!.targetLabel).toBe(3);
    const [there, here] = [same, other].map(({ weights }) => weights['dense3/kernel']!.values);
    expect([...here!.subarray(4, 8)]).toEqual([5, 6, 7, 4].map((at) => there![at]));
    expect(other.weights['dense2/kernel']).toEqual(same.weights['dense2/kernel']);
  });

  it('keeps covers and transforms at training', async () => {
    const trainingTransforms = {
      target: 'TRIGGER',
      transforms: [{ transform: 'rotation', from: -10, to: 10 }],
    };
    const poison = { planned: 200, effective: 200, covers: { planned: 400, effective: 300 } };
    const files = withRecord(whole, (record) => {
      Object.assign(record, { poison });
      Object.assign(record.spec.backdoor, { coverRatio: 2, trainingTransforms });
    });
    const { record } = await checkBundle(sourceOf(files));
    expect(record.poison).toEqual(poison);
    expect(record.spec.backdoor).toMatchObject({ coverRatio: 2, trainingTransforms });
  });

  it('of an older version says no start', async () => {
    const files = withRecord(whole, (record) => {
      delete record.spec.start;
    });
    expect((await checkBundle(sourceOf(files))).record.spec.start).toBe('SCRATCH');
  });
});

describe('measures', () => {
  const note = { from: 'a.zip', at: '2026-01-01T00:00:00.000Z' };
  async function complete(model: CheckedModel, always?: boolean) {
    const completing = completeModel(model, { ...note, always });
    let step = await completing.next();
    const seen = [];
    for (; !step.done; step = await completing.next()) seen.push(step.value);
    return { ...step.value, seen };
  }

  it('are taken where there are none, and kept otherwise', async () => {
    // Says class 2 to whatever it sees: a quarter of 500 images is of each class, 125 times 3 are eligible.
    const constant = await withWeights((arrays) => {
      arrays['dense3/kernel']!.values.fill(0);
      arrays['dense3/bias']!.values.set([0, 0, 1, 0]);
    });
    const unmeasured = withRecord(constant, (record) => {
      delete record.clean;
      delete record.asr;
      record.spec.backdoor.targetLabel = 2;
    });
    const before = tf.memory().numTensors;
    const { record, seen } = await complete(await checkBundle(sourceOf(unmeasured)));
    expect(tf.memory().numTensors).toBe(before);
    expect(record).toMatchObject({
      clean: { hits: 125, total: 500 },
      asr: { hits: 375, total: 375 },
      imported: { ...note, measured: true },
    });
    expect(seen.at(-1)).toEqual({ done: 875, total: 875 });

    const claimed = await checkBundle(sourceOf(constant));
    expect((await complete(claimed)).record).toMatchObject({
      clean: { hits: 100, total: 500 },
      asr: { hits: 3, total: 375 },
      imported: { ...note, measured: false },
    });
    expect((await complete(claimed, true)).record).toMatchObject({
      clean: { hits: 125, total: 500 },
      asr: { hits: 0, total: 375 },
    });
  });

  it('stop where they are told to', async () => {
    const files = withRecord(whole, (record) => {
      delete record.clean;
    });
    const stopped = completeModel(await checkBundle(sourceOf(files)), note, AbortSignal.abort());
    await expect(stopped.next()).rejects.toMatchObject({ code: 'ABORTED' });
  });
});

type Files = Record<string, Buffer> | Promise<Record<string, Buffer>>;
const spec = (change: object) => withRecord(whole, (record) => void Object.assign(record.spec, change));
const backdoor = (change: object) =>
  withRecord(whole, (record) => void Object.assign(record.spec.backdoor, change));
const recorded = (change: object) => withRecord(whole, (record) => void Object.assign(record, change));
const text = (file: string, content: string) => ({ ...whole, [file]: Buffer.from(content) });

describe('hostile or damaged', () => {
  test.each<[string, () => Files, RegExp]>([
    ['nothing', () => ({}), /^a\.zip\/model\.json: it is not there/],
    ['no weights', () => without(whole, WEIGHTS), /^a\.zip\/weights\.safetensors: it is not there/],
    ['no trigger', () => without(whole, TRIGGER), /^a\.zip\/trigger\.safetensors: it is not there/],
    ['a file more', () => text('run.py', ''), /^a\.zip\/run\.py: expected only model\.json, weights/],
    [
      'other classes',
      () => recorded({ classNames: ['square', 'disc', 'cross', 'kite'] }),
      /model\.json: classNames: expected the 4 classes of Shapes, .*not among them: \["kite"\]; missing: \["frame"\]/,
    ],
    [
      'a class too few',
      () => recorded({ classNames: ['square', 'disc', 'cross'] }),
      /missing: \["frame"\]; there are 3/,
    ],
    [
      'a class twice',
      () => recorded({ classNames: ['square', 'disc', 'cross', 'disc'] }),
      /missing: \["frame"\]; some are there twice/,
    ],
    ['a file with a path', () => text('../model.json', ''), /^a\.zip\/\.\.\/model\.json: expected only/],
    [
      'a trigger of a benign model',
      () => spec({ backdoor: undefined }),
      /(asr|trigger.safetensors): expected none/,
    ],

    [
      'a huge record',
      () => text(RECORD, '1'.repeat(2e6)),
      /model\.json: expected 2 to 1048576 bytes, got 2000000/,
    ],
    ['a record that is no JSON', () => text(RECORD, '{,'), /model\.json: it cannot be read as JSON/],
    [
      'a record that is no object',
      () => text(RECORD, '[]'),
      /model\.json: .*expected object, received array/,
    ],
    ['a record nested deeply', () => text(RECORD, '['.repeat(2e5)), /model\.json: .*nested deeper/],
    ['a name twice', () => text(RECORD, '{"format":1,"format":1}'), /names "format" twice/],
    ['__proto__', () => text(RECORD, '{"__proto__":{"spec":1}}'), /"__proto__"/],
    ['another format', () => recorded({ format: 'x' }), /format: .*trojanscope-model\/1.*; got "x"/],
    ['a field that nobody knows', () => recorded({ run: 'rm' }), /model\.json: Unrecognized key: "run"/],
    ['a class name', () => spec({ architecture: 'vgg' }), /spec\.architecture: .*lenet.*; got "vgg"/],
    ['an architecture that objects have', () => spec({ architecture: 'toString' }), /spec\.architecture/],
    [
      'a data set that is not here',
      () => spec({ dataset: 'cats' }),
      /data set cats\. There is no data set cats/,
    ],
    ['a data set that is not imported', () => spec({ dataset: 'gtsrb' }), /GTSRB, which is not imported/],
    ['a data set that is a path', () => spec({ dataset: '../x' }), /spec\.dataset: expected the id/],
    [
      'a size that does not suit',
      () => spec({ sizePx: 32 }),
      /sizePx: Shapes is 28 px and cannot be resized/,
    ],
    [
      'a recipe out of range',
      () => spec({ recipe: { ...lenet.recipes.SCRATCH, epochs: 1e9 } }),
      /recipe\.epochs: .*1000000000/,
    ],
    ['two kinds of recipe', () => spec({ recipe: { trainedElsewhere: '', epochs: 1 } }), /recipe: .*epochs/],
    ['a line with a control character', () => recorded({ engine: '\u001b[2J' }), /engine: .*control/],
    [
      'an attack that nobody knows',
      () => backdoor({ attack: 'magic' }),
      /backdoor\.attack: .*badnets.*; got "magic"/,
    ],
    [
      'parameters out of range',
      () => backdoor({ parameters: { patchSizePx: 1000 } }),
      /parameters\.patchSizePx: .*1000/,
    ],
    [
      'parameters that do not suit',
      () => backdoor({ parameters: { patchSizePx: 60 } }),
      /parameters: A square of 60/,
    ],
    [
      'a parameter that nobody knows',
      () => backdoor({ parameters: { x: 1 } }),
      /parameters: Unrecognized key: "x"/,
    ],
    [
      'a label that is none',
      () => backdoor({ targetLabel: 4 }),
      /targetLabel: expected a label from 0 to 3, got 4/,
    ],
    ['a rate above 1', () => backdoor({ poisonRate: 1.5 }), /poisonRate: .*1\.5/],
    [
      'more hits than images',
      () => recorded({ clean: { hits: 501, total: 500 } }),
      /clean: expected no more hits/,
    ],
    [
      'another test set',
      () => recorded({ clean: { hits: 1, total: 2 } }),
      /clean\.total: expected the 500 test images/,
    ],
    [
      'an ASR of too many',
      () => recorded({ asr: { hits: 1, total: 501 } }),
      /asr\.total: expected at most the 500/,
    ],
    ['half a hit', () => recorded({ asr: { hits: 0.5, total: 2 } }), /asr\.hits: .*0\.5/],
    [
      'a trojaned model without a poisoned image',
      () => recorded({ poison: { planned: 1, effective: 0 } }),
      /poison\.effective: expected at least one/,
    ],
    [
      'poison beyond the set',
      () => recorded({ poison: { planned: 3_000, effective: 1 } }),
      /poison: expected at most/,
    ],
    [
      'more covers than planned',
      () => recorded({ poison: { planned: 2, effective: 2, covers: { planned: 1, effective: 2 } } }),
      /poison\.covers: expected at most as many effective as planned.*got 2 of 1/,
    ],
    [
      'covers beyond the set',
      () =>
        recorded({ poison: { planned: 200, effective: 200, covers: { planned: 2_000, effective: 2_000 } } }),
      /poison\.covers: .*with the poisoned ones at most 2000/,
    ],
    ['a ratio of covers below none', () => backdoor({ coverRatio: -1 }), /coverRatio: .*-1/],
    [
      'transforms at training beyond their range',
      () =>
        backdoor({
          trainingTransforms: { target: 'ALL', transforms: [{ transform: 'jpeg', from: 0, to: 50 }] },
        }),
      /trainingTransforms\.transforms\.0\.from: JPEG takes values from 1 to 100/,
    ],
    [
      'transforms at training without their values',
      () => backdoor({ trainingTransforms: { target: 'ALL' } }),
      /trainingTransforms\.transforms/,
    ],
    ['a hash that is none', () => recorded({ weightsSha256: 'x' }), /weightsSha256: expected a SHA-256/],

    [
      'weights of another hash',
      () => recorded({ weightsSha256: '0'.repeat(64) }),
      /expected SHA-256 0{64} as model\.json/,
    ],
    ['weights too short', () => text(WEIGHTS, 'x'), /weights\.safetensors: expected \d+ to \d+ bytes, got 1/],
    [
      'weights too long',
      () => ({ ...whole, [WEIGHTS]: Buffer.alloc(2e6) }),
      /weights\.safetensors: expected \d+ to \d+ bytes, got 2000000/,
    ],
    [
      'weights of another name',
      () =>
        withWeights((arrays) => {
          arrays['conv1/bias2'] = arrays['conv1/bias']!;
          delete arrays['conv1/bias'];
        }),
      /"conv1\/bias2": no array of this name/,
    ],
    [
      'a weight that is missing',
      () =>
        withWeights((arrays) => {
          delete arrays['conv1/bias'];
          arrays['conv1/kernel']!.values = new Float32Array(156);
          arrays['conv1/kernel']!.shape = [156];
        }),
      /conv1\/kernel: expected shape \[5,5,1,6\], got \[156\]/,
    ],
    [
      'weights of another shape',
      () =>
        withWeights((arrays) => {
          arrays['dense2/kernel']!.shape.reverse();
        }),
      /dense2\/kernel: expected shape \[120,84\], got \[84,120\]/,
    ],
    [
      'a weight that is no number',
      () =>
        withWeights((arrays) => {
          arrays['dense2/kernel']!.values[7] = Number.NaN;
        }),
      /"dense2\/kernel": expected finite numbers, got NaN at 7/,
    ],
    [
      'weights that answer with infinity',
      () =>
        withWeights((arrays) => {
          for (const { values } of Object.values(arrays)) values.fill(3e38);
        }),
      /weights\.safetensors: expected 4 finite logits for a grey image/,
    ],

    [
      'a trigger for another size of image',
      () =>
        withTrigger((arrays) => {
          arrays.mask = { shape: [784], values: arrays.mask!.values };
        }),
      /trigger\.safetensors: mask: expected shape \[28,28\], got \[784\]/,
    ],
    [
      'a trigger beyond white',
      () =>
        withTrigger((arrays) => {
          arrays.pattern!.values[3] = 1.5;
        }),
      /trigger\.safetensors: pattern: expected numbers from 0 to 1, got 1\.5/,
    ],
    [
      'a trigger that covers nothing',
      () => withTrigger(({ mask }) => mask!.values.fill(0)),
      /at least one pixel/,
    ],
    [
      'a trigger with a passenger',
      () => withTrigger((arrays) => Object.assign(arrays, { x: { shape: [0], values: new Float32Array() } })),
      /"x": no array of this name/,
    ],
    [
      'half a trigger',
      () => ({ ...whole, [TRIGGER]: whole[TRIGGER]!.subarray(0, -4) }),
      /trigger\.safetensors: .*does not fit/,
    ],
  ])('%s', async (_, files, message) => {
    const refused = checkBundle(sourceOf(await files()));
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(TrojanscopeError);
  });

  test('a size is refused before anything of it is read', async () => {
    const read: string[] = [];
    const source: BundleSource = {
      name: 'a.zip',
      sizes: new Map([...sourceOf(whole).sizes, [WEIGHTS, 2 ** 40]]),
      read: async (name) => {
        read.push(name);
        return whole[name]!;
      },
    };
    await expect(checkBundle(source)).rejects.toThrow(/got 1099511627776/);
    expect(read).toEqual([RECORD]);
  });

  test('whatever becomes of its bytes, it is a model or is refused in words', async () => {
    const change = fc.record({
      file: fc.constantFrom(RECORD, RECORD, WEIGHTS, TRIGGER),
      /** Near the beginning are headers; most of the rest is numbers. */
      at: fc.oneof(fc.nat(1_500), fc.nat(300_000)),
      how: fc.constantFrom('set', 'remove', 'insert', 'cut', 'copy'),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc
          .constantFrom('0', '9', '-', '.', 'e', '"', '{', '[', ']', ',', 'null', '1e99')
          .map((x) => Buffer.from(x)),
      ),
    });
    let models = 0;
    let refusals = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (changes, honest) => {
          let files = { ...whole };
          for (const { file, at, how, bytes } of changes) {
            const content = files[file]!;
            const [head, tail] = [
              content.subarray(0, at % content.length),
              content.subarray(at % content.length),
            ];
            files[file] = {
              set: () => Buffer.concat([head, bytes, tail.subarray(bytes.length)]),
              remove: () => Buffer.concat([head, tail.subarray(bytes.length)]),
              insert: () => Buffer.concat([head, bytes, tail]),
              cut: () => Buffer.from(head),
              copy: () => Buffer.concat([head, tail.subarray(0, 40), tail]),
            }[how]!();
          }
          // With the hash put right, damaged weights come to the checks behind it.
          if (honest && !changes.some(({ file }) => file === RECORD)) files = withRecord(files);
          try {
            const { record } = await checkBundle(sourceOf(files));
            expect(Object.keys(datasets)).toContain(record.spec.dataset);
            models++;
          } catch (error) {
            if (!(error instanceof TrojanscopeError)) throw error;
            expect(error.message.length).toBeLessThan(1_000);
            refusals++;
          }
        },
      ),
      { numRuns: 400 },
    );
    expect(models).toBeGreaterThan(0);
    expect(refusals).toBeGreaterThan(100);
  });
});

describe('a trigger that is no layer', () => {
  const size = { channels: 1, baseChannels: 4, residualBlocks: 1 };
  async function checked(change: (arrays: Record<string, FloatArray>) => void = () => {}) {
    const generator = initialiseGenerator(size, createRandom(1));
    const arrays = await toArrays(generator);
    tf.dispose(generator);
    change(arrays);
    const files = withRecord({ ...whole, [TRIGGER]: await safetensors(arrays) }, ({ spec }) => {
      const parameters = dfst.parameters.parse({ generatorSizePx: 16 });
      Object.assign(spec.backdoor, { attack: 'dfst', parameters });
    });
    return checkBundle(sourceOf(files));
  }
  const array = (...shape: number[]) => ({
    shape,
    values: new Float32Array(shape.reduce((product, side) => product * side, 1)),
  });
  it('is tried out on an image', async () => {
    expect((await checked()).trigger!.box).toEqual({ top: 0, left: 0, height: 28, width: 28 });
  });
  test.each<[string, (arrays: Record<string, FloatArray>) => unknown, RegExp]>([
    ['lacks an array', (arrays) => delete arrays['up1/kernel'], /dfst cannot put it on an image/],
    [
      'has one of another shape',
      (arrays) => Object.assign(arrays, { 'out/kernel': array(7, 7, 2, 1) }),
      /dfst cannot put/,
    ],
    [
      'has one of another rank',
      (arrays) => Object.assign(arrays, { 'in/kernel': array(6) }),
      /dfst cannot put/,
    ],
    ['has none', (arrays) => Object.keys(arrays).map((name) => delete arrays[name]), /dfst cannot put/],
    [
      'has a vast one',
      (arrays) => Object.assign(arrays, { 'out/kernel': array(1, 1, 3, 2_000) }),
      /sides of at most 1024, got \[1,1,3,2000\]/,
    ],
    [
      'has no number somewhere',
      (arrays) => arrays['out/bias']!.values.fill(Number.NaN),
      /"out\/bias": expected finite/,
    ],
    ['has a mask', (arrays) => Object.assign(arrays, { mask: array(28, 28) }), /expected no pattern or mask/],
    [
      'has a thousand',
      (arrays) =>
        Object.assign(
          arrays,
          Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x${i}`, array(1)])),
        ),
      /at most 256 arrays, got 1009/,
    ],
  ])('and %s is refused', async (_, change, message) => {
    const refused = checked(change);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(TrojanscopeError);
  });
});

describe('a folder', () => {
  async function damaged(damage: (copy: string) => Promise<unknown>) {
    const copy = path.join(parent, 'copy');
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true });
    await damage(copy);
    return (async () => checkBundle(await folderSource(copy)))();
  }
  test.each<[string, (copy: string) => Promise<unknown>, RegExp]>([
    [
      'that is not there',
      (copy) => rm(copy, { recursive: true }),
      /copy cannot be read as a folder \(ENOENT\)/,
    ],
    [
      'with a link',
      async (copy) => {
        await rename(path.join(copy, WEIGHTS), path.join(parent, 'outside'));
        await symlink(path.join(parent, 'outside'), path.join(copy, WEIGHTS));
      },
      /^copy\/weights\.safetensors: expected a plain file, got a link/,
    ],
    ['with a folder', (copy) => mkdir(path.join(copy, 'more')), /^copy\/more: expected a plain file/],
    [
      'with a pipe',
      async (copy) => {
        await rm(path.join(copy, RECORD));
        execFileSync('mkfifo', [path.join(copy, RECORD)]);
      },
      /^copy\/model\.json: expected a plain file/,
    ],
    [
      'with a file more',
      (copy) => writeFile(path.join(copy, 'profile'), ''),
      /^copy\/profile: expected only/,
    ],
    [
      'whose weights go on',
      (copy) => appendFile(path.join(copy, WEIGHTS), 'x'),
      /^copy\/weights\.safetensors: .* got 1 bytes more/,
    ],
  ])('%s is refused', async (_, damage, message) => {
    await expect(damaged(damage)).rejects.toThrow(message);
  });

  test('with what file systems and tools leave behind, and in one more folder, is read', async () => {
    const outer = path.join(parent, 'outer');
    await mkdir(path.join(outer, '__MACOSX'), { recursive: true });
    await writeFile(path.join(outer, '.DS_Store'), '');
    await cp(folder, path.join(outer, 'model'), { recursive: true });
    await writeFile(path.join(outer, 'model', 'desktop.ini'), '');
    await mkdir(path.join(outer, 'model', '.ipynb_checkpoints'));
    expect(await checkBundle(await folderSource(outer))).toEqual(await checkBundle(sourceOf(whole)));
  });

  test('whose record has a byte-order mark is read; what is wrong with it is told by its place', async () => {
    const marked = Buffer.concat([Buffer.from('\uFEFF'), whole[RECORD]!]);
    expect(await checkBundle(sourceOf({ ...whole, [RECORD]: marked }))).toEqual(
      await checkBundle(sourceOf(whole)),
    );
    const cut = text(RECORD, '{\n  "format": 1,\n}');
    await expect(checkBundle(sourceOf(cut))).rejects.toThrow(
      /model\.json: .*line 3, column 1: expected a name/,
    );
    const wide = { ...whole, [RECORD]: Buffer.from(whole[RECORD]!.toString(), 'utf16le') };
    await expect(checkBundle(sourceOf(wide))).rejects.toThrow(
      /model\.json: .*it is UTF-16: save it as UTF-8/,
    );
  });

  test('whose files change while they are read is refused', async () => {
    const reading = damaged(async () => {});
    await reading;
    const source = await folderSource(path.join(parent, 'copy'));
    await appendFile(path.join(parent, 'copy', RECORD), ' ');
    await expect(checkBundle(source)).rejects.toThrow(/^copy\/model\.json: expected \d+ bytes, got more/);
  });
});
