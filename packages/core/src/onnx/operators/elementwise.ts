import { tf } from '../../lib/backend.js';
import { relu, relu6 } from '../../lib/kernels.js';
import { choose, flat } from '../kernels.js';
import type { NumberType } from '../onnxFile.js';
import { type Call, castType, isKnown, type KnownCall, type Operator, one, type Value } from '../operator.js';
import { damaged, unsupported } from '../refusal.js';
import { broadcastDims, elementwise, known, sizeOf } from '../shapes.js';
import { channelsLast, type Lying, lying, plain } from '../tensors.js';

/** One number at a time. */

const values = ({ inputs }: KnownCall) => inputs.filter((v) => v !== undefined);
const floatsOnly = (value: Value) => {
  if (value.type !== 'float') throw damaged(`expected floats, got ${value.type}.`);
  return value;
};

/** @param fn on the tensor as it lies @param onKnown the same on a known number */
const unary = (
  fn: (x: tf.Tensor, call: Call) => tf.Tensor,
  onKnown?: (x: number, call: Call) => number,
  attributes?: Operator['attributes'],
): Operator => ({
  inputs: [1, 1],
  ...(attributes && { attributes }),
  plan: (call) => {
    const { dims } = floatsOnly(call.input(0));
    return one(dims, ([x]) => lying(fn(x!.tensor, call), x!.last));
  },
  ...(onKnown && {
    known: (call: KnownCall) => elementwise(values(call), call.input(0).type, (x) => onKnown(x!, call)),
  }),
});

/** Both with channels last if one of them lies so. */
function together(inputs: readonly Lying[]): { tensors: tf.Tensor[]; last: boolean } {
  const last = inputs.some((x) => x.last) && inputs.every(({ tensor }) => tensor.rank <= 4);
  if (!last) return { tensors: inputs.map(plain), last };
  return {
    tensors: inputs.map((x) => (x.tensor.size === 1 ? tf.reshape(x.tensor, []) : channelsLast(x))),
    last,
  };
}

type Fold = (x: tf.Tensor, y: tf.Tensor) => tf.Tensor;
/** Any number of inputs, one after the other; `finish` of what comes out and their number. */
const folding = (
  [least, most]: readonly [number, number],
  fn: Fold,
  onKnown?: (x: number, y: number, type: NumberType) => number,
  finish: (x: tf.Tensor, count: number) => tf.Tensor = (x) => x,
  of: { type?: NumberType; takes?: readonly NumberType[] } = {},
): Operator => ({
  inputs: [least, most],
  plan(call) {
    const inputs = call.inputs.map((_, i) => call.input(i));
    const { takes = ['float'] } = of;
    for (const { type, data } of inputs)
      if (!takes.includes(type) && !data) throw damaged(`expected ${takes.join(' or ')}, got ${type}.`);
    const dims = inputs.map((v) => v.dims).reduce(broadcastDims);
    return one(
      dims,
      (own) => {
        const { tensors, last } = together(own as Lying[]);
        return lying(finish(tensors.reduce(fn), tensors.length), last);
      },
      of,
    );
  },
  ...(onKnown && {
    known: (call: KnownCall) => {
      const { type } = call.input(0);
      return elementwise(values(call), of.type ?? type, (...own) =>
        own.reduce((x, y) => onKnown(x, y, type)),
      );
    },
  }),
});
const binary = (fn: Fold, onKnown?: (x: number, y: number, type: NumberType) => number) =>
  folding([2, 2], fn, onKnown);
const many = (
  fn: Fold,
  onKnown?: (x: number, y: number) => number,
  finish?: (x: tf.Tensor, count: number) => tf.Tensor,
) => folding([1, Number.POSITIVE_INFINITY], fn, onKnown, finish);
/** What is true is 1. It has no gradient: it is flat wherever it has one. */
const truth = (
  fn: Fold,
  onKnown: (x: number, y: number) => boolean,
  takes: readonly NumberType[] = ['float', 'bool'],
): Operator =>
  folding(
    [2, 2],
    (x, y) => flat((a, b) => tf.cast(fn(a!, b!), 'float32'), [x, y]),
    (x, y) => Number(onKnown(x, y)),
    undefined,
    { type: 'bool', takes },
  );
