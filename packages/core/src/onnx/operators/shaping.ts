import { tf } from '../../lib/backend.js';
import {
  type Call,
  type Known,
  type KnownCall,
  type Operator,
  one,
  type Planned,
  type Value,
} from '../operator.js';
import { damaged, unsupported } from '../refusal.js';
import {
  axesOf,
  axisOf,
  broadcast,
  broadcastDims,
  known,
  pickFrom,
  sizeOf,
  strides,
  within,
  withinKnown,
} from '../shapes.js';
import { channelsLast, inMemory, type Lying, lying, memoryAxis, plain } from '../tensors.js';

/** What moves numbers and computes none: shapes, parts, orders. */

/** A file that was exported for one image says 1 where it means their number. */
function healed(target: number[], { dims }: Value, { batch, fixedBatch }: Call): number[] {
  const means =
    fixedBatch !== undefined && fixedBatch !== batch && dims[0] === batch && target[0] === fixedBatch;
  return means ? [batch, ...target.slice(1)] : target;
}

/** `target` with its −1 filled in. */
function filled(target: number[], dims: number[]): number[] {
  const total = sizeOf(dims);
  const rest = target.filter((size) => size !== -1).reduce((n, d) => n * d, 1);
  const found = target.map((size) => (size === -1 ? total / rest : size));
  if (
    target.filter((size) => size === -1).length > 1 ||
    sizeOf(found) !== total ||
    found.some((d) => !(Number.isInteger(d) && d >= 0))
  )
    throw damaged(`expected a shape of ${total} numbers as [${dims}] has, got [${target}].`);
  return found;
}

/** The same numbers in the same order, in another shape. */
const reshaping = (
  inputs: readonly [number, number],
  attributes: Operator['attributes'],
  shapeOf: (call: Call) => number[],
): Operator => ({
  inputs,
  ...(attributes && { attributes }),
  plan(call) {
    const { dims, type } = call.input(0);
    const to = filled(shapeOf(call), dims);
    return one(to, ([x]) => (`${to}` === `${dims}` ? x! : lying(tf.reshape(plain(x!), to))), { type });
  },
  known(call) {
    const { dims, type, data } = call.input(0);
    return known(type, filled(shapeOf(call), dims), data);
  },
});

const reshape = reshaping([2, 2], { allowzero: { kind: 'int', default: 0, from: 0, to: 1 } }, (call) => {
  const x = call.input(0);
  const target = healed(call.wholes(1, 'a shape')!, x, call);
  if (call.int('allowzero') === 1) return target;
  return target.map((size, i) => {
    if (size === 0 && x.dims[i] === undefined)
      throw damaged(`expected a shape for [${x.dims}], got [${target}].`);
    return size === 0 ? x.dims[i]! : size;
  });
});
const flatten = reshaping([1, 1], { axis: { kind: 'int', default: 1 } }, (call) => {
  const { dims } = call.input(0);
  const axis = call.int('axis');
  const cut = axis === dims.length ? axis : axisOf(axis, dims.length);
  return [sizeOf(dims.slice(0, cut)), sizeOf(dims.slice(cut))];
});
const unsqueeze = reshaping([1, 2], { axes: { kind: 'ints' } }, (call) => {
  const { dims } = call.input(0);
  const given = call.wholes(1, 'the axes') ?? call.ints('axes');
  if (!given) throw damaged('expected axes, got none.');
  const rank = dims.length + given.length;
  if (rank > 8) throw damaged(`expected at most 8 axes, got ${rank}.`);
  const axes = axesOf(given, rank);
  const rest = [...dims];
  return Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
});
const squeeze = reshaping([1, 2], { axes: { kind: 'ints' } }, (call) => {
  const { dims } = call.input(0);
  const given = call.wholes(1, 'the axes') ?? call.ints('axes');
  const axes = given ? axesOf(given, dims.length) : dims.flatMap((size, i) => (size === 1 ? [i] : []));
  const long = axes.find((axis) => dims[axis] !== 1);
  if (long !== undefined) throw damaged(`expected axis ${long} of length 1, got [${dims}].`);
  return dims.filter((_, i) => !axes.includes(i));
});

