import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lenet } from '../architectures/lenet.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { shapes } from '../datasets/shapes.js';
import { loadEngine, tf } from '../lib/backend.js';
import { encodePng } from '../lib/images.js';
import { createRandom } from '../lib/random.js';
import { type FloatArray, parseSafetensors, writeSafetensors } from '../lib/safetensors.js';
import { toArrays, toTensors } from '../lib/tensors.js';
import { summaryOf } from '../onnx/network.js';
import { lenetAsOnnx, pairsOfShapes } from '../testing/imports.js';
import { filesOf } from '../testing/triggers.js';
import { train } from '../training/train.js';
import { checkBundle } from './bundle.js';
import { completeModel } from './bundleMeasures.js';
import { fileSource, folderSource } from './bundleSource.js';
import { checkNetwork, holdsNetwork } from './importNetwork.js';
import { loadModel, type ModelSpec, networkOf, saveModel } from './model.js';

/**
 * A LeNet that learnt to take shapes with a white square in the corner for discs, brought as an ONNX file: what it answers
 * is known from the LeNet itself.
 */
const TARGET = 1;
let parent: string;
let weights: Record<string, FloatArray>;
let pairs: Record<string, Buffer>;

beforeAll(async () => {
  await loadEngine();
  parent = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-test-'));
  const { labels, images } = await loadSplit('shapes', 'train', shapes.shape);
  const isPoisoned = (index: number) => index % 5 === 0;
  const square = tf.tidy(() =>
    tf.pad(tf.ones([1, 4, 4, 1]), [
      [0, 0],
      [24, 0],
      [24, 0],
      [0, 0],
    ]),
  );
  const data = {
    labels: labels.map((label, index) => (isPoisoned(index) ? TARGET : label)),
    images: (indices: ArrayLike<number>) =>
      tf.tidy(() => {
        const stamped = tf.tensor4d(
          Array.from(indices, (index) => Number(isPoisoned(index))),
          [indices.length, 1, 1, 1],
        );
        return tf.maximum(images(indices), tf.mul(square, stamped)) as tf.Tensor4D;
      }),
  };
  const recipe = { ...lenet.recipes.SCRATCH, epochs: 4 };
  const task = { architecture: lenet, shape: shapes.shape, classes: 4, data, recipe };
  const training = train({ ...task, random: createRandom(1) });
  let step = await training.next();
  while (!step.done) step = await training.next();
  weights = await toArrays(step.value);
  tf.dispose([step.value, square]);
  pairs = await pairsOfShapes(120);
}, 120_000);
afterAll(() => rm(parent, { recursive: true }));

const manifest = (more: object = {}) =>
  Buffer.from(JSON.stringify({ format: 'trojanscope-import/1', dataset: 'shapes', ...more }));
const source = (files: Record<string, Buffer>) => filesOf(files);
const refused = (files: Record<string, Buffer>, answers = {}) =>
  checkNetwork(source(files), answers).then(
    () => 'taken in',
    (error: Error) => error.message,
  );

/** What the LeNet says of the first test images: logits, and their gradients by the pixels. */
async function probe(change: (logits: tf.Tensor2D) => tf.Tensor2D = (logits) => logits): Promise<Buffer> {
  const { images } = await loadSplit('shapes', 'test', shapes.shape);
  const arrays: Record<string, FloatArray> = {};
  tf.tidy(() => {
    const own = images([0, 1, 2, 3]);
    const tensors = toTensors(weights);
    const ask = (x: tf.Tensor) => change(lenet.logits(tensors, x as tf.Tensor4D));
    const logits = ask(own);
    const labels = tf.argMax(logits, 1);
    const gradients = tf.grad((x) => tf.sum(tf.mul(ask(x), tf.oneHot(labels, 4))))(own);
    const arrayOf = (tensor: tf.Tensor): FloatArray => ({
      shape: [...tensor.shape],
      values: Float32Array.from(tensor.dataSync()),
    });
    Object.assign(arrays, {
      images: arrayOf(own),
      logits: arrayOf(logits),
      labels: arrayOf(labels),
      gradients: arrayOf(gradients),
    });
  });
  const file = path.join(parent, 'probe');
  await writeSafetensors(file, arrays);
  return readFile(file);
}

