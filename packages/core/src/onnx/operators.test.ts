import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { toTensors } from '../lib/tensors.js';
import { type NodeSpec, onnx, port, type TensorSpec } from '../testing/onnxBytes.js';
import { importedNetwork } from './network.js';
import { operators } from './operators/index.js';
import { readOnnx } from './readOnnx.js';

beforeAll(() => loadEngine());

/** A network of one operator, or as few as it needs, whose numbers are worked out beside it. */
interface Case {
  opset?: number;
  /** Of `x`, without the number of images: [c,h,w]; [1,2,4] unless told. */
  shape?: [number, number, number];
  /** Numbers of `x`; some between −1 and 1 unless told. */
  values?: number[];
  /** From `x` to `y`, of any shape: what comes out is laid in a row. */
  nodes: NodeSpec[];
  constants?: Record<string, TensorSpec>;
  expected: number[] | ((x: number[]) => number[]);
  /** Of an operator without one. */
  gradient?: false;
}

/** Away from 0, from one another and from whole numbers. */
const someNumbers = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => Math.round(1000 * Math.sin(2.3 * i + 0.7)) / 1100 + (i % 3) * 0.003,
  );
const one = (op: string, attributes: NodeSpec['attributes'] = {}, ...more: string[]): NodeSpec => ({
  op,
  inputs: ['x', ...more],
  attributes,
});
const ints = (...values: number[]): TensorSpec => ({ dims: [values.length], type: 7, values });
const reals = (...values: number[]): TensorSpec => ({ dims: [values.length], values });
const map = (fn: (x: number) => number) => (x: number[]) => x.map(fn);

function check({ opset = 17, shape = [1, 2, 4], nodes, constants = {}, ...rest }: Case) {
  const [channels, height, width] = shape;
  const size = channels * height * width;
  const values = rest.values ?? someNumbers(size);
  const bytes = onnx({
    opset,
    nodes: [...nodes, { op: 'Flatten', inputs: ['y'], outputs: ['row'], attributes: { axis: 1 } }],
    constants,
    inputs: [port('x', [-1, ...shape])],
    outputs: [port('row', [-1, -1])],
  });
  const { graph, weights } = readOnnx(bytes);
  const network = importedNetwork(graph, { height, width, channels });
  const expected = typeof rest.expected === 'function' ? rest.expected(values) : rest.expected;
  tf.tidy(() => {
    const tensors = toTensors(weights);
    const images = tf.transpose(tf.tensor4d(values, [1, ...shape]), [0, 2, 3, 1]) as tf.Tensor4D;
    const logits = (x: tf.Tensor) => network.logits(tensors, x as tf.Tensor4D);
    const came = Array.from(logits(images).dataSync());
    expect(came).toHaveLength(expected.length);
    const most = Math.max(1, ...expected.map(Math.abs));
    came.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!), `${i}: ${value}, expected ${expected[i]}`).toBeLessThan(
        2e-5 * most,
      );
    });
    // Two images are each one's own, where the file does not say otherwise.
    const both = logits(tf.concat([tf.mul(images, 0.5), images], 0) as tf.Tensor4D).dataSync();
    came.forEach((value, i) => {
      expect(both[came.length + i]).toBeCloseTo(value, 4);
    });
    if (rest.gradient === false) return;
    // By differences, which 32 bits tell to a few thousandths.
    const mix = tf.tensor2d(
      came.map((_, i) => 0.5 + ((i * 7) % 5) / 5),
      [1, came.length],
    );
    const loss = (x: tf.Tensor): tf.Scalar => tf.sum(tf.mul(logits(x), mix));
    const gradient = tf.grad(loss)(images).dataSync();
    const [step, start] = [2e-3, images.dataSync()];
    for (let i = 0; i < size; i++) {
      const shifted = (by: number) =>
        loss(
          tf.tensor4d(
            start.map((x, k) => (k === i ? x + by : x)),
            images.shape,
          ),
        ).dataSync()[0]!;
      const slope = (shifted(step) - shifted(-step)) / (2 * step);
      expect(
        Math.abs(gradient[i]! - slope),
        `gradient ${i}: ${gradient[i]}, by differences ${slope}`,
      ).toBeLessThan(5e-3 * Math.max(2, Math.abs(slope), ...expected.map(Math.abs)));
    }
  });
}