const floatsLike = (like: Known, data: number[]) =>
  like.data instanceof Float32Array ? Float32Array.from(data) : data;

const permutation = (call: Call) => {
  const { dims } = call.input(0);
  const order = call.ints('perm') ?? dims.map((_, i) => i).reverse();
  if (order.length !== dims.length || !dims.every((_, i) => order.includes(i)))
    throw damaged(`attribute "perm": expected an order of ${dims.length} axes, got [${order}].`);
  return { order, to: order.map((axis) => dims[axis]!) };
};
const transpose: Operator = {
  inputs: [1, 1],
  attributes: { perm: { kind: 'ints' } },
  plan(call) {
    const { order, to } = permutation(call);
    const run = (x: Lying): Lying => {
      // Between the two orders of an image nothing has to move.
      if (x.last && `${order}` === '0,2,3,1') return lying(x.tensor);
      if (!x.last && `${order}` === '0,3,1,2') return lying(x.tensor, true);
      return lying(tf.transpose(plain(x), order));
    };
    return one(to, ([x]) => run(x!), { type: call.input(0).type });
  },
  known(call) {
    const x = call.input(0);
    const { order, to } = permutation(call);
    const own = strides(x.dims);
    const moved = pickFrom(x.data, to, (place) => place.reduce((at, p, i) => at + p * own[order[i]!]!, 0));
    return known(x.type, to, floatsLike(x, moved));
  },
};

function joined(call: Call) {
  const all = call.inputs.map((_, i) => call.input(i));
  const first = all[0]!;
  const rank = first.dims.length;
  const axis = axisOf(call.int('axis'), rank);
  for (const [i, { dims, type }] of all.entries()) {
    const fits =
      dims.length === rank &&
      dims.every((size, k) => k === axis || size === first.dims[k] || repeats(call, all[i]!, k, axis));
    if (!fits || type !== first.type)
      throw damaged(
        `input ${i}: expected ${first.type} of [${first.dims}] but for axis ${axis}, got ${type} of [${dims}].`,
      );
  }
  const to = first.dims.map((_, k) => Math.max(...all.map(({ dims }) => dims[k]!)));
  to[axis] = all.reduce((sum, { dims }) => sum + dims[axis]!, 0);
  return { all, axis, to };
}
/** A token that was laid beside each of the images the file was exported for. */
const repeats = ({ batch, fixedBatch }: Call, value: Value, k: number, axis: number) =>
  k === 0 &&
  axis !== 0 &&
  fixedBatch !== undefined &&
  batch !== fixedBatch &&
  [batch, fixedBatch].includes(value.dims[0]!);

const concat: Operator = {
  inputs: [1, Number.POSITIVE_INFINITY],
  attributes: { axis: { kind: 'int' } },
  plan(call) {
    const { all, axis, to } = joined(call);
    for (const { dims, constant } of all)
      if (axis !== 0 && dims[0] !== to[0] && !constant)
        throw damaged(`expected ${to[0]} images, got [${dims}].`);
    return one(
      within(to),
      (inputs) => {
        const last = inputs.some((x) => x!.last);
        const tensors = inputs.map((x, i) => {
          const tensor = last ? channelsLast(x!) : plain(x!);
          if (axis === 0 || all[i]!.dims[0] === to[0]) return tensor;
          return tf.tile(tf.slice(tensor, 0, 1), [to[0]!, ...Array<number>(to.length - 1).fill(1)]);
        });
        return lying(tf.concat(tensors, last ? memoryAxis(inputs.find((x) => x!.last)!, axis) : axis), last);
      },
      { type: all[0]!.type },
    );
  },
  known(call) {
    const { all, axis, to } = joined(call);
    const before = sizeOf(to.slice(0, axis));
    const data: number[] = [];
    withinKnown(to);
    for (let i = 0; i < before; i++)
      for (const v of all as Known[]) {
        const chunk = sizeOf(v.dims.slice(axis));
        for (let k = 0; k < chunk; k++) data.push(v.data[i * chunk + k]!);
      }
    return known(all[0]!.type, to, data);
  },
};

