import { type Attribute, attribute, nodeBackend, tf } from '../lib/backend.js';
import { FEW_CHANNELS } from '../lib/blocks.js';

/**
 * TensorFlow's kernels with gradients by the image alone: the weights of an imported network are constants. What is
 * computed of weights only is computed once, when a graph is made. What a gradient takes is saved: it is asked for when the
 * pass has ended.
 */

const floats = () => attribute('T', 'TYPE', nodeBackend().binding.TF_FLOAT);

export type Padding = 'SAME' | 'VALID';
export type Pair = [number, number];

/** Channels that a CPU's kernel wants at least. */
const ENOUGH = 64;

const convolution = (strides: Pair, padding: Padding): Attribute[] => [
  floats(),
  attribute('strides', 'INT', [1, ...strides, 1]),
  attribute('padding', 'STRING', padding),
  attribute('data_format', 'STRING', 'NHWC'),
  attribute('dilations', 'INT', [1, 1, 1, 1]),
];
const run = (op: string, attributes: Attribute[], inputs: tf.Tensor[]) =>
  nodeBackend().executeSingleOutput(op, attributes, inputs);

/**
 * [n,h,w,c] by [k,k,c/groups,o], or depthwise by [k,k,c,m].
 * @param padding SAME only with stride 1 and sides of the kernel that are odd
 */
export function convolve(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  strides: Pair,
  padding: Padding,
  depthwise: boolean,
): tf.Tensor4D {
  const attributes = convolution(strides, padding);
  const { shape } = x;
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([kernel]);
    return {
      value: run(depthwise ? 'DepthwiseConv2dNative' : 'Conv2D', attributes, [x as tf.Tensor, kernel]),
      gradFunc: (dy: tf.Tensor, [kernel]: tf.Tensor[]) =>
        depthwise
          ? run('DepthwiseConv2dNativeBackpropInput', attributes, [tf.tensor1d(shape, 'int32'), kernel!, dy])
          : backThrough(dy as tf.Tensor4D, kernel!, shape, strides, padding),
    };
  });
  return op(x) as tf.Tensor4D;
}

function backThrough(
  dy: tf.Tensor4D,
  kernel: tf.Tensor,
  shape: number[],
  strides: Pair,
  padding: Padding,
): tf.Tensor {
  const groups = shape[3]! / kernel.shape[2]!;
  if (groups > 1) {
    const { parts, kernels } = merged(kernel, groups);
    const own = [...shape.slice(0, 3), shape[3]! / parts];
    const gradients = tf
      .split(dy, parts, 3)
      .map((part, i) => backThrough(part as tf.Tensor4D, kernels[i]!, own, strides, padding));
    return tf.concat(gradients, 3);
  }
  const [kh, kw, inputs] = kernel.shape as [number, number, number];
  if (strides[0] === 1 && strides[1] === 1) return turnedBack(dy, kernel, padding);
  if (inputs <= FEW_CHANNELS && strides[0] === strides[1] && kh === kw && strides[0] <= 2 * kh)
    return turnedBackOfBlocks(dy, kernel, shape, strides[0]);
  return run('Conv2DBackpropInput', convolution(strides, padding), [tf.tensor1d(shape, 'int32'), kernel, dy]);
}

/**
 * The gradient of a convolution with stride 1 by its input is a convolution by the kernel turned around. Measured: as one,
 * a DenseNet-121 or a MobileNetV2 gains 5 % on Conv2DBackpropInput.
 */
function turnedBack(dy: tf.Tensor4D, kernel: tf.Tensor, padding: Padding): tf.Tensor {
  const [kh, kw] = kernel.shape as [number, number];
  const turned = tf.transpose(tf.reverse(kernel, [0, 1]), [0, 1, 3, 2]);
  const around = (side: number): Pair => [side - 1, side - 1];
  const framed =
    padding === 'SAME' || (kh === 1 && kw === 1) ? dy : tf.pad(dy, [[0, 0], around(kh), around(kw), [0, 0]]);
  return run('Conv2D', convolution([1, 1], padding), [framed, turned]);
}

/**
 * The same with a stride s: over blocks of s×s pixels it is a convolution with stride 1, by a kernel 1/s as wide and with
 * s² times the channels.
 */
function turnedBackOfBlocks(dy: tf.Tensor4D, kernel: tf.Tensor, shape: number[], stride: number): tf.Tensor {
  const [side, , inputs, outputs] = kernel.shape as [number, number, number, number];
  const [n, height, width] = shape as [number, number, number];
  const reach = Math.ceil(side / stride);
  const more: Pair = [0, reach * stride - side];
  const whole = tf.reshape(tf.pad(kernel, [more, more, [0, 0], [0, 0]]), [
    reach,
    stride,
    reach,
    stride,
    inputs,
    outputs,
  ]);
  const turned = tf.reshape(tf.transpose(tf.reverse(whole, [0, 2]), [0, 2, 5, 1, 3, 4]), [
    reach,
    reach,
    outputs,
    stride * stride * inputs,
  ]);
  const border: Pair = [reach - 1, reach - 1];
  const framed = reach === 1 ? dy : tf.pad(dy, [[0, 0], border, border, [0, 0]]);
  const blocks = run('Conv2D', convolution([1, 1], 'VALID'), [framed, turned]);
  const spread = depthToSpaceKernel(blocks, stride);
  const [, h, w] = spread.shape as [number, number, number];
  const padded =
    h < height || w < width
      ? tf.pad(spread, [
          [0, 0],
          [0, Math.max(0, height - h)],
          [0, Math.max(0, width - w)],
          [0, 0],
        ])
      : spread;
  return h > height || w > width ? tf.slice(padded, [0, 0, 0, 0], [n, height, width, inputs]) : padded;
}