const positive = someNumbers(8).map((x) => Math.abs(x) + 0.3);
const erf = (x: number) => {
  // Its series: exact for small numbers.
  let [sum, term] = [0, x];
  for (let n = 0; n < 40; n++) {
    sum += term / (2 * n + 1);
    term *= -(x * x) / (n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
};
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.log1p(Math.exp(x));
const elu = (x: number, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x));

const UNARY: Record<
  string,
  {
    fn(x: number): number;
    attributes?: NodeSpec['attributes'];
    values?: number[];
    opset?: number;
    gradient?: false;
  }
> = {
  Abs: { fn: Math.abs },
  Ceil: { fn: Math.ceil, gradient: false },
  Celu: { fn: (x) => 0.5 * elu(x / 0.5), attributes: { alpha: 0.5 } },
  Cos: { fn: Math.cos },
  Elu: { fn: (x) => elu(x, 0.7), attributes: { alpha: 0.7 } },
  Erf: { fn: erf },
  Exp: { fn: Math.exp },
  Floor: { fn: Math.floor, gradient: false },
  Gelu: { fn: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)), opset: 20 },
  HardSigmoid: { fn: (x) => Math.min(1, Math.max(0, 0.3 * x + 0.4)), attributes: { alpha: 0.3, beta: 0.4 } },
  HardSwish: { fn: (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6 },
  Identity: { fn: (x) => x },
  LeakyRelu: { fn: (x) => (x > 0 ? x : 0.2 * x), attributes: { alpha: 0.2 } },
  Log: { fn: Math.log, values: positive },
  Mish: { fn: (x) => x * Math.tanh(softplus(x)), opset: 18 },
  Neg: { fn: (x) => -x },
  Reciprocal: { fn: (x) => 1 / x, values: positive },
  Relu: { fn: (x) => Math.max(0, x), opset: 7 },
  Round: { fn: (x) => Math.round(x), gradient: false },
  Selu: { fn: (x) => 1.05070098 * elu(x, 1.67326324) },
  Sigmoid: { fn: sigmoid },
  Sign: { fn: Math.sign, gradient: false },
  Sin: { fn: Math.sin },
  Softplus: { fn: softplus },
  Softsign: { fn: (x) => x / (1 + Math.abs(x)) },
  Sqrt: { fn: Math.sqrt, values: positive },
  Tanh: { fn: Math.tanh },
  ThresholdedRelu: { fn: (x) => (x > 0.25 ? x : 0), attributes: { alpha: 0.25 } },
};

const clip = (low: number, high: number) => map((x) => Math.min(high, Math.max(low, x)));
const row = [0.5, -0.25, 2, 1];
const across = (fn: (x: number, y: number) => number) => (x: number[]) =>
  x.map((own, i) => fn(own, row[i % 4]!));
const c = { c: reals(...row) };
const chunk = (x: number[], length: number) =>
  Array.from({ length: x.length / length }, (_, i) => x.slice(i * length, (i + 1) * length));
const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
const mean = (x: number[]) => sum(x) / x.length;
const even = (x: number[], epsilon = 1e-5) => {
  const variance = mean(x.map((v) => (v - mean(x)) ** 2));
  return x.map((v) => (v - mean(x)) / Math.sqrt(variance + epsilon));
};
const softmax = (x: number[]) => x.map((v) => Math.exp(v) / sum(x.map(Math.exp)));
const image: [number, number, number] = [2, 2, 2];
/** Cast to bool and back, so that what is true is 1. */
const truth = (op: string, second = 'c'): NodeSpec[] => [
  { op, inputs: ['x', second], outputs: ['t'] },
  { op: 'Cast', inputs: ['t'], attributes: { to: 1 } },
];