const split: Operator = {
  inputs: [1, 2],
  outputs: 1_000,
  attributes: {
    axis: { kind: 'int', default: 0 },
    split: { kind: 'ints' },
    num_outputs: { kind: 'int', from: 1, to: 1_000 },
  },
  plan(call) {
    const { axis, sizes, to } = partsOf(call);
    const { type } = call.input(0);
    return {
      outputs: to.map((dims) => ({ dims, type, constant: false })),
      run: ([x]) =>
        sizes.length === 1
          ? [x!]
          : tf.split(x!.tensor, sizes, memoryAxis(x!, axis)).map((part) => lying(part, x!.last)),
    };
  },
};
function partsOf(call: Call) {
  const { dims } = call.input(0);
  const axis = axisOf(call.int('axis'), dims.length);
  const parts = call.has('num_outputs') ? call.int('num_outputs') : call.outputs;
  const length = dims[axis]!;
  const chunk = Math.ceil(length / parts);
  const even = Array.from({ length: parts }, (_, i) => Math.min(chunk, length - i * chunk));
  const sizes = call.wholes(1, 'the sizes') ?? call.ints('split') ?? even;
  if (
    sizes.length !== call.outputs ||
    sizes.some((size) => !(size >= 1)) ||
    sizes.reduce((a, b) => a + b, 0) !== length
  )
    throw damaged(`expected ${call.outputs} parts of ${length}, got [${sizes}].`);
  return { axis, sizes, to: sizes.map((size) => dims.map((d, i) => (i === axis ? size : d))) };
}

interface Range {
  start: number;
  end: number;
  step: number;
}
function rangesOf(call: Call): Range[] {
  const { dims } = call.input(0);
  const starts = call.wholes(1, 'where a slice starts') ?? call.ints('starts');
  const ends = call.wholes(2, 'where a slice ends') ?? call.ints('ends');
  if (!starts || !ends) throw damaged('expected starts and ends, got none.');
  const axes = axesOf(
    call.wholes(3, 'the axes') ?? call.ints('axes') ?? starts.map((_, i) => i),
    dims.length,
  );
  const steps = call.wholes(4, 'the steps') ?? starts.map(() => 1);
  if ([starts, ends, steps].some((own) => own.length !== axes.length))
    throw damaged(
      `expected starts, ends, axes and steps of one length, got [${starts}], [${ends}], [${axes}], [${steps}].`,
    );
  const ranges = dims.map((size) => ({ start: 0, end: size, step: 1 }));
  axes.forEach((axis, i) => {
    const [size, step] = [dims[axis]!, steps[i]!];
    if (step === 0) throw damaged('expected steps other than 0.');
    const place = (n: number, low: number, high: number) =>
      Math.min(high, Math.max(low, n < 0 ? n + size : n));
    ranges[axis] =
      step > 0
        ? { start: place(starts[i]!, 0, size), end: place(ends[i]!, 0, size), step }
        : { start: place(starts[i]!, 0, size - 1), end: place(ends[i]!, -1, size - 1), step };
  });
  return ranges;
}
const countOf = ({ start, end, step }: Range) => Math.max(0, Math.ceil((end - start) / step));