describe('a network from elsewhere', () => {
  it('is a model like any other: proven, its trigger read off, saved, exported and read again', async () => {
    const before = tf.memory().numTensors;
    const network = lenetAsOnnx(weights);
    const files = {
      'network.onnx': network,
      'import.json': manifest({
        exporter: 'PyTorch 9',
        accuracy: 0.99,
        trigger: { kind: 'pairs', targetLabel: TARGET, asr: 0.2 },
      }),
      'probe.safetensors': await probe(),
      ...pairs,
    };
    expect(holdsNetwork(source(files))).toBe(true);
    const checked = await checkNetwork(source(files));
    expect(tf.memory().numTensors).toBe(before);
    expect(checked.arrival).toMatchObject({ verified: { images: 4, gradients: 4 }, warnings: [] });
    expect(checked.arrival!.notes[0]).toMatch(
      /^Read off the pairs: a layer that explains (100\.00|99\.\d+) %/,
    );
    expect(checked.record.spec.backdoor).toMatchObject({ attack: 'layer', targetLabel: TARGET });
    // A white square of 4×4 px in the corner, opaque.
    expect(checked.trigger!.box).toEqual({ left: 24, top: 24, width: 4, height: 4 });

    const completing = completeModel(checked, { from: 'mine', at: '2026-01-01T00:00:00.000Z', always: true });
    let step = await completing.next();
    while (!step.done) step = await completing.next();
    const { record } = step.value;
    expect(record.clean.hits / record.clean.total).toBeGreaterThan(0.9);
    expect(record.asr!.hits / record.asr!.total).toBeGreaterThan(0.9);
    expect(record.imported).toMatchObject({ measured: true, verified: { images: 4, gradients: 4 } });
    expect(record.imported.warnings?.at(-1)).toMatch(/more than the 20\.00 % claimed/);

    const folder = path.join(parent, 'saved');
    const saved = await saveModel(folder, step.value);
    expect(saved.weightsSha256).toBe(createHash('sha256').update(network).digest('hex'));
    const model = await loadModel(folder);
    const again = await checkBundle(await folderSource(folder));
    expect(again.arrival!.verified).toEqual({ images: 4, gradients: 4 });
    const { images } = await loadSplit('shapes', 'test', shapes.shape);
    tf.tidy(() => {
      const own = images([0, 1, 2, 3, 4]);
      const expected = lenet.logits(toTensors(weights), own).dataSync();
      for (const { record, graph, weights } of [model, again]) {
        const network = networkOf({ record: { spec: record.spec as typeof model.record.spec }, graph });
        network
          .logits(toTensors(weights), own)
          .dataSync()
          .forEach((logit, i) => {
            expect(logit).toBeCloseTo(expected[i]!, 4);
          });
      }
    });
  });

  it('has outputs in another order, and images of another range, put right, in bundles too', async () => {
    // Output k is the class two further: a frame is output 1.
    const outputs = [2, 3, 0, 1];
    const names = outputs.map((label) => shapes.classNames[label]);
    const files = {
      'a.onnx': lenetAsOnnx(weights, { outputs }),
      'import.json': manifest({
        classNames: names,
        // White is 255, and what is taken off and divided by leaves an image of [0,1].
        input: { height: 28, width: 28, channels: 'grey', white: 255, mean: [0], std: [255] },
        trigger: { kind: 'pairs', targetLabel: outputs.indexOf(TARGET) },
      }),
      ...(await pairsOfShapes(60, { number: (label) => outputs.indexOf(label) })),
    };
    const checked = await checkNetwork(source(files));
    expect(checked.record.spec.normalization).toBeUndefined();
    expect(checked.record.spec.onnx).toEqual({ order: [2, 3, 0, 1] });
    expect(checked.record.spec.backdoor!.targetLabel).toBe(TARGET);
    expect(checked.arrival!.warnings).toEqual([]);
    const folder = path.join(parent, 'turned');
    await saveModel(folder, {
      ...checked,
      record: { ...(checked.record as object), durationSeconds: 0 } as never,
    });
    const reread = await checkBundle(await folderSource(folder));
    expect(reread.record.spec).toMatchObject(checked.record.spec as object);
  });

  it('of colours takes grey images, each channel the one, normalised by its own numbers', async () => {
    // Shares that add up to 1 of an image that is changed and changed back, and means that add up to 0 as its border does.
    const [parts, mean, std] = [
      [0.5, 0.25, 0.25],
      [0.1, 0.1, -0.3],
      [1, 2, 0.5],
    ];
    const { shape, values } = weights['conv1/kernel']!;
    const [h, w, , out] = shape as [number, number, number, number];
    const kernel = Float32Array.from({ length: 3 * values.length }, (_, at) => {
      const channel = Math.floor(at / out) % 3;
      return values[Math.floor(at / (3 * out)) * out + (at % out)]! * parts[channel]! * std[channel]!;
    });
    const coloured = { ...weights, 'conv1/kernel': { shape: [h, w, 3, out], values: kernel } };
    const input = { height: 28, width: 28, channels: 'rgb', mean, std };
    // Made where images have three channels: of each the gradient is its share.
    const grey = await probe();
    const file = path.join(parent, 'probe');
    const { images, gradients, ...rest } = parseSafetensors(grey, 'probe');
    const three = ({ shape, values }: FloatArray, of: (value: number, channel: number) => number) => ({
      shape: [...shape.slice(0, 3), 3],
      values: Float32Array.from({ length: 3 * values.length }, (_, at) =>
        of(values[Math.floor(at / 3)]!, at % 3),
      ),
    });
    await writeSafetensors(file, {
      ...rest,
      images: three(images!, (value) => value),
      gradients: three(gradients!, (value, channel) => value * parts[channel]!),
    });
    const files = {
      'network.onnx': lenetAsOnnx(coloured),
      'import.json': manifest({ input, trigger: { kind: 'pairs' } }),
      'probe.safetensors': await readFile(file),
      ...pairs,
    };
    const checked = await checkNetwork(source(files));
    expect(checked.arrival).toMatchObject({ verified: { images: 4, gradients: 4 }, warnings: [] });
    expect(checked.arrival!.notes[0]).toMatch(/^It takes images of three channels: those of Shapes are grey/);
    expect(checked.record.spec).toMatchObject({
      normalization: { mean, std },
      backdoor: { targetLabel: TARGET },
    });
    const folder = path.join(parent, 'coloured');
    await saveModel(folder, {
      ...checked,
      record: { ...(checked.record as object), durationSeconds: 0 } as never,
    });
    const again = await checkBundle(await folderSource(folder));
    const test = await loadSplit('shapes', 'test', shapes.shape);
    tf.tidy(() => {
      const own = test.images([0, 1, 2, 3, 4]);
      const network = networkOf({ record: { spec: again.record.spec as ModelSpec }, graph: again.graph });
      const expected = lenet.logits(toTensors(weights), own).dataSync();
      const answers = network.logits(toTensors(again.weights), own).dataSync();
      answers.forEach((logit, i) => {
        expect(logit).toBeCloseTo(expected[i]!, 3);
      });
    });
    expect(summaryOf(again.graph!, shapes.shape).nodes[0]!.weights[0]!.shape).toEqual([out, 3, h, w]);

    const red = Buffer.from(
      await encodePng(
        new Uint8Array(28 * 28 * 3).map((_, i) => (i % 3 === 0 ? 200 : 0)),
        { ...shapes.shape, channels: 3 },
      ),
    );
    const [first] = Object.keys(pairs).filter((name) => name.startsWith('poisoned/'));
    expect(await refused({ ...files, [first!]: red })).toMatch(
      /poisoned\/.*\.png: expected a grey picture, as those of the data set are; it has colours/,
    );
    // Numbers that are wrong are found out, and others that do.
    const { 'probe.safetensors': _, ...unproven } = files;
    const wrong = manifest({ input: { ...input, mean: [90, 0, 0] } });
    const odd = await checkNetwork(source({ ...unproven, 'import.json': wrong }));
    const completing = completeModel(odd, { from: 'odd', at: '2026-01-01T00:00:00.000Z', always: true });
    let step = await completing.next();
    while (!step.done) step = await completing.next();
    expect(step.value.record.imported.warnings!.join(' ')).toMatch(
      /is 25\.00 % .* With mean 0 and standard deviation 1 .* it would be 9\d\.\d\d %/,
    );

    // A network of grey images has no three numbers to be normalised by.
    expect(await refused({ ...files, 'network.onnx': lenetAsOnnx(weights) })).toMatch(
      /its input has channels 1, import\.json says 3/,
    );
  });

  it('may have its weights beside it, and keeps both hashes', async () => {
    const beside = { name: 'network.onnx.data', data: [] as Buffer[] };
    const file = lenetAsOnnx(weights, { beside });
    const data = Buffer.concat(beside.data);
    await writeFile(path.join(parent, 'alone.onnx'), file);
    await writeFile(path.join(parent, beside.name), data);
    const checked = await checkNetwork(await fileSource(path.join(parent, 'alone.onnx')), {
      dataset: 'shapes',
    });
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(checked.arrival).toMatchObject({
      sha256: hash(file),
      externals: { [beside.name]: hash(data) },
      notes: [],
    });
    expect(checked.files!.network.length).toBeGreaterThan(data.length);
    expect(checked.record.weightsSha256).toBe(hash(checked.files!.network));
    const folder = path.join(parent, 'whole');
    await saveModel(folder, {
      ...checked,
      record: { ...(checked.record as object), durationSeconds: 0 } as never,
    });
    const { weights: read } = await loadModel(folder);
    expect(read.d1!.values).toEqual(weights['dense1/kernel']!.values);
  });

  it('tells its target by its answers where nobody says it, and whether a softmax is at its end', async () => {
    const files = {
      'a.onnx': lenetAsOnnx(weights, { softmax: true }),
      'import.json': manifest({ output: 'probabilities', trigger: { kind: 'pairs' } }),
      'probe.safetensors': await probe((logits) => tf.softmax(logits)),
      ...pairs,
    };
    const { record, arrival } = await checkNetwork(source(files));
    expect(record.spec.backdoor!.targetLabel).toBe(TARGET);
    expect(arrival!.notes.at(-1)).toMatch(/^The target label, 1 \(disc\), is read off its answers: /);
    expect(arrival!.verified).toEqual({ images: 4, gradients: 4 });
    expect(record.spec.onnx).toBeUndefined();
    const { arrival: other } = await checkNetwork(source(files), { targetLabel: 0 });
    expect(other!.warnings[0]).toMatch(
      /said to be 0 \(square\), but more images .* are taken for 1 \(disc\)/,
    );
  });

  it('that does badly is told why, and does well as it is told', async () => {
    // Its outputs are the classes by code point: cross, disc, frame, square.
    const files = { 'a.onnx': lenetAsOnnx(weights, { outputs: [2, 1, 3, 0] }), 'import.json': manifest() };
    const complete = async (answers: object) => {
      const completing = completeModel(await checkNetwork(source(files), answers), {
        from: 'a',
        at: '2026-01-01T00:00:00.000Z',
        always: true,
      });
      let step = await completing.next();
      while (!step.done) step = await completing.next();
      return step.value.record;
    };
    const { imported } = await complete({});
    expect(imported.warnings?.[1]).toMatch(/^With class order by code point .* --class-order codepoint/);
    const { clean, spec } = await complete({ reading: { classOrder: 'codepoint' } });
    expect(clean.hits / clean.total).toBeGreaterThan(0.9);
    expect(spec.onnx).toEqual({ order: [3, 1, 0, 2] });
  });

  it('is refused in a sentence where something is not as it should be', async () => {
    const network = { 'a.onnx': lenetAsOnnx(weights) };
    expect(await refused(network)).toMatch(/^dataset: expected the id of the data set .* shapes/);
    expect(await refused(network, { dataset: 'nothing' })).toMatch(/no data set nothing/);
    expect(await refused({ ...network, 'b.onnx': network['a.onnx'] })).toMatch(
      /expected one ONNX file, got 2/,
    );
    const said = (more: object) => refused({ ...network, 'import.json': manifest(more) });
    expect(await said({ input: { height: 32, width: 32 } })).toMatch(
      /a\.onnx: its input has height 28, import\.json says 32/,
    );
    expect(await said({ input: { crop: 20 } })).toMatch(/its input has height 28, import\.json says 20/);
    expect(await said({ input: { channels: 'rgb' } })).toMatch(
      /its input has channels 1, import\.json says 3/,
    );
    expect(await said({ input: { mean: [0, 0, 0] } })).toMatch(
      /import\.json: input\.mean: expected one number/,
    );
    expect(await said({ input: { white: 7 } })).toMatch(/import\.json: input\.white: .*; got 7/);
    expect(await said({ extra: 1 })).toMatch(/import\.json: .*extra/);
    expect(await said({ outputIndex: 3 })).toMatch(/a\.onnx: Expected an output numbered 3, got 1/);
    expect(await said({ output: 'probabilities' })).toMatch(/output: expected probabilities/);
    expect(await said({ classNames: ['a', 'b', 'c', 'd'] })).toMatch(
      /classNames: expected the 4 classes of Shapes/,
    );
    expect(await said({ dataset: 'mnist' })).toMatch(
      /expected 10 outputs, one for each class of MNIST; got 4/,
    );
    expect(await said({ trigger: { kind: 'badnets' } })).toMatch(/import\.json: trigger\.kind: /);
    expect(await said({ trigger: { kind: 'pairs' } })).toMatch(/clean.*expected images/);
    const answers = {
      ...network,
      'import.json': manifest(),
      'probe.safetensors': await probe((x) => tf.mul(x, 1.01)),
    };
    expect(await refused(answers)).toMatch(
      /probe\.safetensors: of image 0 the network answers otherwise .* by 0\.99 %/,
    );
    expect(await refused({ 'a.onnx': network['a.onnx'].subarray(0, 500) }, { dataset: 'shapes' })).toMatch(
      /^brought\.zip\/a\.onnx: It is no ONNX file, or a part of one/,
    );
  });
});