const CASES: Record<string, Case> = {
  'Add 7, broadcast': {
    opset: 7,
    nodes: [one('Add', {}, 'c')],
    constants: c,
    expected: across((x, y) => x + y),
  },
  'Sub 14': { opset: 14, nodes: [one('Sub', {}, 'c')], constants: c, expected: across((x, y) => x - y) },
  Mul: { nodes: [one('Mul', {}, 'c')], constants: c, expected: across((x, y) => x * y) },
  'Mul with itself': { nodes: [one('Mul', {}, 'x')], expected: map((x) => x * x) },
  'Div by what the image says': {
    nodes: [
      { op: 'Abs', inputs: ['x'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'c'], outputs: ['b'] },
      { op: 'Div', inputs: ['x', 'b'] },
    ],
    constants: { c: reals(1) },
    expected: map((x) => x / (Math.abs(x) + 1)),
  },
  'Pow 2': {
    nodes: [one('Pow', {}, 'c')],
    constants: { c: { dims: [], values: [2] } },
    expected: map((x) => x * x),
  },
  'Pow 1.5': {
    nodes: [one('Pow', {}, 'c')],
    values: positive,
    constants: { c: reals(1.5) },
    expected: map((x) => x ** 1.5),
  },
  'Max 13, broadcast': { nodes: [one('Max', {}, 'c')], constants: c, expected: across(Math.max) },
  'Min 8, broadcast': { opset: 8, nodes: [one('Min', {}, 'c')], constants: c, expected: across(Math.min) },
  'Sum of three': { nodes: [one('Sum', {}, 'x', 'c')], constants: c, expected: across((x, y) => 2 * x + y) },
  'Mean of two': { nodes: [one('Mean', {}, 'c')], constants: c, expected: across((x, y) => (x + y) / 2) },
  'Clip 7': { opset: 7, nodes: [one('Clip', { min: -0.31, max: 0.52 })], expected: clip(-0.31, 0.52) },
  'Clip 13': {
    nodes: [one('Clip', {}, 'a', 'b')],
    constants: { a: { dims: [], values: [-0.31] }, b: { dims: [], values: [0.52] } },
    expected: clip(-0.31, 0.52),
  },
  'Clip to ReLU6': {
    nodes: [one('Clip', { min: { float: 0 }, max: { float: 6 } })],
    opset: 10,
    expected: clip(0, 6),
  },
  PRelu: { nodes: [one('PRelu', {}, 'c')], constants: c, expected: across((x, y) => (x > 0 ? x : x * y)) },
  Greater: {
    nodes: truth('Greater'),
    constants: c,
    expected: across((x, y) => Number(x > y)),
    gradient: false,
  },
  Less: { nodes: truth('Less'), constants: c, expected: across((x, y) => Number(x < y)), gradient: false },
  GreaterOrEqual: {
    nodes: truth('GreaterOrEqual'),
    constants: c,
    expected: across((x, y) => Number(x >= y)),
    gradient: false,
  },
  LessOrEqual: {
    nodes: truth('LessOrEqual'),
    constants: c,
    expected: across((x, y) => Number(x <= y)),
    gradient: false,
  },
  Equal: { nodes: truth('Equal', 'x'), expected: map(() => 1), gradient: false },
  ...Object.fromEntries(
    Object.entries({
      And: (a: boolean, b: boolean) => a && b,
      Or: (a: boolean, b: boolean) => a || b,
      Xor: (a: boolean, b: boolean) => a !== b,
    }).map(([op, fn]) => [
      op,
      {
        nodes: [
          { op: 'Greater', inputs: ['x', 'a'], outputs: ['p'], name: 'p' },
          { op: 'Less', inputs: ['x', 'b'], outputs: ['q'], name: 'q' },
          { op, inputs: ['p', 'q'], outputs: ['r'] },
          { op: 'Not', inputs: ['r'], outputs: ['s'] },
          { op: 'Cast', inputs: ['s'], attributes: { to: 1 } },
        ],
        constants: { a: reals(0.1), b: reals(0.5) },
        expected: map((x) => Number(!fn(x > 0.1, x < 0.5))),
        gradient: false,
      } satisfies Case,
    ]),
  ),
  'Where by the image': {
    nodes: [
      { op: 'Greater', inputs: ['x', 'a'], outputs: ['t'] },
      { op: 'Exp', inputs: ['x'], outputs: ['e'] },
      { op: 'Where', inputs: ['t', 'e', 'c'] },
    ],
    constants: { ...c, a: reals(0.1) },
    expected: across((x, y) => (x > 0.1 ? Math.exp(x) : y)),
  },
  'Cast there and back': { nodes: [one('Cast', { to: 11 })], expected: map((x) => x) },
  'Dropout 7': { opset: 7, nodes: [one('Dropout', { ratio: 0.3 })], expected: map((x) => x) },
  'Dropout 10, with a mask that nobody takes': {
    opset: 10,
    nodes: [
      { op: 'Dropout', inputs: ['x'], outputs: ['d', 'mask'] },
      { op: 'Neg', inputs: ['d'] },
    ],
    expected: map((x) => -x),
  },
  'Dropout 13': { nodes: [one('Dropout', { seed: 1 }, '', '')], expected: map((x) => x) },

  'ReduceMean 11': {
    opset: 11,
    nodes: [one('ReduceMean', { axes: [3], keepdims: 0 })],
    expected: (x) => chunk(x, 4).map(mean),
  },
  'ReduceMean 18': {
    opset: 18,
    nodes: [one('ReduceMean', {}, 'a')],
    constants: { a: ints(2, 3) },
    shape: image,
    expected: (x) => chunk(x, 4).map(mean),
  },
  ReduceSum: {
    nodes: [one('ReduceSum', { keepdims: 0 }, 'a')],
    constants: { a: ints(-1) },
    expected: (x) => chunk(x, 4).map(sum),
  },
  ReduceMax: {
    nodes: [one('ReduceMax', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => Math.max(...own)),
  },
  ReduceMin: {
    nodes: [one('ReduceMin', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => Math.min(...own)),
  },
  ReduceL1: {
    nodes: [one('ReduceL1', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => sum(own.map(Math.abs))),
  },
  ReduceL2: {
    nodes: [one('ReduceL2', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => Math.hypot(...own)),
  },
  ReduceProd: {
    nodes: [one('ReduceProd', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => own.reduce((a, b) => a * b)),
  },
  ReduceSumSquare: {
    nodes: [one('ReduceSumSquare', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => sum(own.map((v) => v * v))),
  },
  ReduceLogSumExp: {
    nodes: [one('ReduceLogSumExp', { axes: [3] })],
    expected: (x) => chunk(x, 4).map((own) => Math.log(sum(own.map(Math.exp)))),
  },
  'Softmax 13': {
    nodes: [one('Softmax', { axis: 3 })],
    expected: (x) => chunk(x, 4).flatMap(softmax),
  },
  'Softmax 11, over all axes behind': { opset: 11, nodes: [one('Softmax', { axis: 1 })], expected: softmax },
  'Softmax over channels': {
    shape: image,
    nodes: [one('Softmax', { axis: 1 })],
    expected: (x) => {
      const pairs = [0, 1, 2, 3].map((i) => softmax([x[i]!, x[i + 4]!]));
      return [...pairs.map((p) => p[0]!), ...pairs.map((p) => p[1]!)];
    },
  },
  LogSoftmax: {
    nodes: [one('LogSoftmax', { axis: -1 })],
    expected: (x) => chunk(x, 4).flatMap((own) => softmax(own).map(Math.log)),
  },
  LayerNormalization: {
    nodes: [one('LayerNormalization', { epsilon: 1e-5 }, 'c', 'd')],
    constants: { ...c, d: reals(1, 0, 0, 2) },
    expected: (x) => chunk(x, 4).flatMap((own) => even(own).map((v, i) => v * row[i]! + [1, 0, 0, 2][i]!)),
  },
  InstanceNormalization: {
    shape: image,
    nodes: [one('InstanceNormalization', {}, 'c', 'd')],
    constants: { c: reals(2, 3), d: reals(1, -1) },
    expected: (x) => [
      ...even(x.slice(0, 4)).map((v) => 2 * v + 1),
      ...even(x.slice(4)).map((v) => 3 * v - 1),
    ],
  },
  'GroupNormalization 21': {
    opset: 21,
    shape: image,
    nodes: [one('GroupNormalization', { num_groups: 1 }, 'c', 'd')],
    constants: { c: reals(2, 3), d: reals(1, -1) },
    expected: (x) => even(x).map((v, i) => (i < 4 ? 2 * v + 1 : 3 * v - 1)),
  },
  'GroupNormalization 18': {
    opset: 18,
    shape: image,
    nodes: [one('GroupNormalization', { num_groups: 1 }, 'c', 'd')],
    constants: { c: reals(2), d: reals(1) },
    expected: (x) => even(x).map((v) => 2 * v + 1),
  },
  LpNormalization: {
    nodes: [one('LpNormalization', { axis: 3 })],
    expected: (x) => chunk(x, 4).flatMap((own) => own.map((v) => v / Math.hypot(...own))),
  },
  BatchNormalization: {
    shape: image,
    opset: 9,
    nodes: [one('BatchNormalization', { epsilon: 0.5 }, 's', 'b', 'm', 'v')],
    constants: { s: reals(2, 3), b: reals(1, -1), m: reals(0.1, 0.2), v: reals(0.5, 3.5) },
    expected: (x) => x.map((v, i) => (i < 4 ? 2 * (v - 0.1) + 1 : (3 * (v - 0.2)) / 2 - 1)),
  },
  'Gemm, turned': {
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['f'] },
      { op: 'Gemm', inputs: ['f', 'w', 'b'], attributes: { transB: 1, alpha: 0.5, beta: { float: 2 } } },
    ],
    constants: { w: { dims: [2, 8], values: Array.from({ length: 16 }, (_, i) => i - 7) }, b: reals(1, 2) },
    expected: (x) => [0, 1].map((o) => 0.5 * sum(x.map((v, i) => v * (o * 8 + i - 7))) + 2 * (o + 1)),
  },
  MatMul: {
    nodes: [one('MatMul', {}, 'w')],
    constants: { w: { dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] } },
    expected: (x) =>
      chunk(x, 4).flatMap((own) => [0, 1].map((o) => sum(own.map((v, i) => v * (2 * i + o + 1))))),
  },
  'MatMul of two images': {
    nodes: [
      { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [0, 1, 3, 2] } },
      { op: 'MatMul', inputs: ['x', 't'] },
    ],
    expected: (x) => {
      const rows = chunk(x, 4);
      return rows.flatMap((a) => rows.map((b) => sum(a.map((v, i) => v * b[i]!))));
    },
  },
  Einsum: {
    nodes: [
      { op: 'Squeeze', inputs: ['x', 'a'], outputs: ['s'] },
      { op: 'Einsum', inputs: ['s', 'w'], attributes: { equation: 'nij, jk -> nik' } },
    ],
    constants: { a: ints(1), w: { dims: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] } },
    expected: (x) =>
      chunk(x, 4).flatMap((own) => [0, 1].map((o) => sum(own.map((v, i) => v * (2 * i + o + 1))))),
  },

  'Reshape with 0 and −1': {
    nodes: [one('Reshape', {}, 's')],
    constants: { s: ints(0, -1, 2) },
    expected: map((x) => x),
  },
  Flatten: {
    nodes: [one('Flatten', { axis: -3 })],
    expected: map((x) => x),
  },
  'Squeeze 11 and Unsqueeze 11': {
    opset: 11,
    nodes: [
      { op: 'Squeeze', inputs: ['x'], outputs: ['s'], attributes: { axes: [1] } },
      { op: 'Unsqueeze', inputs: ['s'], attributes: { axes: [-1] } },
    ],
    expected: map((x) => x),
  },
  'Squeeze 13 and Unsqueeze 13': {
    nodes: [
      { op: 'Squeeze', inputs: ['x', 'a'], outputs: ['s'] },
      { op: 'Unsqueeze', inputs: ['s', 'a'] },
    ],
    constants: { a: ints(1) },
    expected: map((x) => x),
  },
  Transpose: {
    nodes: [one('Transpose', { perm: [0, 3, 2, 1] })],
    expected: (x) => [0, 1, 2, 3].flatMap((i) => [x[i]!, x[i + 4]!]),
  },
  Concat: {
    nodes: [one('Concat', { axis: 3 }, 'x')],
    expected: (x) => chunk(x, 4).flatMap((own) => [...own, ...own]),
  },
  'Split 11': {
    opset: 11,
    nodes: [
      { op: 'Split', inputs: ['x'], outputs: ['a', 'b'], attributes: { axis: 3, split: [1, 3] } },
      { op: 'Concat', inputs: ['b', 'a'], attributes: { axis: 3 } },
    ],
    expected: (x) => chunk(x, 4).flatMap((own) => [...own.slice(1), own[0]!]),
  },
  'Split 18': {
    opset: 18,
    nodes: [
      { op: 'Split', inputs: ['x'], outputs: ['a', 'b', 'd'], attributes: { axis: 3, num_outputs: 3 } },
    ],
    expected: [],
  },
  'Slice 9': {
    opset: 9,
    nodes: [one('Slice', { axes: [3], starts: [1], ends: [-1] })],
    expected: (x) => chunk(x, 4).flatMap((own) => own.slice(1, 3)),
  },
  'Slice 13, every other one': {
    nodes: [one('Slice', {}, 's', 'e', 'a', 't')],
    constants: { s: ints(0), e: ints(2 ** 40), a: ints(-1), t: ints(2) },
    expected: (x) => chunk(x, 4).flatMap((own) => [own[0]!, own[2]!]),
  },
  'Slice backwards': {
    nodes: [one('Slice', {}, 's', 'e', 'a', 't')],
    constants: { s: ints(-1), e: ints(-99), a: ints(3), t: ints(-1) },
    expected: (x) => chunk(x, 4).flatMap((own) => own.toReversed()),
  },
  'Gather of several': {
    nodes: [one('Gather', { axis: 3 }, 'i')],
    constants: { i: { dims: [1, 3], type: 7, values: [-1, 0, 0] } },
    expected: (x) => chunk(x, 4).flatMap((own) => [own[3]!, own[0]!, own[0]!]),
  },
  'Gather of one': {
    nodes: [one('Gather', { axis: 2 }, 'i')],
    constants: { i: { dims: [], type: 7, values: [1] } },
    expected: (x) => x.slice(4),
  },
  GatherND: {
    nodes: [
      { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [3, 2, 1, 0] } },
      { op: 'GatherND', inputs: ['t', 'i'], outputs: ['g'] },
      { op: 'Transpose', inputs: ['g'], attributes: { perm: [2, 0, 1] } },
    ],
    constants: { i: { dims: [2, 2], type: 7, values: [3, 0, 1, 1] } },
    expected: (x) => [x[3]!, x[5]!],
  },
  Expand: {
    nodes: [one('Expand', {}, 's')],
    constants: { s: ints(1, 2, 1, 1) },
    expected: (x) => [...x, ...x],
  },
  Tile: {
    nodes: [one('Tile', {}, 's')],
    constants: { s: ints(1, 1, 1, 2) },
    expected: (x) => chunk(x, 4).flatMap((own) => [...own, ...own]),
  },
  'Pad 10': {
    opset: 10,
    nodes: [one('Pad', { pads: [0, 0, 0, 1, 0, 0, 0, 0], value: 0.5 })],
    expected: (x) => chunk(x, 4).flatMap((own) => [0.5, ...own]),
  },
  'Pad 13, mirrored': {
    nodes: [one('Pad', { mode: 'reflect' }, 'p')],
    constants: { p: ints(0, 0, 0, 2, 0, 0, 0, 1) },
    expected: (x) => chunk(x, 4).flatMap((own) => [own[2]!, own[1]!, ...own, own[2]!]),
  },
  'Pad 13, the edge': {
    nodes: [one('Pad', { mode: 'edge' }, 'p')],
    constants: { p: ints(0, 0, 0, 1, 0, 0, 0, -1) },
    expected: (x) => chunk(x, 4).flatMap((own) => [own[0]!, ...own.slice(0, 3)]),
  },
  'Shape, arithmetic on it, Range, ConstantOfShape, ScatterND': {
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Gather', inputs: ['s', 'i3'], outputs: ['w'], name: 'w' },
      { op: 'Range', inputs: ['i0', 'w', 'i1'], outputs: ['r'] },
      { op: 'Mod', inputs: ['r', 'i2'], outputs: ['m'] },
      { op: 'Cast', inputs: ['m'], outputs: ['f'], attributes: { to: 1 } },
      {
        op: 'ConstantOfShape',
        inputs: ['l'],
        outputs: ['z'],
        attributes: { value: { tensor: { dims: [1], values: [3] } } },
      },
      { op: 'ScatterND', inputs: ['z', 'at', 'c9'], outputs: ['u'] },
      { op: 'Add', inputs: ['f', 'u'], outputs: ['k'], name: 'k' },
      { op: 'Mul', inputs: ['x', 'k'] },
    ],
    constants: {
      i0: { dims: [], type: 7, values: [0] },
      i1: { dims: [], type: 7, values: [1] },
      i2: { dims: [], type: 7, values: [2] },
      i3: { dims: [], type: 7, values: [3] },
      l: ints(4),
      at: { dims: [1, 1], type: 7, values: [2] },
      c9: reals(9),
    },
    expected: (x) => x.map((v, i) => v * [3, 4, 9, 4][i % 4]!),
  },
  'Size and Constant': {
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['start'], attributes: { value_ints: [0, 2] }, name: 'start' },
      { op: 'Size', inputs: ['c'], outputs: ['size'] },
      { op: 'Constant', inputs: [], outputs: ['axis'], attributes: { value: { tensor: ints(0) } } },
      { op: 'Unsqueeze', inputs: ['size', 'axis'], outputs: ['end'] },
      { op: 'Concat', inputs: ['start', 'end'], outputs: ['target'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'target'] },
    ],
    constants: c,
    expected: map((x) => x),
  },

  MaxPool: {
    nodes: [one('MaxPool', { kernel_shape: [2, 2], strides: [1, 1] })],
    expected: (x) => [0, 1, 2].map((i) => Math.max(x[i]!, x[i + 1]!, x[i + 4]!, x[i + 5]!)),
  },
  'MaxPool, padded and rounded up': {
    nodes: [one('MaxPool', { kernel_shape: [1, 3], strides: [1, 3], pads: [0, 1, 0, 0], ceil_mode: 1 })],
    expected: (x) => chunk(x, 4).flatMap((own) => [Math.max(own[0]!, own[1]!), Math.max(own[2]!, own[3]!)]),
  },
  'AveragePool, what is padded counts': {
    nodes: [
      one('AveragePool', { kernel_shape: [1, 2], strides: [1, 2], pads: [0, 1, 0, 1], count_include_pad: 1 }),
    ],
    expected: (x) => chunk(x, 4).flatMap(([a, b, d, e]) => [a! / 2, (b! + d!) / 2, e! / 2]),
  },
  'AveragePool, what is padded does not count': {
    nodes: [one('AveragePool', { kernel_shape: [1, 2], strides: [1, 2], pads: [0, 1, 0, 1] })],
    expected: (x) => chunk(x, 4).flatMap(([a, b, d, e]) => [a!, (b! + d!) / 2, e!]),
  },
  GlobalAveragePool: {
    shape: image,
    nodes: [one('GlobalAveragePool')],
    expected: (x) => chunk(x, 4).map(mean),
  },
  GlobalMaxPool: {
    shape: image,
    nodes: [one('GlobalMaxPool')],
    expected: (x) => chunk(x, 4).map((own) => Math.max(...own)),
  },
  LRN: {
    shape: image,
    nodes: [one('LRN', { size: 3, alpha: 0.3, beta: 0.5, bias: { float: 2 } })],
    expected: (x) => x.map((v, i) => v / Math.sqrt(2 + 0.1 * (x[i % 4]! ** 2 + x[(i % 4) + 4]! ** 2))),
  },
  'DepthToSpace DCR': {
    shape: [4, 1, 2],
    nodes: [one('DepthToSpace', { blocksize: 2 })],
    expected: (x) => [x[0]!, x[2]!, x[1]!, x[3]!, x[4]!, x[6]!, x[5]!, x[7]!],
  },
  // Row p and column 2z + q of channel c show channel 4c + 2p + q.
  'DepthToSpace CRD': {
    shape: [8, 1, 2],
    nodes: [one('DepthToSpace', { blocksize: 2, mode: 'CRD' })],
    expected: (x) =>
      [0, 2, 4, 6].flatMap((first) => [0, 1].flatMap((z) => [0, 1].map((q) => x[(first + q) * 2 + z]!))),
  },
  SpaceToDepth: {
    shape: [1, 2, 4],
    nodes: [one('SpaceToDepth', { blocksize: 2 })],
    expected: (x) => [x[0]!, x[2]!, x[1]!, x[3]!, x[4]!, x[6]!, x[5]!, x[7]!],
  },
  'Resize 10, nearest': {
    opset: 10,
    nodes: [one('Resize', { mode: 'nearest' }, 's')],
    constants: { s: reals(1, 1, 1, 2) },
    expected: (x) => x.flatMap((v) => [v, v]),
  },
  'Upsample 9': {
    opset: 9,
    nodes: [one('Upsample', { mode: 'nearest' }, 's')],
    constants: { s: reals(1, 1, 2, 1) },
    expected: (x) => [...x.slice(0, 4), ...x.slice(0, 4), ...x.slice(4), ...x.slice(4)],
  },
  // Output k lies at k/2 − 1/4: a quarter of the pixel beside it.
  'Resize 13, linear, half pixels': {
    shape: [1, 1, 4],
    nodes: [one('Resize', { mode: 'linear' }, '', '', 's')],
    constants: { s: ints(1, 1, 1, 8) },
    expected: ([a, b, d, e]) => [
      a!,
      0.75 * a! + 0.25 * b!,
      0.25 * a! + 0.75 * b!,
      0.75 * b! + 0.25 * d!,
      0.25 * b! + 0.75 * d!,
      0.75 * d! + 0.25 * e!,
      0.25 * d! + 0.75 * e!,
      e!,
    ],
  },
  'Resize 13, linear, corners': {
    shape: [1, 1, 4],
    nodes: [one('Resize', { mode: 'linear', coordinate_transformation_mode: 'align_corners' }, '', '', 's')],
    constants: { s: ints(1, 1, 1, 7) },
    expected: ([a, b, d, e]) => [a!, (a! + b!) / 2, b!, (b! + d!) / 2, d!, (d! + e!) / 2, e!],
  },
  'Resize 13, nearest, half pixels down': {
    shape: [1, 1, 4],
    nodes: [one('Resize', { mode: 'nearest', nearest_mode: 'floor' }, '', '', 's')],
    constants: { s: ints(1, 1, 1, 2) },
    expected: ([a, , d]) => [a!, d!],
  },
};
CASES['Split 18']!.nodes = [
  { op: 'Split', inputs: ['x'], outputs: ['a', 'b', 'd', 'e'], attributes: { axis: 3, num_outputs: 4 } },
  { op: 'Concat', inputs: ['e', 'a'], attributes: { axis: 3 } },
];
CASES['Split 18']!.expected = (x) => chunk(x, 4).flatMap((own) => [own[3]!, own[0]!]);