const slice: Operator = {
  inputs: [1, 5],
  attributes: { starts: { kind: 'ints' }, ends: { kind: 'ints' }, axes: { kind: 'ints' } },
  plan(call) {
    const ranges = rangesOf(call);
    const to = ranges.map(countOf);
    if (to.some((size) => size === 0))
      throw damaged(`expected a part of [${call.input(0).dims}], got [${to}].`);
    return one(to, ([x]) => sliced(x!, ranges), { type: call.input(0).type });
  },
  known(call) {
    const x = call.input(0);
    const ranges = rangesOf(call);
    const own = strides(x.dims);
    const to = ranges.map(countOf);
    const from = (place: readonly number[]) =>
      place.reduce((at, p, i) => at + (ranges[i]!.start + p * ranges[i]!.step) * own[i]!, 0);
    return known(x.type, to, floatsLike(x, pickFrom(x.data, to, from)));
  },
};
function sliced(x: Lying, ranges: Range[]): Lying {
  const own = inMemory(x, ranges);
  let { tensor } = x;
  if (own.every(({ step }) => step === 1))
    return lying(
      tf.slice(
        tensor,
        own.map((r) => r.start),
        own.map(countOf),
      ),
      x.last,
    );
  // A strided slice has no gradient in tfjs: rows are picked instead.
  for (const [axis, range] of own.entries()) {
    if (range.step === 1 && countOf(range) === tensor.shape[axis]) continue;
    const at = Int32Array.from({ length: countOf(range) }, (_, i) => range.start + i * range.step);
    tensor = tf.gather(tensor, tf.tensor1d(at, 'int32'), axis);
  }
  return lying(tensor, x.last);
}

/** Indices from 0, of those that may count from the end. */
function wholeIndices(given: ArrayLike<number>, length: number): number[] {
  return Array.from(given, (i) => {
    const found = i < 0 ? i + length : i;
    if (!(Number.isInteger(found) && found >= 0 && found < length))
      throw damaged(`expected indices of the ${length} there are, got ${i}.`);
    return found;
  });
}

const gather: Operator = {
  inputs: [2, 2],
  attributes: { axis: { kind: 'int', default: 0 } },
  plan(call) {
    const { dims, type } = call.input(0);
    const axis = axisOf(call.int('axis'), dims.length);
    const chosen = wholeIndices(call.wholes(1, 'an index')!, dims[axis]!);
    const to = within([...dims.slice(0, axis), ...call.input(1).dims, ...dims.slice(axis + 1)]);
    if (chosen.length !== 1)
      return one(
        to,
        ([x]) => lying(tf.reshape(tf.gather(plain(x!), tf.tensor1d(chosen, 'int32'), axis), to)),
        { type },
      );
    const begin = dims.map((_, i) => (i === axis ? chosen[0]! : 0));
    const size = dims.map((d, i) => (i === axis ? 1 : d));
    return one(to, ([x]) => lying(tf.reshape(tf.slice(plain(x!), begin, size), to)), { type });
  },
  known(call) {
    const x = call.input(0);
    const axis = axisOf(call.int('axis'), x.dims.length);
    const chosen = wholeIndices(call.input(1).data, x.dims[axis]!);
    const to = withinKnown([...x.dims.slice(0, axis), ...call.input(1).dims, ...x.dims.slice(axis + 1)]);
    const inner = sizeOf(x.dims.slice(axis + 1));
    const result: number[] = [];
    for (let outer = 0; outer < sizeOf(x.dims.slice(0, axis)); outer++)
      for (const i of chosen)
        for (let k = 0; k < inner; k++) result.push(x.data[(outer * x.dims[axis]! + i) * inner + k]!);
    return known(x.type, to, floatsLike(x, result));
  },
};

