import { tf } from '../../lib/backend.js';
import { type Call, type KnownCall, type Operator, one, type Value } from '../operator.js';
import { damaged, unsupported } from '../refusal.js';
import { axesOf, axisOf, broadcastDims, known, pickFrom, sizeOf, strides, within } from '../shapes.js';
import { inMemory, lying, plain } from '../tensors.js';

/** What sums over axes: reductions, normalisations, products of matrices. */

const floatsOf = (call: Call, i: number): Value => {
  const value = call.input(i);
  if (value.type !== 'float') throw damaged(`input ${i}: expected floats, got ${value.type}.`);
  return value;
};

/** The axes that a node reduces, and what is left; undefined where it reduces none. */
function reduction(call: Call): { axes: number[]; keep: boolean; dims: number[] } | undefined {
  const { dims } = call.input(0);
  const given = call.wholes(1, 'the axes') ?? call.ints('axes') ?? [];
  if (given.length === 0 && call.int('noop_with_empty_axes') === 1) return;
  const axes = given.length > 0 ? axesOf(given, dims.length) : dims.map((_, i) => i);
  const keep = call.int('keepdims') === 1;
  if (axes.some((axis) => dims[axis] === 0)) throw damaged(`expected numbers to reduce, got [${dims}].`);
  const kept = dims.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return { axes, keep, dims: keep ? kept : dims.filter((_, axis) => !axes.includes(axis)) };
}

const reduce = (
  fn: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor,
  onKnown?: (all: number[]) => number,
): Operator => ({
  inputs: [1, 2],
  attributes: {
    axes: { kind: 'ints' },
    keepdims: { kind: 'int', default: 1, from: 0, to: 1 },
    noop_with_empty_axes: { kind: 'int', default: 0, from: 0, to: 1 },
  },
  plan(call) {
    const how = reduction(call);
    const { dims } = floatsOf(call, 0);
    if (!how) return one(dims, ([x]) => x!);
    const { axes, keep } = how;
    return one(how.dims, ([x]) => {
      if (!x!.last) return lying(fn(x!.tensor, axes, keep));
      const marked = inMemory(
        x!,
        dims.map((_, axis) => axes.includes(axis)),
      );
      const spots = marked.flatMap((is, i) => (is ? [i] : []));
      if (keep) return lying(fn(x!.tensor, spots, true), true);
      // Without the rows and columns, both orders are the same.
      if (axes.includes(2) && axes.includes(3)) return lying(fn(x!.tensor, spots, false));
      return lying(fn(plain(x!), axes, false));
    });
  },
  ...(onKnown && { known: (call: KnownCall) => reduceKnown(call, onKnown) }),
});

function reduceKnown(call: KnownCall, fn: (all: number[]) => number): Value {
  const { dims, data, type } = call.input(0);
  const how = reduction(call);
  if (!how) return call.input(0);
  const own = strides(dims);
  const kept = dims.map((_, axis) => axis).filter((axis) => !how.axes.includes(axis));
  const outer = kept.map((axis) => dims[axis]!);
  const inner = how.axes.map((axis) => dims[axis]!);
  const offset = (place: readonly number[], axes: number[]) =>
    place.reduce((sum, p, i) => sum + p * own[axes[i]!]!, 0);
  const starts = pickFrom(
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
    outer,
    (place) => offset(place, kept),
  );
  const steps = pickFrom(
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
    inner,
    (place) => offset(place, how.axes),
  );
  return known(
    type,
    how.dims,
    starts.map((start) => fn(steps.map((step) => data[start + step]!))),
  );
}

/** Mean 0 and variance 1 over `axes`. */
function standardise(x: tf.Tensor, axes: number[], epsilon: number): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), epsilon)));
}
const EPSILON = { epsilon: { kind: 'float', default: 1e-5 } } as const;