describe('one operator', () => {
  it.each(Object.entries(UNARY))('%s', (op, { fn, attributes, values, opset, gradient }) => {
    check({
      ...(opset !== undefined && { opset }),
      ...(values && { values }),
      ...(gradient === false && { gradient }),
      nodes: [one(op, attributes)],
      expected: map(fn),
    });
  });

  it.each(Object.entries(CASES))('%s', (_, own) => check(own));

  it('has a test here or in the convolutions below', () => {
    const tested = new Set([
      ...Object.keys(UNARY),
      ...Object.values(CASES).flatMap(({ nodes }) => nodes.map(({ op }) => op)),
      'Conv',
      'ConvTranspose',
    ]);
    expect(Object.keys(operators).filter((op) => !tested.has(op))).toEqual([]);
  });
});

/** By the definition, one number after the other: [c,h,w] by [o,i,kh,kw]. */
interface Kernel {
  outputs: number;
  side: [number, number];
  group?: number;
  strides?: [number, number];
  dilations?: [number, number];
  pads?: [number, number, number, number];
}
function convolved(
  x: number[],
  [c, h, w]: [number, number, number],
  weight: number[],
  bias: number[],
  kernel: Kernel,
) {
  const { outputs, side, group = 1, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0] } = kernel;
  const inputs = c / group;
  const count = (length: number, axis: 0 | 1) =>
    Math.floor(
      (length + pads[axis] + pads[axis + 2]! - (side[axis] - 1) * dilations[axis] - 1) / strides[axis],
    ) + 1;
  const result: number[] = [];
  for (let o = 0; o < outputs; o++)
    for (let y = 0; y < count(h, 0); y++)
      for (let z = 0; z < count(w, 1); z++) {
        let total = bias[o]!;
        for (let i = 0; i < inputs; i++)
          for (let p = 0; p < side[0]; p++)
            for (let q = 0; q < side[1]; q++) {
              const [r, s] = [
                y * strides[0] + p * dilations[0] - pads[0],
                z * strides[1] + q * dilations[1] - pads[1],
              ];
              const channel = Math.floor(o / (outputs / group)) * inputs + i;
              if (r >= 0 && r < h && s >= 0 && s < w)
                total +=
                  x[(channel * h + r) * w + s]! * weight[((o * inputs + i) * side[0] + p) * side[1] + q]!;
            }
        result.push(total);
      }
  return result;
}

