import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { toTensors } from '../lib/tensors.js';
import { floats, onnx, port } from '../testing/onnxBytes.js';
import { importedNetwork, summaryOf } from './network.js';
import { readOnnx } from './readOnnx.js';

/** Damaged files: whatever becomes of their bytes, they are refused with a sentence, or they are networks that run. */

/** How many files; a minute takes some 30,000 (TROJANSCOPE_FUZZ_RUNS=30000). */
const RUNS = Number(process.env.TROJANSCOPE_FUZZ_RUNS ?? 3_000);

const shape = { height: 4, width: 4, channels: 2 };
const numbers = (count: number) => Array.from({ length: count }, (_, i) => Math.sin(i));
const reals = (...dims: number[]) => ({ dims, values: numbers(dims.reduce((n, d) => n * d, 1)) });
const ints = (...values: number[]) => ({ dims: [values.length], type: 7, values });
/** Small networks that take most kinds of operators between them. */
const SEEDS = [
  onnx({
    inputs: [port('x', [-1, 2, 4, 4])],
    nodes: [
      {
        op: 'Conv',
        inputs: ['x', 'k', 'b'],
        outputs: ['a'],
        attributes: { pads: [1, 1, 1, 1], kernel_shape: [3, 3] },
      },
      { op: 'BatchNormalization', inputs: ['a', 'b', 'b', 'b', 'v'], outputs: ['n'] },
      { op: 'Clip', inputs: ['n', 'low', 'high'], outputs: ['r'] },
      { op: 'MaxPool', inputs: ['r'], outputs: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
      { op: 'ConvTranspose', inputs: ['p', 'k'], outputs: ['t'], attributes: { strides: [2, 2] } },
      { op: 'Resize', inputs: ['t', '', 's'], outputs: ['z'], attributes: { mode: 'linear' } },
      { op: 'Concat', inputs: ['z', 'z'], outputs: ['c'], attributes: { axis: 1 } },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['g'] },
      { op: 'Flatten', inputs: ['g'], outputs: ['f'] },
      { op: 'Gemm', inputs: ['f', 'w'], attributes: { transB: 1 } },
    ],
    constants: {
      k: reals(2, 2, 3, 3),
      b: reals(2),
      v: { dims: [2], raw: floats([1, 2]) },
      low: { dims: [], values: [0] },
      high: { dims: [], values: [6] },
      s: { dims: [4], values: [1, 1, 2, 2] },
      w: reals(3, 4),
    },
  }),
  onnx({
    inputs: [port('x', [1, 2, 4, 4])],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      { op: 'Slice', inputs: ['s', 'i0', 'i1'], outputs: ['n'] },
      { op: 'Concat', inputs: ['n', 'rest'], outputs: ['to'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'to'], outputs: ['r'] },
      { op: 'Transpose', inputs: ['r'], outputs: ['t'], attributes: { perm: [0, 2, 1] } },
      { op: 'LayerNormalization', inputs: ['t', 'g'], outputs: ['l'] },
      { op: 'MatMul', inputs: ['l', 'm'], outputs: ['q'] },
      { op: 'Softmax', inputs: ['q'], outputs: ['a'], attributes: { axis: -1 } },
      { op: 'Split', inputs: ['a'], outputs: ['a1', 'a2'], attributes: { axis: 2 } },
      { op: 'Greater', inputs: ['a1', 'a2'], outputs: ['c'] },
      { op: 'Where', inputs: ['c', 'a1', 'a2'], outputs: ['w'] },
      { op: 'Pad', inputs: ['w', 'pads'], outputs: ['p'] },
      { op: 'Gather', inputs: ['p', 'i1'], outputs: ['one'], attributes: { axis: 2 } },
      { op: 'ReduceMean', inputs: ['one'], attributes: { axes: [2], keepdims: 0 } },
    ],
    constants: {
      i0: ints(0),
      i1: ints(1),
      rest: ints(2, -1),
      g: reals(2),
      m: reals(2, 4),
      pads: ints(0, 0, 1, 0, 0, 0),
    },
  }),
];

/** Bytes changed, cut out or put in. */
const damage = fc.record({
  seed: fc.nat(SEEDS.length - 1),
  changes: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)),
      kind: fc.constantFrom('set', 'set', 'set', 'cut', 'add'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;
function damaged({ seed, changes }: Damage): Buffer {
  let file = Buffer.from(SEEDS[seed]!);
  for (const { at, value, kind } of changes) {
    const place = Math.floor(at * file.length);
    if (kind === 'set') file[place] = value;
    else if (kind === 'cut')
      file = Buffer.concat([file.subarray(0, place), file.subarray(place + 1 + (value % 40))]);
    else file = Buffer.concat([file.subarray(0, place), Buffer.from([value]), file.subarray(place)]);
  }
  return file;
}

beforeAll(() => loadEngine());

it(
  'a damaged file is refused with a sentence, or runs',
  () => {
    const before = tf.memory().numTensors;
    let slowest = 0;
    let ran = 0;
    fc.assert(
      fc.property(damage, (how) => {
        const started = performance.now();
        try {
          const { graph, weights } = readOnnx(damaged(how));
          const network = importedNetwork(graph, shape);
          summaryOf(graph, shape);
          tf.tidy(() => {
            const tensors = toTensors(weights);
            const images = tf.fill([2, 4, 4, 2], 0.5) as tf.Tensor4D;
            const gradient = tf.grad((x) => tf.sum(network.logits(tensors, x as tf.Tensor4D)))(images);
            expect(gradient.shape).toEqual(images.shape);
          });
          ran++;
        } catch (error) {
          if (!(error instanceof TrojanscopeError)) throw error;
          expect(error.message.length).toBeLessThan(1_000);
        }
        slowest = Math.max(slowest, performance.now() - started);
      }),
      { numRuns: RUNS, seed: 1, endOnFailure: true },
    );
    expect(slowest).toBeLessThan(2_000);
    // Changed weights are weights too.
    expect(ran).toBeGreaterThan(RUNS / 20);
    expect(tf.memory().numTensors).toBe(before);
  },
  RUNS * 20 + 60_000,
);