const layerNormalization: Operator = {
  inputs: [2, 3],
  attributes: { ...EPSILON, axis: { kind: 'int', default: -1 }, stash_type: { kind: 'ignored' } },
  plan(call) {
    const { dims } = floatsOf(call, 0);
    const first = axisOf(call.int('axis'), dims.length);
    const axes = dims.map((_, i) => i).slice(first);
    for (const i of [1, 2])
      if (call.inputs[i] && `${broadcastDims(call.input(i).dims, dims)}` !== `${dims}`)
        throw damaged(
          `input ${i}: expected numbers for [${dims.slice(first)}], got [${call.input(i).dims}].`,
        );
    return one(dims, ([x, scale, offset]) => {
      const y = tf.mul(standardise(plain(x!), axes, call.float('epsilon')), plain(scale!));
      return lying(offset ? tf.add(y, plain(offset)) : y);
    });
  },
};

/** Per image, of each channel, or with `groups` of some together. */
const channelNormalization = (grouped: boolean): Operator => ({
  inputs: [3, 3],
  attributes: {
    ...EPSILON,
    ...(grouped && { num_groups: { kind: 'int', from: 1 }, stash_type: { kind: 'ignored' } }),
  },
  plan(call) {
    const { dims } = floatsOf(call, 0);
    if (dims.length < 3) throw damaged(`expected [n,c,…], got [${dims}].`);
    const channels = dims[1]!;
    const groups = grouped ? call.int('num_groups') : channels;
    if (channels % groups !== 0) throw damaged(`expected channels in ${groups} groups, got ${channels}.`);
    const lengths = [1, 2].map((i) => call.input(i).dims);
    const wanted = lengths.every((own) => `${own}` === `${channels}`) ? channels : grouped ? groups : 0;
    if (lengths.some((own) => own.length !== 1 || own[0] !== wanted))
      throw damaged(`expected scale and offset of ${channels} channels, got [${lengths.join('] and [')}].`);
    const shape = [1, wanted, ...dims.slice(2).map(() => 1)];
    return one(dims, ([x, scale, offset]) => {
      if (dims.length === 4 && groups === channels && x!.last) {
        const y = standardise(x!.tensor, [1, 2], call.float('epsilon'));
        return lying(tf.add(tf.mul(y, scale!.tensor), offset!.tensor), true);
      }
      const rows = tf.reshape(plain(x!), [dims[0]!, groups, -1]);
      const even = standardise(rows, [2], call.float('epsilon'));
      if (wanted !== channels) {
        const own = [1, groups, 1];
        const y = tf.add(tf.mul(even, tf.reshape(scale!.tensor, own)), tf.reshape(offset!.tensor, own));
        return lying(tf.reshape(y, dims));
      }
      const y = tf.mul(tf.reshape(even, dims), tf.reshape(scale!.tensor, shape));
      return lying(tf.add(y, tf.reshape(offset!.tensor, shape)));
    });
  },
});

const lpNormalization: Operator = {
  inputs: [1, 1],
  attributes: { axis: { kind: 'int', default: -1 }, p: { kind: 'int', default: 2, from: 1, to: 2 } },
  plan(call) {
    const { dims } = floatsOf(call, 0);
    const axis = axisOf(call.int('axis'), dims.length);
    return one(dims, ([x]) => {
      const t = plain(x!);
      const sum =
        call.int('p') === 1 ? tf.sum(tf.abs(t), axis, true) : tf.sqrt(tf.sum(tf.square(t), axis, true));
      return lying(tf.div(t, sum));
    });
  },
};

const softmaxOver = (fn: (x: tf.Tensor) => tf.Tensor): Operator => ({
  inputs: [1, 1],
  attributes: { axis: { kind: 'int' } },
  plan(call) {
    const { dims } = floatsOf(call, 0);
    const old = call.opset < 13;
    const given = call.has('axis') ? call.int('axis') : old ? 1 : -1;
    if (old && given === dims.length) return one(dims, ([x]) => lying(fn(tf.reshape(plain(x!), [-1, 1]))));
    const axis = axisOf(given, dims.length);
    return one(dims, ([x]) => {
      // Up to opset 12, over all axes from this one on.
      if (old && axis < dims.length - 1) {
        const rows = tf.reshape(plain(x!), [sizeOf(dims.slice(0, axis)), sizeOf(dims.slice(axis))]);
        return lying(tf.reshape(fn(rows), dims));
      }
      if (x!.last && axis === 1) return lying(fn(x!.tensor), true);
      if (axis === dims.length - 1) return lying(fn(plain(x!)));
      const order = dims.map((_, i) => i);
      [order[axis], order[dims.length - 1]] = [dims.length - 1, axis];
      return lying(tf.transpose(fn(tf.transpose(plain(x!), order)), order));
    });
  },
});

