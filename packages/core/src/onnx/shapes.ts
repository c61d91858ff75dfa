import type { Known, Value } from './operator.js';
import { damaged } from './refusal.js';

/** Arithmetic on shapes, and on numbers that are known before the network runs. */

/** Numbers in one tensor of the network, at most, for all images that go through: a gigabyte. */
const MAX_VALUES = 2 ** 28;
/** Numbers that are computed in JavaScript, at most: shapes, indices, masks. */
const MAX_KNOWN = 2 ** 20;

export const sizeOf = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

/** Asked before a tensor of these sizes is made: a few bytes of a file can ask for any. */
export function within(dims: number[], most = MAX_VALUES): number[] {
  if (dims.some((d) => !Number.isSafeInteger(d) || d < 0) || !(sizeOf(dims) <= most))
    throw damaged(`expected at most ${most} numbers, got a tensor of [${dims}].`);
  if (dims.length > 8) throw damaged(`expected at most 8 axes, got ${dims.length}.`);
  return dims;
}
export const withinKnown = (dims: number[]): number[] => within(dims, MAX_KNOWN);

export function axisOf(axis: number, rank: number): number {
  const found = axis < 0 ? axis + rank : axis;
  if (!(Number.isInteger(found) && found >= 0 && found < rank))
    throw damaged(`expected an axis of the ${rank} there are, got ${axis}.`);
  return found;
}

/** Axes, each once. */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const found = axes.map((axis) => axisOf(axis, rank));
  if (new Set(found).size !== found.length) throw damaged(`expected each axis once, got [${axes}].`);
  return found;
}

export function strides(dims: readonly number[]): number[] {
  const result = Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) result[i] = result[i + 1]! * dims[i + 1]!;
  return result;
}

/** The shape of both together: axes of 1 are as long as the other's. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return within(
    Array.from({ length: rank }, (_, i) => {
      const x = a[i - rank + a.length] ?? 1;
      const y = b[i - rank + b.length] ?? 1;
      if (x !== y && x !== 1 && y !== 1)
        throw damaged(`expected shapes that go together, got [${a}] and [${b}].`);
      return x === 1 ? y : x;
    }),
  );
}

/** As tensors hold it. */
export function known(type: Value['type'], dims: number[], data: ArrayLike<number>): Known {
  return { type, dims, data, constant: true };
}

/** An array of shape `dims`, each number taken from where `from` says. */
export function pickFrom(
  data: ArrayLike<number>,
  dims: readonly number[],
  from: (place: readonly number[]) => number,
): number[] {
  const result = new Array<number>(sizeOf(dims));
  const place = Array<number>(dims.length).fill(0);
  for (let i = 0; i < result.length; i++) {
    result[i] = data[from(place)]!;
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      place[axis]!++;
      if (place[axis]! < dims[axis]!) break;
      place[axis] = 0;
    }
  }
  return result;
}

/** The numbers of a value that is spread over a larger shape. */
export function broadcast(value: Known, to: readonly number[]): ArrayLike<number> {
  if (`${value.dims}` === `${to}`) return value.data;
  const offset = to.length - value.dims.length;
  const own = strides(value.dims);
  return pickFrom(value.data, to, (place) => {
    let at = 0;
    for (let i = 0; i < value.dims.length; i++) if (value.dims[i] !== 1) at += place[i + offset]! * own[i]!;
    return at;
  });
}

export function elementwise(
  values: readonly Known[],
  type: Value['type'],
  fn: (...numbers: number[]) => number,
): Known {
  const dims = withinKnown(values.map((v) => v.dims).reduce(broadcastDims));
  const spread = values.map((v) => broadcast(v, dims));
  const data = Array.from({ length: sizeOf(dims) }, (_, i) => fn(...spread.map((s) => s[i]!)));
  return known(type, dims, type === 'float' ? Float32Array.from(data) : data);
}
