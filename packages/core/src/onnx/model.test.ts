import { beforeAll, expect, it } from 'vitest';
import { IMPORTED } from '../architectures/index.js';
import { datasets } from '../datasets/index.js';
import { loadSplit } from '../datasets/loadSplit.js';
import { createExplainer, untrainedModel } from '../explain/explain.js';
import { createProber } from '../explain/probe.js';
import { measureModel } from '../implant/measureModel.js';
import { type Model, type ModelSpec, networkOf } from '../implant/model.js';
import { loadEngine, tf } from '../lib/backend.js';
import { DEFAULT_EXPLANATION } from '../requests.js';
import { warmClassifier } from '../sweep/warmClassifier.js';
import { backdooredRecord } from '../testing/models.js';
import { onnx, port } from '../testing/onnxBytes.js';
import { readOnnx } from './readOnnx.js';

/** A model whose network came as an ONNX file, where models of our own go. */

const { shape, classNames } = datasets.shapes;
const { height, width, channels } = shape;
const [pixels, classes] = [height * width * channels, classNames.length];

/** Logit k is k times the mean of the image, less k²/4: so what is brighter is of a higher class. */
function model(): Model {
  const file = onnx({
    inputs: [port('x', [1, channels, height, width])],
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['f'] },
      { op: 'Gemm', inputs: ['f', 'w', 'b'], outputs: ['l'] },
      { op: 'Softmax', inputs: ['l'] },
    ],
    constants: {
      w: {
        dims: [pixels, classes],
        values: Array.from({ length: pixels * classes }, (_, i) => (i % classes) / pixels),
      },
      b: { dims: [classes], values: Array.from({ length: classes }, (_, k) => -(k ** 2) / 4) },
    },
  });
  const { graph, weights } = readOnnx(file);
  const { backdoor: _, ...own } = backdooredRecord().spec;
  const spec: ModelSpec = { ...own, architecture: IMPORTED, normalization: { mean: [0.5], std: [0.25] } };
  return { record: { ...backdooredRecord(), spec, weightsSha256: 'imported' }, weights, graph };
}

beforeAll(() => loadEngine());

it('answers behind its normalization, its softmax left away', async () => {
  const own = model();
  const level = 0.75;
  // (0.75 − 0.5) / 0.25 is a mean of 1.
  tf.tidy(() => {
    const weights = Object.fromEntries(
      Object.entries(own.weights).map(([name, { shape, values }]) => [name, tf.tensor(values, shape)]),
    );
    const images = tf.fill([2, height, width, channels], level) as tf.Tensor4D;
    const logits = networkOf(own).logits(weights, images).arraySync()[1]!;
    logits.forEach((logit, k) => {
      expect(logit).toBeCloseTo(k - k ** 2 / 4, 4);
    });
  });
  const images = tf.fill([3, height, width, channels], level) as tf.Tensor4D;
  const { labels } = await warmClassifier(own, 3).classify(images);
  // k − k²/4 is largest at 2.
  expect([...labels]).toEqual([2, 2, 2]);
  images.dispose();
});

it('is measured and explained as our own are', async () => {
  const own = model();
  const { spec } = own.record;
  const measuring = measureModel({ spec, network: networkOf(own), weights: own.weights });
  let step = await measuring.next();
  while (!step.done) step = await measuring.next();
  expect(step.value.clean.total).toBe(datasets.shapes.counts.test);

  const test = await loadSplit('shapes', 'test', shape);
  const images = test.images([0]);
  const explainer = createExplainer(own);
  const settings = {
    ...DEFAULT_EXPLANATION,
    parameters: { ...DEFAULT_EXPLANATION.parameters, copies: 2 },
  };
  const { saliency, predictedLabel } = await explainer.explain(images, 1, null, settings);
  expect(saliency.subarray(1, 4).toString()).toBe('PNG');
  expect(predictedLabel).toBeLessThan(classes);
  explainer.dispose();
  images.dispose();
});

it('has no untrained counterpart, and says so', async () => {
  const own = model();
  await expect(untrainedModel(own)).rejects.toThrow(/imported as an ONNX file/);
  const prober = await createProber(own);
  const request = { sampleIndex: 0, trigger: false, seed: 1 };
  const { probabilities } = await prober.probe(request);
  expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  const explain = {
    ...DEFAULT_EXPLANATION,
    parameters: { ...DEFAULT_EXPLANATION.parameters, copies: 2 },
  };
  await expect(prober.probe({ ...request, explain, untrained: true })).rejects.toThrow(
    /neither trained nor drawn anew/,
  );
  prober.dispose();
});