const bit = (value: number) => ({ kind: 'int', default: value, from: 0, to: 1 }) as const;
const gemm: Operator = {
  inputs: [2, 3],
  attributes: {
    alpha: { kind: 'float', default: 1 },
    beta: { kind: 'float', default: 1 },
    transA: bit(0),
    transB: bit(0),
  },
  plan(call) {
    const [a, b] = [floatsOf(call, 0).dims, floatsOf(call, 1).dims];
    if (a.length !== 2 || b.length !== 2) throw damaged(`expected matrices, got [${a}] and [${b}].`);
    const [turnA, turnB] = [call.int('transA') === 1, call.int('transB') === 1];
    const [rows, inner] = (turnA ? a.toReversed() : a) as [number, number];
    const [other, columns] = (turnB ? b.toReversed() : b) as [number, number];
    if (inner !== other) throw damaged(`expected matrices that can be multiplied, got [${a}] and [${b}].`);
    const dims = within([rows, columns]);
    if (call.inputs[2] && `${broadcastDims(call.input(2).dims, dims)}` !== `${dims}`)
      throw damaged(`input 2: expected numbers for [${dims}], got [${call.input(2).dims}].`);
    const [alpha, beta] = [call.float('alpha'), call.float('beta')];
    return one(
      dims,
      ([a, b, c]) => {
        let y: tf.Tensor = tf.matMul(plain(a!) as tf.Tensor2D, plain(b!) as tf.Tensor2D, turnA, turnB);
        if (alpha !== 1) y = tf.mul(y, alpha);
        if (!c) return lying(y);
        return lying(tf.add(y, beta === 1 ? plain(c) : tf.mul(plain(c), beta)));
      },
      { work: rows * inner * columns },
    );
  },
};

const matMul: Operator = {
  inputs: [2, 2],
  plan(call) {
    const [a, b] = [floatsOf(call, 0).dims, floatsOf(call, 1).dims];
    if (a.length === 0 || b.length === 0) throw damaged(`expected matrices, got [${a}] and [${b}].`);
    // A vector is a row before and a column behind.
    const left = a.length === 1 ? [1, ...a] : a;
    const right = b.length === 1 ? [...b, 1] : b;
    const [rows, inner] = left.slice(-2) as [number, number];
    const [other, columns] = right.slice(-2) as [number, number];
    if (inner !== other) throw damaged(`expected matrices that can be multiplied, got [${a}] and [${b}].`);
    const outer = broadcastDims(left.slice(0, -2), right.slice(0, -2));
    const whole = within([...outer, rows, columns]);
    const dims = [...outer, ...(a.length === 1 ? [] : [rows]), ...(b.length === 1 ? [] : [columns])];
    const multiply = (x: tf.Tensor, y: tf.Tensor) => {
      if (right.length === 2 && left.length > 2)
        return tf.reshape(tf.matMul(tf.reshape(x, [-1, inner]), y), whole);
      // tfjs multiplies matrices that both are in as many rows: those that are shared are laid beside each.
      const spread = (t: tf.Tensor, own: number[]) => {
        const to = [...outer, ...own.slice(-2)];
        return `${own}` === `${to}` ? t : tf.broadcastTo(t, to);
      };
      return tf.matMul(spread(x, left), spread(y, right));
    };
    return one(
      dims,
      ([x, y]) =>
        lying(tf.reshape(multiply(tf.reshape(plain(x!), left), tf.reshape(plain(y!), right)), dims)),
      { work: sizeOf(outer) * rows * inner * columns },
    );
  },
};