const bool = (x: tf.Tensor) => tf.cast(x, 'bool');
const rounding = (fn: (x: tf.Tensor) => tf.Tensor, onKnown: (x: number) => number) =>
  unary((x) => flat((a) => fn(a!), [x]), onKnown);

const hardSigmoid = (x: tf.Tensor, alpha: number, beta: number) =>
  tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);
const elu = (x: tf.Tensor, alpha: number) =>
  alpha === 1 ? tf.elu(x) : tf.sub(relu(x), tf.mul(alpha, relu(tf.neg(tf.expm1(tf.neg(relu(tf.neg(x))))))));

const gelu = (x: tf.Tensor, approximate: string) => {
  const inner =
    approximate === 'tanh'
      ? tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x))))))
      : tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.mul(tf.mul(x, 0.5), tf.add(1, inner));
};

const LARGEST = 3.4028234e38;
const clip: Operator = {
  inputs: [1, 3],
  attributes: { min: { kind: 'float', default: -LARGEST }, max: { kind: 'float', default: LARGEST } },
  plan(call) {
    const low = Math.max(-LARGEST, call.scalar(1, call.float('min')));
    const high = Math.min(LARGEST, call.scalar(2, call.float('max')));
    const { dims } = floatsOnly(call.input(0));
    return one(dims, ([x]) => {
      const { tensor, last } = x!;
      if (low === 0 && high === 6) return lying(relu6(tensor), last);
      if (low === 0 && high > 1e30) return lying(relu(tensor), last);
      return lying(low <= high ? tf.clipByValue(tensor, low, high) : tf.add(tf.mul(tensor, 0), high), last);
    });
  },
  known: (call) => {
    const [low, high] = [call.scalar(1, call.float('min')), call.scalar(2, call.float('max'))];
    return elementwise([call.input(0)], call.input(0).type, (x) => Math.min(high, Math.max(low, x!)));
  },
};

const pRelu: Operator = {
  inputs: [2, 2],
  plan(call) {
    const dims = broadcastDims(floatsOnly(call.input(0)).dims, call.input(1).dims);
    return one(dims, (own) => {
      const { tensors, last } = together(own as Lying[]);
      const [x, slope] = tensors as [tf.Tensor, tf.Tensor];
      return lying(tf.sub(relu(x), tf.mul(relu(tf.neg(x)), slope)), last);
    });
  },
};

const where: Operator = {
  inputs: [3, 3],
  plan(call) {
    const [condition, a, b] = [call.input(0), call.input(1), call.input(2)];
    if (condition.type !== 'bool')
      throw damaged(`input 0: expected what is true or false, got ${condition.type}.`);
    const dims = [condition, floatsOnly(a), floatsOnly(b)].map((v) => v.dims).reduce(broadcastDims);
    return one(dims, (own) => {
      const whole = own.map((x) => tf.broadcastTo(plain(x!), dims));
      return lying(choose(whole[0]!, whole[1]!, whole[2]!));
    });
  },
  known: (call) =>
    elementwise(values(call), call.input(1).type, (condition, a, b) => (condition !== 0 ? a! : b!)),
};

const not: Operator = {
  inputs: [1, 1],
  plan(call) {
    const { dims, type } = call.input(0);
    if (type !== 'bool') throw damaged(`expected what is true or false, got ${type}.`);
    return one(dims, ([x]) => lying(tf.sub(1, x!.tensor), x!.last), { type: 'bool' });
  },
  known: (call) => elementwise([call.input(0)], 'bool', (x) => Number(x === 0)),
};

