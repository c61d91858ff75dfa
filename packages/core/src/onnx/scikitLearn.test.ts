import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { type NodeSpec, onnx, port } from '../testing/onnxBytes.js';
import { importedNetwork } from './network.js';
import { readOnnx } from './readOnnx.js';

/** As scikit-learn's exporter lays them out: all numbers of an image in a row, the label before the scores. */

beforeAll(() => loadEngine());

const ML = 'ai.onnx.ml';
const [INT64, FLOAT] = [7, 1];
/** Of images of 1×2 pixels. */
const WEIGHTS = [1, -2, 0.5, 3, -1, 0.25];
const INTERCEPTS = [0.1, -0.2, 0.3];
const PIXELS = [0.2, 0.8];
const LOGITS = [0, 1, 2].map(
  (k) => WEIGHTS[2 * k]! * PIXELS[0]! + WEIGHTS[2 * k + 1]! * PIXELS[1]! + INTERCEPTS[k]!,
);

const classifier = (attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op: 'LinearClassifier',
  domain: ML,
  inputs: ['x'],
  outputs: ['label', 'raw'],
  attributes: {
    classlabels_ints: [0, 1, 2],
    coefficients: { floats: WEIGHTS },
    intercepts: { floats: INTERCEPTS },
    multi_class: 1,
    post_transform: 'SOFTMAX',
    ...attributes,
  },
});
const normalizer = (norm: string, input = 'raw', output = 'scores'): NodeSpec => ({
  op: 'Normalizer',
  domain: ML,
  inputs: [input],
  outputs: [output],
  attributes: { norm },
});
const zipMap: NodeSpec = {
  op: 'ZipMap',
  domain: ML,
  inputs: ['scores'],
  outputs: ['dictionary'],
  attributes: { classlabels_int64s: [0, 1, 2] },
};
const file = (nodes: NodeSpec[], scores = port('scores', [-1, 3], FLOAT)) =>
  onnx({ nodes, inputs: [port('x', [-1, 2])], outputs: [port('label', [-1], INT64), scores] });
/** A sequence of dictionaries is of no type that a tensor has. */
const dictionary = port('dictionary', [], 0);

function answersOf(bytes: Buffer, pixels = PIXELS) {
  const { graph, weights } = readOnnx(bytes);
  const network = importedNetwork(graph, { height: 1, width: 2, channels: 1 });
  const tensors = toTensors(weights);
  const images = tf.tensor4d(pixels, [1, 1, 2, 1]);
  const logits = (x: tf.Tensor) => network.logits(tensors, x as tf.Tensor4D);
  const gradient = tf.grad((x) => tf.sum(tf.slice(logits(x), [0, 1], [-1, 1])))(images);
  return { graph, answers: [...logits(images).dataSync()], gradient: [...gradient.dataSync()] };
}
const expectClose = (came: number[], expected: number[]) => {
  expect(came).toHaveLength(expected.length);
  came.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
};

describe('a linear classifier of scikit-learn', () => {
  it.each([
    [
      'with a dictionary of probabilities, as it is by default',
      [classifier(), normalizer('L1'), zipMap],
      dictionary,
    ],
    ['with an array of probabilities', [classifier(), normalizer('L1')], undefined],
  ])('%s, answers by its second output, softmax left away', (_, nodes, scores) => {
    const { graph, answers, gradient } = answersOf(file(nodes, scores));
    expect(graph.softmax).toBe(true);
    expectClose(answers, LOGITS);
    expectClose(gradient, WEIGHTS.slice(2, 4));
    expect(graph.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Add']);
  });

  it('of one against the rest, answers with the shares of its probabilities', () => {
    const each = LOGITS.map((logit) => 1 / (1 + Math.exp(-logit)));
    const sum = each.reduce((total, share) => total + share, 0);
    const { graph, answers } = answersOf(
      file([classifier({ post_transform: 'LOGISTIC' }), normalizer('L1')]),
    );
    expect(graph.softmax).toBe(false);
    expectClose(
      answers,
      each.map((share) => share / sum),
    );
  });

  it('behind a scaler, takes features less their offset, times their scale', () => {
    const [offset, scale] = [
      [0.5, 0.25],
      [2, 4],
    ] as const;
    const scaler: NodeSpec = {
      op: 'Scaler',
      domain: ML,
      inputs: ['x'],
      outputs: ['scaled'],
      attributes: { offset: { floats: [...offset] }, scale: { floats: [...scale] } },
    };
    // (0.6 − 0.5)·2 is 0.2, (0.45 − 0.25)·4 is 0.8.
    const { answers, gradient } = answersOf(
      file([scaler, { ...classifier(), inputs: ['scaled'] }, normalizer('L1')]),
      [0.6, 0.45],
    );
    expectClose(answers, LOGITS);
    expectClose(gradient, [2 * WEIGHTS[2]!, 4 * WEIGHTS[3]!]);
  });

  it('normalised to a length of 1', () => {
    const before = normalizer('L2', 'x', 'unit');
    const { answers } = answersOf(
      file([
        before,
        { ...classifier({ post_transform: 'NONE' }), inputs: ['unit'], outputs: ['label', 'scores'] },
      ]),
      [3, 4],
    );
    expectClose(
      answers,
      [0, 1, 2].map((k) => 0.6 * WEIGHTS[2 * k]! + 0.8 * WEIGHTS[2 * k + 1]! + INTERCEPTS[k]!),
    );
  });

  it.each([
    [
      'of two classes in one row',
      { coefficients: { floats: [1, 2] }, intercepts: { floats: [0] } },
      /two or more/,
    ],
    ['of too few coefficients', { coefficients: { floats: [1, 2, 3, 4] } }, /got 4 for 3 intercepts/],
    ['of another transform', { post_transform: 'PROBIT' }, /NONE or SOFTMAX or LOGISTIC, got "PROBIT"/],
    ['of NaN', { intercepts: { floats: [0, Number.NaN, 0] } }, /"intercepts": expected numbers/],
  ] as const)('%s is refused in words', (_, attributes, said) => {
    expect(() =>
      answersOf(file([classifier(attributes as NodeSpec['attributes']), normalizer('L1')])),
    ).toThrow(said);
  });

  it('is told of a norm that it does not know', () => {
    expect(() => answersOf(file([classifier(), normalizer('MAX')]))).toThrow(/L1 or L2, got "MAX"/);
  });
});