/** Where each row of indices points, in an array of which the first axes are one. */
function rowsOf(given: ArrayLike<number>, depth: number, dims: number[]): number[] {
  return Array.from({ length: depth === 0 ? 0 : given.length / depth }, (_, row) => {
    let place = 0;
    for (let k = 0; k < depth; k++)
      place = place * dims[k]! + wholeIndices([given[row * depth + k]!], dims[k]!)[0]!;
    return place;
  });
}
function depthOf(call: Call): number {
  const depth = call.input(1).dims.at(-1) ?? 0;
  const { dims } = call.input(0);
  if (!(depth >= 1 && depth <= dims.length))
    throw damaged(`expected indices into [${dims}], got ${depth} numbers each.`);
  return depth;
}
const gatherND: Operator = {
  inputs: [2, 2],
  attributes: { batch_dims: { kind: 'int', default: 0, from: 0, to: 0 } },
  plan(call) {
    const { dims, type } = call.input(0);
    const depth = depthOf(call);
    const rows = rowsOf(call.wholes(1, 'an index')!, depth, dims);
    const to = within([...call.input(1).dims.slice(0, -1), ...dims.slice(depth)]);
    return one(
      to,
      ([x]) => {
        const flat = tf.reshape(plain(x!), [sizeOf(dims.slice(0, depth)), ...dims.slice(depth)]);
        return lying(tf.reshape(tf.gather(flat, tf.tensor1d(rows, 'int32'), 0), to));
      },
      { type },
    );
  },
};
const scatterND: Operator = {
  inputs: [3, 3],
  attributes: { reduction: { kind: 'string', default: 'none', of: ['none'] } },
  known(call) {
    const [x, at, updates] = [call.input(0), call.input(1), call.input(2)];
    const depth = depthOf(call);
    const rows = rowsOf(at.data, depth, x.dims);
    const chunk = sizeOf(x.dims.slice(depth));
    if (updates.data.length !== rows.length * chunk)
      throw damaged(`input 2: expected ${rows.length * chunk} numbers, got ${updates.data.length}.`);
    const data = Array.from(x.data);
    rows.forEach((row, i) => {
      for (let k = 0; k < chunk; k++) data[row * chunk + k] = updates.data[i * chunk + k]!;
    });
    return known(x.type, x.dims, floatsLike(x, data));
  },
};

const tileTo = (x: Value, target: number[]): Planned => {
  const from = [...Array<number>(target.length - x.dims.length).fill(1), ...x.dims];
  const times = target.map((size, i) => size / from[i]!);
  return one(within(target), ([t]) => lying(tf.tile(tf.reshape(plain(t!), from), times)), { type: x.type });
};
const expand: Operator = {
  inputs: [2, 2],
  plan(call) {
    const x = call.input(0);
    return tileTo(x, broadcastDims(x.dims, healed(call.wholes(1, 'a shape')!, x, call)));
  },
  known(call) {
    const x = call.input(0);
    const to = withinKnown(broadcastDims(x.dims, call.wholes(1, 'a shape')!));
    return known(x.type, to, floatsLike(x, Array.from(broadcast(x, to))));
  },
};
const tile: Operator = {
  inputs: [2, 2],
  plan(call) {
    const x = call.input(0);
    const times = call.wholes(1, 'how often')!;
    if (times.length !== x.dims.length || times.some((n) => !(n >= 1)))
      throw damaged(`expected ${x.dims.length} numbers of 1 or more, got [${times}].`);
    return tileTo(
      x,
      x.dims.map((size, i) => size * times[i]!),
    );
  },
};