const blockAttributes = (size: number) => [
  floats(),
  attribute('block_size', 'INT', size),
  attribute('data_format', 'STRING', 'NHWC'),
];
const depthToSpaceKernel = (x: tf.Tensor, size: number) => run('DepthToSpace', blockAttributes(size), [x]);
const spaceToDepthKernel = (x: tf.Tensor, size: number) => run('SpaceToDepth', blockAttributes(size), [x]);

/** [n,h,w,s²·c] → [n,s·h,s·w,c], and its inverse. */
export const depthToSpace = (x: tf.Tensor, size: number): tf.Tensor =>
  tf.customGrad((x) => {
    return {
      value: depthToSpaceKernel(x as tf.Tensor, size),
      gradFunc: (dy: tf.Tensor) => spaceToDepthKernel(dy, size),
    };
  })(x);
export const spaceToDepth = (x: tf.Tensor, size: number): tf.Tensor =>
  tf.customGrad((x) => {
    return {
      value: spaceToDepthKernel(x as tf.Tensor, size),
      gradFunc: (dy: tf.Tensor) => depthToSpaceKernel(dy, size),
    };
  })(x);

/**
 * TensorFlow's CPU has no gradient of grouped convolutions: groups are put together until they have channels enough, with
 * zeros where they do not touch.
 */
function merged(kernel: tf.Tensor, groups: number) {
  const [kh, kw, inputs, outputs] = kernel.shape as [number, number, number, number];
  const each = outputs / groups;
  let together = 1;
  for (let n = 1; n <= groups; n++)
    if (groups % n === 0 && n * inputs <= Math.max(ENOUGH, inputs)) together = n;
  const parts = groups / together;
  const diagonal = tf.reshape(tf.eye(together), [1, together, 1, together, 1]);
  const kernels = tf.split(kernel, parts, 3).map((part) => {
    const own = tf.reshape(part, [kh * kw, 1, inputs, together, each]);
    return tf.reshape(tf.mul(own, diagonal), [kh, kw, together * inputs, together * each]);
  });
  return { parts, kernels };
}

/**
 * What a convolution with this stride takes back: [n,h,w,c] by [k,k,o,c] to [n,height,width,o].
 */
export function convolveTransposed(
  x: tf.Tensor4D,
  kernel: tf.Tensor,
  strides: Pair,
  [height, width]: Pair,
): tf.Tensor4D {
  const attributes = convolution(strides, 'VALID');
  const shape = [x.shape[0], height, width, kernel.shape[2]!];
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([kernel]);
    return {
      value: run('Conv2DBackpropInput', attributes, [tf.tensor1d(shape, 'int32'), kernel, x as tf.Tensor]),
      gradFunc: (dy: tf.Tensor, [kernel]: tf.Tensor[]) => run('Conv2D', attributes, [dy, kernel!]),
    };
  });
  return op(x) as tf.Tensor4D;
}

/** scale·x + offset per channel, in one kernel, which TensorFlow fuses with a ReLU behind it. */
export function scaleChannels(x: tf.Tensor4D, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor4D {
  const [c] = scale.shape as [number];
  const attributes = [
    floats(),
    attribute('U', 'TYPE', nodeBackend().binding.TF_FLOAT),
    attribute('epsilon', 'FLOAT', 0),
    attribute('data_format', 'STRING', 'NHWC'),
    attribute('is_training', 'BOOL', false),
    attribute('exponential_avg_factor', 'FLOAT', 1),
  ];
  const [mean, variance] = [tf.zeros([c]), tf.ones([c])];
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([scale]);
    return {
      value: nodeBackend().executeMultipleOutputs(
        'FusedBatchNormV3',
        attributes,
        [x as tf.Tensor, scale, offset, mean, variance],
        6,
      )[0]!,
      gradFunc: (dy: tf.Tensor, [scale]: tf.Tensor[]) => tf.mul(dy, scale!),
    };
  });
  return op(x) as tf.Tensor4D;
}

/** Bilinear. tfjs's own gradient forgets where pixels have their centres. */
export function resizeBilinear(
  x: tf.Tensor4D,
  size: Pair,
  rule: 'half_pixel' | 'align_corners' | 'asymmetric',
): tf.Tensor4D {
  const attributes = [
    floats(),
    attribute('align_corners', 'BOOL', rule === 'align_corners'),
    attribute('half_pixel_centers', 'BOOL', rule === 'half_pixel'),
  ];
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: run('ResizeBilinear', attributes, [x as tf.Tensor, tf.tensor1d(size, 'int32')]),
      gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => run('ResizeBilinearGrad', attributes, [dy, x!]),
    };
  });
  return op(x) as tf.Tensor4D;
}

/** A function that is flat wherever it has a gradient: signs, comparisons, rounding. */
export const flat = (fn: (...x: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor =>
  tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc;
    const own = args as tf.Tensor[];
    save(own);
    return {
      value: fn(...own),
      gradFunc: (_dy: tf.Tensor, saved: tf.Tensor[]) => saved.map((x) => tf.zerosLike(x)),
    };
  })(...inputs);

/** a where the condition is not 0, else b; all of one shape. What is not chosen has no say, not even where it is ∞. */
export function choose(condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const pick = (condition: tf.Tensor, a: tf.Tensor, b: tf.Tensor) =>
    tf.where(tf.cast(condition, 'bool'), a, b);
  return tf.customGrad((a, b, save) => {
    (save as tf.GradSaveFunc)([condition]);
    return {
      value: pick(condition, a as tf.Tensor, b as tf.Tensor),
      gradFunc: (dy: tf.Tensor, [condition]: tf.Tensor[]) => {
        const none = tf.zerosLike(dy);
        return [pick(condition!, dy, none), pick(condition!, none, dy)];
      },
    };
  })(a, b);
}