const cast: Operator = {
  inputs: [1, 1],
  attributes: { to: { kind: 'int' }, saturate: { kind: 'ignored' } },
  plan(call) {
    const { dims } = call.input(0);
    const type = castType(call.int('to'));
    if (type === 'int') throw unsupported('numbers that depend on the image are cast to whole ones.');
    if (type === 'float') return one(dims, ([x]) => x!);
    const isSet = (x: tf.Tensor) => flat((a) => tf.cast(tf.notEqual(a!, 0), 'float32'), [x]);
    return one(dims, ([x]) => lying(isSet(x!.tensor), x!.last), { type: 'bool' });
  },
  known: (call) => {
    const type = castType(call.int('to'));
    const { dims, data } = call.input(0);
    if (type === 'int') return known('int', dims, Array.from(data, Math.trunc));
    if (type === 'bool')
      return known(
        'bool',
        dims,
        Array.from(data, (x) => Number(x !== 0)),
      );
    return known('float', dims, Float32Array.from(data));
  },
};

/** The same, whatever else the node says. */
const same = (attributes: Operator['attributes'], inputs: readonly [number, number] = [1, 1]): Operator => ({
  inputs,
  ...(attributes && { attributes }),
  plan(call) {
    const { dims, type } = call.input(0);
    return one(dims, ([x]) => x!, { type });
  },
  known: (call) => call.input(0),
});

const dropout: Operator = {
  ...same({ ratio: { kind: 'ignored' }, seed: { kind: 'ignored' } }, [1, 3]),
  plan(call) {
    if (call.scalar(2, 0) !== 0)
      throw unsupported('it was exported in training mode: call model.eval() before the export.');
    const { dims, type } = call.input(0);
    return one(dims, ([x]) => x!, { type });
  },
};

const pow: Operator = {
  ...binary(tf.pow, (x, y) => x ** y),
  plan(call) {
    const [x, y] = [floatsOnly(call.input(0)), call.input(1)];
    const exponent = isKnown(y) && sizeOf(y.dims) === 1 ? y.data[0] : undefined;
    if (exponent === undefined || y.dims.length > x.dims.length) return binary(tf.pow).plan!(call);
    // tf.pow's gradient has a logarithm, which a whole exponent does not need.
    const power = (t: tf.Tensor): tf.Tensor => {
      if (exponent === 2) return tf.square(t);
      if (exponent === 3) return tf.mul(t, tf.square(t));
      if (exponent === 1) return t;
      if (exponent === 0.5) return tf.sqrt(t);
      return tf.pow(t, exponent);
    };
    return one(x.dims, ([x]) => lying(power(x!.tensor), x!.last));
  },
};

const intDivision = (x: number, y: number, type: NumberType) => {
  if (type !== 'int') return x / y;
  if (y === 0) throw damaged('expected whole numbers to divide by, got 0.');
  return Math.trunc(x / y);
};
const mod: Operator = {
  inputs: [2, 2],
  attributes: { fmod: { kind: 'int', default: 0, from: 0, to: 1 } },
  known: (call) => {
    const sign =
      call.int('fmod') === 1 ? (x: number, y: number) => x % y : (x: number, y: number) => ((x % y) + y) % y;
    if (Array.from(call.input(1).data).includes(0)) throw damaged('expected numbers to divide by, got 0.');
    return elementwise(values(call), call.input(0).type, (x, y) => sign(x!, y!));
  },
};