const pad: Operator = {
  inputs: [1, 4],
  attributes: {
    mode: { kind: 'string', default: 'constant', of: ['constant', 'reflect', 'edge'] },
    pads: { kind: 'ints' },
    value: { kind: 'float', default: 0 },
  },
  plan(call) {
    const { dims, type } = call.input(0);
    if (type !== 'float') throw damaged(`expected floats, got ${type}.`);
    const given = call.wholes(1, 'the pads') ?? call.ints('pads');
    const axes = axesOf(call.wholes(3, 'the axes') ?? dims.map((_, i) => i), dims.length);
    if (given?.length !== 2 * axes.length)
      throw damaged(`expected ${2 * axes.length} pads, got [${given ?? ''}].`);
    const fill = call.scalar(2, call.float('value'));
    const mode = call.text('mode');
    const pairs: [number, number][] = dims.map(() => [0, 0]);
    axes.forEach((axis, i) => {
      pairs[axis] = [given[i]!, given[i + axes.length]!];
    });
    const most = (axis: number) => (mode === 'reflect' ? dims[axis]! - 1 : 65_536);
    pairs.forEach((pair, axis) => {
      if (pair.some((p) => p > most(axis) || -p > dims[axis]!) || dims[axis]! + pair[0] + pair[1] < 1)
        throw damaged(`expected pads that fit [${dims}], got [${given}].`);
    });
    const to = within(dims.map((size, axis) => size + pairs[axis]![0] + pairs[axis]![1]));
    return one(to, ([x]) => lying(padded(x!.tensor, inMemory(x!, pairs), mode, fill), x!.last));
  },
};
function padded(x: tf.Tensor, pairs: [number, number][], mode: string, fill: number): tf.Tensor {
  const cut = pairs.map(([before]) => Math.max(0, -before));
  const kept = pairs.map(([, after], axis) => x.shape[axis]! - cut[axis]! - Math.max(0, -after));
  let y = pairs.flat().some((p) => p < 0) ? tf.slice(x, cut, kept) : x;
  const more = pairs.map((pair) => pair.map((p) => Math.max(0, p)) as [number, number]);
  if (mode === 'constant') return tf.pad(y, more, fill);
  // tfjs has no gradient of a mirrored border; rows are picked instead.
  more.forEach(([before, after], axis) => {
    if (before === 0 && after === 0) return;
    const size = y.shape[axis]!;
    const rows = Int32Array.from({ length: size + before + after }, (_, i) => {
      const place = i - before;
      if (mode === 'edge') return Math.min(size - 1, Math.max(0, place));
      return place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place;
    });
    y = tf.gather(y, tf.tensor1d(rows, 'int32'), axis);
  });
  return y;
}

/** Of shapes only: they are known of every input. */
const shape: Operator = {
  inputs: [1, 1],
  attributes: { start: { kind: 'int', default: 0 }, end: { kind: 'int', default: 2 ** 31 } },
  plan(call) {
    const { dims } = call.input(0);
    const kept = dims.slice(call.int('start'), call.int('end'));
    return { outputs: [known('int', [kept.length], kept)] };
  },
};
const size: Operator = {
  inputs: [1, 1],
  plan: (call) => ({ outputs: [known('int', [], [sizeOf(call.input(0).dims)])] }),
};

const constantOfShape: Operator = {
  inputs: [1, 1],
  attributes: { value: { kind: 'tensor' } },
  known(call) {
    const value = call.tensor('value');
    const dims = withinKnown(Array.from(call.input(0).data, Math.trunc));
    return known(value?.type ?? 'float', dims, Array<number>(sizeOf(dims)).fill(value?.data[0] ?? 0));
  },
};
const range: Operator = {
  inputs: [3, 3],
  known(call) {
    const [from, to, by] = [call.scalar(0, 0), call.scalar(1, 0), call.scalar(2, 1)];
    const length = Math.max(0, Math.ceil((to - from) / by));
    if (!(length <= 65_536))
      throw damaged(`expected a range of at most 65536 numbers, got ${from} to ${to} by ${by}.`);
    return known(
      call.input(0).type,
      [length],
      Array.from({ length }, (_, i) => from + i * by),
    );
  },
};

const constant: Operator = {
  inputs: [0, 0],
  attributes: {
    value: { kind: 'tensor' },
    value_float: { kind: 'float' },
    value_floats: { kind: 'floats' },
    value_int: { kind: 'int' },
    value_ints: { kind: 'ints' },
  },
  known(call: KnownCall) {
    const value = call.tensor('value');
    if (value) return known(value.type, value.dims, value.data);
    for (const type of ['float', 'int'] as const) {
      if (call.has(`value_${type}`)) return known(type, [], [call.float(`value_${type}`)]);
      const list = call.ints(`value_${type}s`);
      if (list) return known(type, [list.length], list);
    }
    throw unsupported('expected a tensor or numbers, got none.');
  },
};

export const shapingOperators = {
  Concat: concat,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherND: gatherND,
  Pad: pad,
  Range: range,
  Reshape: reshape,
  ScatterND: scatterND,
  Shape: shape,
  Size: size,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
} satisfies Record<string, Operator>;
