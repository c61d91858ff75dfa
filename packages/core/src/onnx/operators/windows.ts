import { tf } from '../../lib/backend.js';
import {
  convolve,
  convolveTransposed,
  depthToSpace,
  type Pair,
  resizeBilinear,
  scaleChannels,
  spaceToDepth,
} from '../kernels.js';
import {
  type AttributeRule,
  type Call,
  isKnown,
  type Operator,
  one,
  type Planned,
  type Value,
} from '../operator.js';
import { damaged, unsupported } from '../refusal.js';
import { sizeOf, within } from '../shapes.js';
import { channelsLast, type Lying, lying, plain } from '../tensors.js';

/** Convolutions, pools and what else looks at pixels beside one another. */

/** [top, left, bottom, right] */
type Pads = [number, number, number, number];

const WINDOW = {
  kernel_shape: { kind: 'ints' },
  strides: { kind: 'ints' },
  dilations: { kind: 'ints' },
  pads: { kind: 'ints' },
  auto_pad: { kind: 'string', default: 'NOTSET', of: ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'] },
} as const satisfies Record<string, AttributeRule>;
const CEIL = { ceil_mode: { kind: 'int', default: 0, from: 0, to: 1 } } as const;

/** [n,c,h,w] of an input. */
function imagesOf(value: Value): [number, number, number, number] {
  if (value.dims.length !== 4) throw unsupported(`expected images, [n,c,h,w]; got [${value.dims}].`);
  if (value.type !== 'float') throw damaged(`expected floats, got ${value.type}.`);
  return value.dims as [number, number, number, number];
}

function pairOf(call: Call, attribute: string): Pair {
  const found = call.ints(attribute) ?? [1, 1];
  if (found.length !== 2 || found.some((n) => !(n >= 1 && n <= 4_096)))
    throw damaged(`attribute "${attribute}": expected two numbers from 1 to 4096, got [${found}].`);
  return found as Pair;
}

interface Window {
  size: Pair;
  strides: Pair;
  dilations: Pair;
  /** Side of what it covers. */
  reach: Pair;
  pads: Pads;
}

function windowOf(call: Call, [h, w]: Pair, size: Pair): Window {
  const [steps, dilations] = [pairOf(call, 'strides'), pairOf(call, 'dilations')];
  if (size.some((n) => !(n >= 1 && n <= 4_096)))
    throw damaged(`expected a window of 1 to 4096, got [${size}].`);
  const reach: Pair = [(size[0] - 1) * dilations[0] + 1, (size[1] - 1) * dilations[1] + 1];
  within(reach);
  const auto = call.text('auto_pad');
  let pads = (call.ints('pads') ?? [0, 0, 0, 0]) as Pads;
  if (pads.length !== 4 || pads.some((p) => !(Math.abs(p) <= 4_096)))
    throw damaged(`attribute "pads": expected four numbers up to 4096, got [${pads}].`);
  if (auto === 'VALID') pads = [0, 0, 0, 0];
  else if (auto !== 'NOTSET') {
    const total = (length: number, axis: 0 | 1) =>
      Math.max(0, (Math.ceil(length / steps[axis]) - 1) * steps[axis] + reach[axis] - length);
    const [high, wide] = [total(h, 0), total(w, 1)];
    const before = (n: number) => (auto === 'SAME_UPPER' ? Math.floor(n / 2) : Math.ceil(n / 2));
    pads = [before(high), before(wide), high - before(high), wide - before(wide)];
  }
  return { size, strides: steps, dilations, reach, pads };
}

/** How many windows there are of rows and of columns. */
function places([h, w]: Pair, { reach, strides: steps }: Window, pads: Pads): Pair {
  const of = (length: number, axis: 0 | 1) =>
    Math.floor((length + pads[axis] + pads[axis + 2]! - reach[axis]) / steps[axis]) + 1;
  const found: Pair = [of(h, 0), of(w, 1)];
  if (found.some((n) => !(n >= 1)))
    throw damaged(`expected a window that fits ${h}×${w}, got ${reach[0]}×${reach[1]}.`);
  return found;
}

/** A negative pad cuts. */
function padImages(x: tf.Tensor4D, pads: Pads, value: number): tf.Tensor4D {
  if (pads.every((p) => p === 0)) return x;
  const [top, left, bottom, right] = pads;
  const cut = (n: number) => Math.max(0, -n);
  const [, h, w] = x.shape;
  const kept = pads.every((p) => p >= 0)
    ? x
    : tf.slice(
        x,
        [0, cut(top), cut(left), 0],
        [-1, h - cut(top) - cut(bottom), w - cut(left) - cut(right), -1],
      );
  const more = (n: number) => Math.max(0, n);
  if (pads.every((p) => p <= 0)) return kept;
  return tf.pad(
    kept,
    [
      [0, 0],
      [more(top), more(bottom)],
      [more(left), more(right)],
      [0, 0],
    ],
    value,
  ) as tf.Tensor4D;
}

function weightOf(call: Call, i: number): Value {
  const value = call.input(i);
  if (!value.constant)
    throw unsupported(`input ${i}: expected weights, got numbers that depend on the image.`);
  if (value.type !== 'float') throw damaged(`input ${i}: expected floats, got ${value.type}.`);
  return value;
}
function perChannel(call: Call, i: number, channels: number): void {
  const { dims } = weightOf(call, i);
  if (dims.length !== 1 || dims[0] !== channels)
    throw damaged(`input ${i}: expected a number for each of ${channels} channels, got [${dims}].`);
}

/** [o,i,h,w] → [h,w,i,o], with zeros between the numbers where it is dilated. */
function kernelOf(weight: tf.Tensor, [dh, dw]: Pair): tf.Tensor {
  const [outputs, inputs, h, w] = weight.shape as [number, number, number, number];
  const turned = tf.transpose(weight, [2, 3, 1, 0]);
  if (dh === 1 && dw === 1) return turned;
  const apart = tf.pad(tf.reshape(turned, [h, 1, w, 1, inputs * outputs]), [
    [0, 0],
    [0, dh - 1],
    [0, 0],
    [0, dw - 1],
    [0, 0],
  ]);
  const spread = tf.reshape(apart, [h * dh, w * dw, inputs, outputs]);
  return tf.slice(spread, [0, 0, 0, 0], [(h - 1) * dh + 1, (w - 1) * dw + 1, -1, -1]);
}

/** What a batch normalisation multiplies by and adds, per channel. */
function normOf([scale, offset, mean, variance]: tf.Tensor[], epsilon: number) {
  const factor = tf.div(scale!, tf.sqrt(tf.add(variance!, epsilon)));
  return { factor, shift: tf.sub(offset!, tf.mul(mean!, factor)) };
}

/** Inputs 3 to 6 are a batch normalisation's right behind it, which becomes part of its kernel. */
const conv: Operator = {
  inputs: [2, 3],
  attributes: { ...WINDOW, group: { kind: 'int', default: 1, from: 1 } },
  plan(call) {
    const [n, channels, h, w] = imagesOf(call.input(0));
    const { dims } = weightOf(call, 1);
    if (dims.length !== 4)
      throw unsupported(`input 1: expected a kernel of images, [o,i,h,w]; got [${dims}].`);
    const [outputs, perGroup, kh, kw] = dims as [number, number, number, number];
    const groups = call.int('group');
    if (perGroup * groups !== channels || outputs % groups !== 0 || outputs === 0)
      throw damaged(`expected a kernel for ${channels} channels in ${groups} groups, got [${dims}].`);
    const shape = call.ints('kernel_shape');
    if (shape && `${shape}` !== `${[kh, kw]}`)
      throw damaged(`attribute "kernel_shape": expected that of the kernel, [${kh},${kw}], got [${shape}].`);
    const hasBias = call.inputs[2] !== undefined;
    if (hasBias) perChannel(call, 2, outputs);
    for (let i = 3; i < call.inputs.length; i++) perChannel(call, i, outputs);
    const epsilon = call.inputs.length > 3 ? call.float('epsilon') : 0;
    const window = windowOf(call, [h, w], [kh, kw]);
    const { strides: steps, dilations, reach, pads } = window;
    const [high, wide] = places([h, w], window, pads);
    within([...reach, perGroup, outputs]);
    within([
      n,
      channels,
      h + Math.max(0, pads[0]) + Math.max(0, pads[2]),
      w + Math.max(0, pads[1]) + Math.max(0, pads[3]),
    ]);
    const depthwise = perGroup === 1 && groups > 1;
    const common = Math.min(...steps);
    if (depthwise && steps.some((step) => step % common !== 0))
      throw unsupported(
        `attribute "strides": expected equal ones of a convolution by channel, got [${steps}].`,
      );
    const same =
      steps.every((step) => step === 1) &&
      reach.every(
        (side, axis) => side % 2 === 1 && pads[axis] === (side - 1) / 2 && pads[axis + 2] === pads[axis],
      );
    const padding = same ? 'SAME' : 'VALID';
    const run = (inputs: readonly (Lying | undefined)[]) => {
      const tensors = inputs.map((x) => x && plain(x.last ? { tensor: x.tensor, last: false } : x));
      let kernel = kernelOf(tensors[1]!, dilations);
      let bias = tensors[2];
      if (tensors.length > 3) {
        const { factor, shift } = normOf(tensors.slice(3) as tf.Tensor[], epsilon);
        kernel = tf.mul(kernel, factor);
        bias = bias ? tf.add(tf.mul(bias, factor), shift) : shift;
      }
      if (depthwise) kernel = tf.reshape(kernel, [reach[0], reach[1], groups, outputs / groups]);
      const x = channelsLast(inputs[0]!);
      const framed = same ? x : padImages(x, pads, 0);
      let y: tf.Tensor = convolve(framed, kernel, depthwise ? [common, common] : steps, padding, depthwise);
      // The kernel knows one stride. A pool of single pixels has a gradient, where tfjs's strided slice has none.
      if (depthwise && steps[0] !== steps[1])
        y = tf.maxPool(y as tf.Tensor4D, [1, 1], [steps[0] / common, steps[1] / common], 'valid');
      return lying(bias ? tf.add(y, bias) : y, true);
    };
    return one(within([n, outputs, high, wide]), run, {
      work: n * outputs * high * wide * perGroup * kh * kw,
    });
  },
};

const convTranspose: Operator = {
  inputs: [2, 3],
  attributes: {
    ...WINDOW,
    group: { kind: 'int', default: 1, from: 1 },
    output_padding: { kind: 'ints' },
    output_shape: { kind: 'ints' },
  },
  plan(call) {
    const [n, channels, h, w] = imagesOf(call.input(0));
    const { dims } = weightOf(call, 1);
    if (dims.length !== 4 || dims[0] !== channels)
      throw damaged(`input 1: expected a kernel of ${channels} channels, [c,o,h,w]; got [${dims}].`);
    const [, perGroup, kh, kw] = dims as [number, number, number, number];
    const groups = call.int('group');
    if (channels % groups !== 0) throw damaged(`expected channels in ${groups} groups, got ${channels}.`);
    if (call.text('auto_pad') !== 'NOTSET' || call.ints('output_shape'))
      throw unsupported('expected its padding in "pads", got "auto_pad" or "output_shape".');
    const outputs = perGroup * groups;
    if (call.inputs[2]) perChannel(call, 2, outputs);
    const { strides: steps, dilations, reach, pads } = windowOf(call, [h, w], [kh, kw]);
    const extra = call.ints('output_padding') ?? [0, 0];
    if (extra.length !== 2 || extra.some((p, axis) => !(p >= 0 && p < steps[axis]!)))
      throw damaged(`attribute "output_padding": expected two numbers below the strides, got [${extra}].`);
    const whole: Pair = [
      (h - 1) * steps[0] + reach[0] + extra[0]!,
      (w - 1) * steps[1] + reach[1] + extra[1]!,
    ];
    const [high, wide] = [whole[0] - pads[0] - pads[2], whole[1] - pads[1] - pads[3]];
    within([n, outputs, ...whole]);
    if (!(high >= 1 && wide >= 1))
      throw damaged(`attribute "pads": expected to leave something of ${whole}, got [${pads}].`);
    return one(
      within([n, outputs, high, wide]),
      ([x, weight, bias]) => {
        const parts = (
          groups === 1 ? [channelsLast(x!)] : tf.split(channelsLast(x!), groups, 3)
        ) as tf.Tensor4D[];
        const kernels = tf.split(plain(weight!), groups, 0);
        const own = parts.map((part, i) =>
          convolveTransposed(part, kernelOf(kernels[i]!, dilations) as tf.Tensor, steps, whole),
        );
        const cut = padImages(tf.concat(own, 3), pads.map((p) => -p) as Pads, 0);
        return lying(bias ? tf.add(cut, bias.tensor) : cut, true);
      },
      { work: n * channels * h * w * perGroup * kh * kw },
    );
  },
};

/** ONNX may round the number of windows up: then the last one reaches over the edge. */
function roundedUp(call: Call, size: Pair, { reach, strides: steps, pads }: Window): Pads {
  if (call.int('ceil_mode') === 0) return pads;
  const extra = ([0, 1] as const).map((axis) => {
    const length = size[axis] + pads[axis] + pads[(axis + 2) as 2 | 3];
    let windows = Math.ceil((length - reach[axis]) / steps[axis]) + 1;
    // No window begins in the padding behind the image.
    if ((windows - 1) * steps[axis] >= size[axis] + pads[axis]) windows--;
    return Math.max(0, (windows - 1) * steps[axis] + reach[axis] - length);
  });
  return [pads[0], pads[1], pads[2] + extra[0]!, pads[3] + extra[1]!];
}

function poolOf(call: Call) {
  const dims = imagesOf(call.input(0));
  const [n, c, h, w] = dims;
  const size = call.ints('kernel_shape') ?? [];
  if (size.length !== 2) throw unsupported(`attribute "kernel_shape": expected two numbers, got [${size}].`);
  const window = windowOf(call, [h, w], size as Pair);
  if (window.dilations.some((d) => d !== 1))
    throw unsupported('attribute "dilations": expected 1, got more.');
  if (window.pads.some((p, i) => p < 0 || p >= window.reach[i % 2]!))
    throw damaged(`attribute "pads": expected less than the window's side, got [${window.pads}].`);
  const pads = roundedUp(call, [h, w], window);
  const [high, wide] = places([h, w], window, pads);
  return { n, c, h, w, window, pads, dims: within([n, c, high, wide]) };
}

const maxPool: Operator = {
  inputs: [1, 1],
  attributes: { ...WINDOW, ...CEIL, storage_order: { kind: 'ignored' } },
  plan(call) {
    const { window, pads, dims } = poolOf(call);
    const run = ([x]: readonly (Lying | undefined)[]) => {
      const framed = padImages(channelsLast(x!), pads, Number.NEGATIVE_INFINITY);
      return lying(tf.maxPool(framed, window.size, window.strides, 'valid'), true);
    };
    return one(dims, run);
  },
};

const averagePool: Operator = {
  inputs: [1, 1],
  attributes: { ...WINDOW, ...CEIL, count_include_pad: { kind: 'int', default: 0, from: 0, to: 1 } },
  plan(call) {
    const { window, pads, dims, h, w } = poolOf(call);
    const { size, strides: steps } = window;
    // Zeros around the image count or not; what rounding up added never does.
    const counted = call.int('count_include_pad') === 1 ? window.pads : ([0, 0, 0, 0] as Pads);
    return one(dims, ([x]) => {
      const means = tf.avgPool(padImages(channelsLast(x!), pads, 0), size, steps, 'valid');
      if (pads.every((p, i) => p === counted[i])) return lying(means, true);
      const ones = tf.ones([1, h + counted[0] + counted[2], w + counted[1] + counted[3], 1]) as tf.Tensor4D;
      const share = padImages(ones, pads.map((p, i) => p - counted[i]!) as Pads, 0);
      return lying(tf.div(means, tf.avgPool(share, size, steps, 'valid')), true);
    });
  },
};

const globalPool = (fn: (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor): Operator => ({
  inputs: [1, 1],
  plan(call) {
    const [n, c] = imagesOf(call.input(0));
    return one([n, c, 1, 1], ([x]) => lying(fn(channelsLast(x!), [1, 2], true), true));
  },
});

const batchNormalization: Operator = {
  inputs: [5, 5],
  attributes: {
    epsilon: { kind: 'float', default: 1e-5 },
    momentum: { kind: 'ignored' },
    spatial: { kind: 'int', default: 1, from: 1, to: 1 },
    training_mode: { kind: 'int', default: 0, from: 0, to: 1 },
  },
  plan(call) {
    if (call.int('training_mode') === 1)
      throw unsupported('it was exported in training mode: call model.eval() before the export.');
    const { dims } = call.input(0);
    if (dims.length < 2) throw damaged(`expected [n,c,…], got [${dims}].`);
    for (let i = 1; i < 5; i++) perChannel(call, i, dims[1]!);
    const epsilon = call.float('epsilon');
    return one(dims, ([x, ...rest]) => {
      const { factor, shift } = normOf(
        rest.map((v) => v!.tensor),
        epsilon,
      );
      if (dims.length === 4) return lying(scaleChannels(channelsLast(x!), factor, shift), true);
      const shape = dims.map((_, axis) => (axis === 1 ? dims[1]! : 1));
      return lying(tf.add(tf.mul(plain(x!), tf.reshape(factor, shape)), tf.reshape(shift, shape)));
    });
  },
};

/** AlexNet's: each number over those of the channels beside it. */
const lrn: Operator = {
  inputs: [1, 1],
  attributes: {
    size: { kind: 'int', from: 1, to: 4_096 },
    alpha: { kind: 'float', default: 1e-4 },
    beta: { kind: 'float', default: 0.75 },
    bias: { kind: 'float', default: 1 },
  },
  plan(call) {
    const [n, c, h, w] = imagesOf(call.input(0));
    const size = call.int('size');
    const before = Math.floor((size - 1) / 2);
    return one([n, c, h, w], ([x]) => {
      const images = channelsLast(x!);
      const rows = tf.reshape(tf.square(images), [n * h * w, 1, c, 1]) as tf.Tensor4D;
      const framed = tf.pad(rows, [
        [0, 0],
        [0, 0],
        [before, size - 1 - before],
        [0, 0],
      ]) as tf.Tensor4D;
      const means = tf.reshape(tf.avgPool(framed, [1, size], 1, 'valid'), images.shape);
      const base = tf.add(call.float('bias'), tf.mul(means, call.float('alpha')));
      return lying(tf.mul(images, tf.pow(base, -call.float('beta'))), true);
    });
  },
};

const depthToSpaceOperator: Operator = {
  inputs: [1, 1],
  attributes: {
    blocksize: { kind: 'int', from: 1, to: 4_096 },
    mode: { kind: 'string', default: 'DCR', of: ['DCR', 'CRD'] },
  },
  plan(call) {
    const [n, c, h, w] = imagesOf(call.input(0));
    const [size, mode] = [call.int('blocksize'), call.text('mode')];
    const depth = c / size ** 2;
    if (!Number.isInteger(depth)) throw damaged(`expected channels in blocks of ${size}×${size}, got ${c}.`);
    return one(within([n, depth, h * size, w * size]), ([x]) => {
      if (size === 1) return x!;
      const images = channelsLast(x!);
      if (mode === 'DCR') return lying(depthToSpace(images, size), true);
      const turned = tf.transpose(tf.reshape(images, [n * h * w, depth, size * size]), [0, 2, 1]);
      return lying(depthToSpace(tf.reshape(turned, images.shape), size), true);
    });
  },
};
const spaceToDepthOperator: Operator = {
  inputs: [1, 1],
  attributes: { blocksize: { kind: 'int', from: 1, to: 4_096 } },
  plan(call) {
    const [n, c, h, w] = imagesOf(call.input(0));
    const size = call.int('blocksize');
    if (h % size !== 0 || w % size !== 0)
      throw damaged(`expected images in blocks of ${size}×${size}, got ${h}×${w}.`);
    return one([n, c * size ** 2, h / size, w / size], ([x]) =>
      size === 1 ? x! : lying(spaceToDepth(channelsLast(x!), size), true),
    );
  },
};

type Rule = 'half_pixel' | 'align_corners' | 'asymmetric';
const ROUNDINGS = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'] as const;

/** Which row each row of a resized image shows. */
function nearestRows(from: number, to: number, rule: Rule, rounding: string): Int32Array {
  return Int32Array.from({ length: to }, (_, k) => {
    let place = ((k + 0.5) * from) / to - 0.5;
    if (rule === 'asymmetric') place = (k * from) / to;
    else if (rule === 'align_corners') place = to === 1 ? 0 : (k * (from - 1)) / (to - 1);
    let whole = Math.ceil(place - 0.5);
    if (rounding === 'floor') whole = Math.floor(place);
    else if (rounding === 'ceil') whole = Math.ceil(place);
    else if (rounding === 'round_prefer_ceil') whole = Math.floor(place + 0.5);
    return Math.min(from - 1, Math.max(0, whole));
  });
}

function resized(
  call: Call,
  scales: Value | undefined,
  sizes: number[] | undefined,
  rule: string,
  rounding: string,
): Planned {
  const [n, c, h, w] = imagesOf(call.input(0));
  let target: number[];
  if (sizes?.length) target = sizes;
  else {
    if (!isKnown(scales) || sizeOf(scales.dims) !== 4)
      throw unsupported('expected fixed scales of four axes.');
    const factors = Array.from(scales.data);
    // Scales that leave parts of a pixel over shift what is read; only a factor of whole pixels is the same in all readings.
    target = [n, c, h, w].map((size, axis) => Math.floor(size * factors[axis]! + 1e-4));
    const uneven = target.findIndex(
      (size, axis) => Math.abs(size - [n, c, h, w][axis]! * factors[axis]!) > 1e-3,
    );
    if (uneven >= 0)
      throw unsupported(`expected scales to whole pixels, got [${factors}] of [${[n, c, h, w]}].`);
  }
  if (target.length !== 4) throw damaged(`expected sizes of four axes, got [${target}].`);
  const [high, wide] = target.slice(2) as Pair;
  if ((target[0] !== n && target[0] !== call.fixedBatch) || target[1] !== c || !(high >= 1 && wide >= 1))
    throw unsupported(`expected rows and columns resized, got [${target}] of [${[n, c, h, w]}].`);
  const dims = within([n, c, high, wide]);
  const mode = call.text('mode');
  const own = (rule === 'pytorch_half_pixel' ? 'half_pixel' : rule) as Rule;
  // One row or column of what PyTorch resizes is the first, not the middle.
  if (rule === 'pytorch_half_pixel' && (high === 1 || wide === 1) && !(high === h && wide === w))
    throw unsupported('expected more than one row and column to resize to.');
  if (mode === 'nearest')
    return one(dims, ([x]) => {
      let y: tf.Tensor = channelsLast(x!);
      if (high !== h) y = tf.gather(y, tf.tensor1d(nearestRows(h, high, own, rounding), 'int32'), 1);
      if (wide !== w) y = tf.gather(y, tf.tensor1d(nearestRows(w, wide, own, rounding), 'int32'), 2);
      return lying(y, true);
    });
  return one(dims, ([x]) => lying(resizeBilinear(channelsLast(x!), [high, wide], own), true));
}

const resize: Operator = {
  inputs: [1, 4],
  attributes: {
    mode: { kind: 'string', default: 'nearest', of: ['nearest', 'linear'] },
    coordinate_transformation_mode: {
      kind: 'string',
      default: 'half_pixel',
      of: ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'],
    },
    nearest_mode: { kind: 'string', default: 'round_prefer_floor', of: ROUNDINGS },
    antialias: { kind: 'int', default: 0, from: 0, to: 1 },
    axes: { kind: 'ints' },
    cubic_coeff_a: { kind: 'ignored' },
    exclude_outside: { kind: 'ignored' },
    extrapolation_value: { kind: 'ignored' },
    keep_aspect_ratio_policy: { kind: 'string', default: 'stretch', of: ['stretch'] },
  },
  plan(call) {
    if (call.has('axes')) throw unsupported('attribute "axes": expected none, got some.');
    // Up to opset 10 pixels were counted from their corners.
    if (call.opset < 11) return resized(call, call.inputs[1], undefined, 'asymmetric', 'floor');
    const [, , h, w] = imagesOf(call.input(0));
    const sizes = call.wholes(3, 'a size');
    const planned = resized(
      call,
      call.inputs[2],
      sizes,
      call.text('coordinate_transformation_mode'),
      call.text('nearest_mode'),
    );
    const [, , high, wide] = planned.outputs[0]!.dims as [number, number, number, number];
    if (call.int('antialias') === 1 && (high < h || wide < w))
      throw unsupported('attribute "antialias": expected 0 where images shrink, got 1.');
    return planned;
  },
};
const upsample: Operator = {
  inputs: [1, 2],
  attributes: {
    mode: { kind: 'string', default: 'nearest', of: ['nearest', 'linear'] },
    scales: { kind: 'floats' },
  },
  plan(call) {
    const given = call.ints('scales');
    const scales: Value | undefined = given
      ? { dims: [given.length], type: 'float', data: given, constant: true }
      : call.inputs[1];
    return resized(call, scales, undefined, 'asymmetric', 'floor');
  },
};

export const windowOperators = {
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Conv: conv,
  ConvTranspose: convTranspose,
  DepthToSpace: depthToSpaceOperator,
  GlobalAveragePool: globalPool((x, axes, keep) => tf.mean(x, axes, keep)),
  GlobalMaxPool: globalPool((x, axes, keep) => tf.max(x, axes, keep)),
  LRN: lrn,
  MaxPool: maxPool,
  Resize: resize,
  SpaceToDepth: spaceToDepthOperator,
  Upsample: upsample,
} satisfies Record<string, Operator>;