const alpha = (value: number) => ({ alpha: { kind: 'float', default: value } }) as const;
export const elementwiseOperators = {
  Abs: unary((x) => tf.abs(x), Math.abs),
  Add: binary(tf.add, (x, y) => x + y),
  And: truth(
    (x, y) => tf.logicalAnd(bool(x), bool(y)),
    (x, y) => x !== 0 && y !== 0,
    ['bool'],
  ),
  Cast: cast,
  Ceil: rounding((x) => tf.ceil(x), Math.ceil),
  Celu: unary(
    (x, call) => tf.mul(elu(tf.div(x, call.float('alpha')), 1), call.float('alpha')),
    undefined,
    alpha(1),
  ),
  Clip: clip,
  Cos: unary((x) => tf.cos(x), Math.cos),
  Div: binary(tf.div, intDivision),
  Dropout: dropout,
  Elu: unary((x, call) => elu(x, call.float('alpha')), undefined, alpha(1)),
  Equal: truth(tf.equal, (x, y) => x === y),
  Erf: unary((x) => tf.erf(x)),
  Exp: unary((x) => tf.exp(x), Math.exp),
  Floor: rounding((x) => tf.floor(x), Math.floor),
  Gelu: unary((x, call) => gelu(x, call.text('approximate')), undefined, {
    approximate: { kind: 'string', default: 'none', of: ['none', 'tanh'] },
  }),
  Greater: truth(tf.greater, (x, y) => x > y),
  GreaterOrEqual: truth(tf.greaterEqual, (x, y) => x >= y),
  HardSigmoid: unary((x, call) => hardSigmoid(x, call.float('alpha'), call.float('beta')), undefined, {
    ...alpha(0.2),
    beta: { kind: 'float', default: 0.5 },
  }),
  HardSwish: unary((x) => tf.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Identity: same(undefined),
  LeakyRelu: unary((x, call) => tf.leakyRelu(x, call.float('alpha')), undefined, alpha(0.01)),
  Less: truth(tf.less, (x, y) => x < y),
  LessOrEqual: truth(tf.lessEqual, (x, y) => x <= y),
  Log: unary((x) => tf.log(x), Math.log),
  // tfjs's own gradients of these do not go back over what was broadcast.
  Max: many((x, y) => tf.add(y, relu(tf.sub(x, y))), Math.max),
  Mean: many(tf.add, undefined, (x, count) => tf.div(x, count)),
  Min: many((x, y) => tf.sub(x, relu(tf.sub(x, y))), Math.min),
  Mish: unary((x) => tf.mul(x, tf.tanh(tf.softplus(x)))),
  Mod: mod,
  Mul: binary(tf.mul, (x, y) => x * y),
  Neg: unary(
    (x) => tf.neg(x),
    (x) => -x,
  ),
  Not: not,
  Or: truth(
    (x, y) => tf.logicalOr(bool(x), bool(y)),
    (x, y) => x !== 0 || y !== 0,
    ['bool'],
  ),
  Pow: pow,
  PRelu: pRelu,
  Reciprocal: unary(
    (x) => tf.reciprocal(x),
    (x) => 1 / x,
  ),
  Relu: unary(
    (x) => relu(x),
    (x) => Math.max(0, x),
  ),
  Round: rounding(
    (x) => tf.round(x),
    (x) => (x % 1 === 0.5 || x % 1 === -0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  ),
  Selu: unary((x, call) => tf.mul(elu(x, call.float('alpha')), call.float('gamma')), undefined, {
    ...alpha(1.6732632),
    gamma: { kind: 'float', default: 1.050701 },
  }),
  Sigmoid: unary(
    (x) => tf.sigmoid(x),
    (x) => 1 / (1 + Math.exp(-x)),
  ),
  Sign: rounding((x) => tf.sign(x), Math.sign),
  Sin: unary((x) => tf.sin(x), Math.sin),
  Softplus: unary((x) => tf.softplus(x)),
  Softsign: unary((x) => tf.div(x, tf.add(1, tf.abs(x)))),
  Sqrt: unary((x) => tf.sqrt(x), Math.sqrt),
  Sub: binary(tf.sub, (x, y) => x - y),
  Sum: many(tf.add, (x, y) => x + y),
  Tanh: unary((x) => tf.tanh(x), Math.tanh),
  ThresholdedRelu: unary(
    (x, call) =>
      choose(
        flat((a) => tf.cast(tf.greater(a!, call.float('alpha')), 'float32'), [x]),
        x,
        tf.zerosLike(x),
      ),
    undefined,
    alpha(1),
  ),
  Where: where,
  Xor: truth(
    (x, y) => tf.logicalXor(bool(x), bool(y)),
    (x, y) => (x !== 0) !== (y !== 0),
    ['bool'],
  ),
} satisfies Record<string, Operator>;