it('docs/own-models.md lists what is supported', async () => {
  const text = await readFile(new URL('../../../../docs/own-models.md', import.meta.url), 'utf8');
  const tables = text.slice(text.indexOf('**Operators**'), text.indexOf('Indices, axes'));
  expect((tables.match(/\b[A-Z][A-Za-z0-9]+\b/g) ?? []).slice(1).sort()).toEqual(
    Object.keys(operators).sort(),
  );
});

describe('convolutions', () => {
  const shape: [number, number, number] = [4, 5, 6];
  const kernels: Record<string, Kernel> = {
    'of 1×1': { outputs: 2, side: [1, 1] },
    'of 3×3, padded': { outputs: 2, side: [3, 3], pads: [1, 1, 1, 1] },
    'of 3×3 with stride 2': { outputs: 2, side: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
    'of 2×2 with stride 2': { outputs: 3, side: [2, 2], strides: [2, 2] },
    'of 4×4 with stride 3': { outputs: 3, side: [4, 4], strides: [3, 3], pads: [2, 2, 1, 1] },
    'of 1×1 with stride 2': { outputs: 3, side: [1, 1], strides: [2, 2] },
    'of 1×3 with uneven strides': { outputs: 2, side: [1, 3], strides: [1, 2], pads: [0, 1, 0, 0] },
    dilated: { outputs: 2, side: [2, 3], dilations: [2, 2], pads: [0, 2, 1, 2] },
    'in groups': { outputs: 6, side: [3, 3], group: 2, pads: [1, 1, 1, 1] },
    'in groups with stride 2': { outputs: 4, side: [3, 3], group: 2, strides: [2, 2] },
    'by channel': { outputs: 4, side: [3, 3], group: 4, pads: [1, 1, 1, 1] },
    'by channel, twice as many': { outputs: 8, side: [2, 2], group: 4, strides: [2, 2] },
    'by channel, uneven strides': { outputs: 4, side: [3, 3], group: 4, strides: [2, 1], pads: [1, 1, 1, 1] },
    'by channel, dilated': { outputs: 4, side: [3, 2], group: 4, dilations: [2, 3], pads: [2, 0, 2, 0] },
  };
  it.each(Object.entries(kernels))('%s', (_, kernel) => {
    const { outputs, side, group = 1, strides, dilations, pads } = kernel;
    const dims = [outputs, shape[0] / group, ...side];
    const weight = someNumbers(dims.reduce((n, d) => n * d));
    const bias = someNumbers(outputs);
    check({
      shape,
      nodes: [
        {
          op: 'Conv',
          inputs: ['x', 'w', 'b'],
          attributes: {
            group,
            kernel_shape: side,
            ...(strides && { strides }),
            ...(dilations && { dilations }),
            ...(pads && { pads }),
          },
        },
      ],
      constants: { w: { dims, values: weight }, b: { dims: [outputs], values: bias } },
      expected: (x) => convolved(x, shape, weight, bias, kernel),
    });
  });

  it('padded by themselves, as Keras has them', () => {
    const weight = someNumbers(2 * 4 * 9);
    for (const [auto, pads] of [
      ['SAME_UPPER', [1, 0, 1, 1]],
      ['SAME_LOWER', [1, 1, 1, 0]],
      ['VALID', [0, 0, 0, 0]],
    ] as const)
      check({
        shape,
        nodes: [{ op: 'Conv', inputs: ['x', 'w'], attributes: { strides: [2, 2], auto_pad: auto } }],
        constants: { w: { dims: [2, 4, 3, 3], values: weight } },
        expected: (x) =>
          convolved(x, shape, weight, [0, 0], {
            outputs: 2,
            side: [3, 3],
            strides: [2, 2],
            pads: [...pads] as Kernel['pads'],
          }),
      });
  });

  it('take the normalisation behind them into their kernel', () => {
    const weight = someNumbers(2 * 4 * 9);
    const norm = { s: [2, -1], o: [0.5, 1], m: [0.2, -0.1], v: [1.5, 3] };
    check({
      shape,
      nodes: [
        { op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['c'], name: 'c' },
        { op: 'BatchNormalization', inputs: ['c', 's', 'o', 'm', 'v'], attributes: { epsilon: 0.5 } },
      ],
      constants: {
        w: { dims: [2, 4, 3, 3], values: weight },
        b: reals(0.3, 0.7),
        ...Object.fromEntries(Object.entries(norm).map(([name, values]) => [name, reals(...values)])),
      },
      expected: (x) => {
        const plain = convolved(x, shape, weight, [0.3, 0.7], { outputs: 2, side: [3, 3] });
        return plain.map((value, i) => {
          const o = i < plain.length / 2 ? 0 : 1;
          return ((value - norm.m[o]!) / Math.sqrt(norm.v[o]! + 0.5)) * norm.s[o]! + norm.o[o]!;
        });
      },
    });
  });

  it('transposed: each number lays the kernel down', () => {
    const [h, w, side] = [2, 4, 3];
    for (const group of [1, 2]) {
      const perGroup = 2;
      const weight = someNumbers(2 * perGroup * side * side);
      const [strides, pads, extra] = [
        [2, 1],
        [1, 0, 1, 1],
        [1, 0],
      ];
      const [high, wide] = [(h - 1) * 2 + side + 1 - 2, (w - 1) * 1 + side - 1];
      check({
        shape: [2, h, w],
        nodes: [
          {
            op: 'ConvTranspose',
            inputs: ['x', 'w', 'b'],
            attributes: { group, strides, pads, output_padding: extra },
          },
        ],
        constants: {
          w: { dims: [2, perGroup, side, side], values: weight },
          b: { dims: [perGroup * group], values: [0.5, 1, 2, 3].slice(0, perGroup * group) },
        },
        expected: (x) => {
          const outputs = perGroup * group;
          const result = Array.from(
            { length: outputs * high * wide },
            (_, i) => [0.5, 1, 2, 3][Math.floor(i / (high * wide))]!,
          );
          for (let c = 0; c < 2; c++)
            for (let y = 0; y < h; y++)
              for (let z = 0; z < w; z++)
                for (let o = 0; o < perGroup; o++)
                  for (let p = 0; p < side; p++)
                    for (let q = 0; q < side; q++) {
                      const [r, s] = [y * 2 + p - 1, z + q];
                      const output = (group === 1 ? 0 : c * perGroup) + o;
                      if (r >= 0 && r < high && s >= 0 && s < wide)
                        result[(output * high + r) * wide + s]! +=
                          x[(c * h + y) * w + z]! * weight[((c * perGroup + o) * side + p) * side + q]!;
                    }
          return result;
        },
      });
    }
  });
});