/** Of two tensors, each letter of one also in the other or in the result: then so is its gradient. */
const einsum: Operator = {
  inputs: [2, 2],
  attributes: { equation: { kind: 'text' } },
  plan(call) {
    const equation = call.text('equation').replaceAll(' ', '');
    const [, left, right, result] = /^([a-zA-Z]{1,8}),([a-zA-Z]{1,8})->([a-zA-Z]{1,8})$/.exec(equation) ?? [];
    const covered = (letters: string, others: string) =>
      [...letters].every((l) => others.includes(l)) && new Set(letters).size === letters.length;
    if (
      !left ||
      !right ||
      !result ||
      !covered(left, right + result) ||
      !covered(right, left + result) ||
      !covered(result, left + right)
    )
      throw unsupported(
        `attribute "equation": expected one of two inputs, as bij,bjk->bik; got ${JSON.stringify(equation.slice(0, 60))}.`,
      );
    const sizes = new Map<string, number>();
    [left, right].forEach((letters, i) => {
      const { dims } = floatsOf(call, i);
      if (dims.length !== letters.length)
        throw damaged(`input ${i}: expected axes ${letters}, got [${dims}].`);
      [...letters].forEach((letter, axis) => {
        if ((sizes.get(letter) ?? dims[axis]) !== dims[axis])
          throw damaged(`expected axis ${letter} as long in both inputs, got [${dims}].`);
        sizes.set(letter, dims[axis]!);
      });
    });
    const work = [...sizes.values()].reduce((n, size) => n * size, 1);
    return one(
      within([...result].map((letter) => sizes.get(letter)!)),
      ([a, b]) => {
        const op = tf.customGrad((x, y, save) => {
          (save as tf.GradSaveFunc)([x as tf.Tensor, y as tf.Tensor]);
          return {
            value: tf.einsum(equation, x as tf.Tensor, y as tf.Tensor),
            gradFunc: (dy: tf.Tensor, [x, y]: tf.Tensor[]) => [
              tf.einsum(`${result},${right}->${left}`, dy, y!),
              tf.einsum(`${left},${result}->${right}`, x!, dy),
            ],
          };
        });
        return lying(op(plain(a!), plain(b!)));
      },
      { work },
    );
  },
};

const sum = (all: number[]) => all.reduce((a, b) => a + b, 0);
const product = (all: number[]) => all.reduce((a, b) => a * b, 1);
/** Math.max of a list of any length. */
const largest = (all: number[]) => all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
const smallest = (all: number[]) => all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);

export const sumOperators = {
  Einsum: einsum,
  Gemm: gemm,
  GroupNormalization: channelNormalization(true),
  InstanceNormalization: channelNormalization(false),
  LayerNormalization: layerNormalization,
  LogSoftmax: softmaxOver((x) => tf.logSoftmax(x)),
  LpNormalization: lpNormalization,
  MatMul: matMul,
  ReduceL1: reduce((x, axes, keep) => tf.sum(tf.abs(x), axes, keep)),
  ReduceL2: reduce((x, axes, keep) => tf.sqrt(tf.sum(tf.square(x), axes, keep))),
  ReduceLogSumExp: reduce((x, axes, keep) => tf.logSumExp(x, axes, keep)),
  ReduceMax: reduce((x, axes, keep) => tf.max(x, axes, keep), largest),
  ReduceMean: reduce(
    (x, axes, keep) => tf.mean(x, axes, keep),
    (all) => sum(all) / all.length,
  ),
  ReduceMin: reduce((x, axes, keep) => tf.min(x, axes, keep), smallest),
  ReduceProd: reduce((x, axes, keep) => tf.prod(x, axes, keep), product),
  ReduceSum: reduce((x, axes, keep) => tf.sum(x, axes, keep), sum),
  ReduceSumSquare: reduce((x, axes, keep) => tf.sum(tf.square(x), axes, keep)),
  Softmax: softmaxOver((x) => tf.softmax(x)),
} satisfies Record<string, Operator>;
