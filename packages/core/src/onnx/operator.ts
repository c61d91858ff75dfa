import { type Attribute, type Constant, type NumberType, type OnnxNode, typeName } from './onnxFile.js';
import { damaged, shown, unsupported } from './refusal.js';
import type { Lying } from './tensors.js';

/** A tensor of a network before it runs: its shape is known, and its numbers where they do not come from the image. */
export interface Value {
  dims: number[];
  type: NumberType;
  /** Where they are known: shapes, indices, masks and small weights. */
  data?: ArrayLike<number>;
  /** Whether it is the same for every image. */
  constant: boolean;
}

/** What an attribute may be: the kind, and what it is where a node leaves it out. */
export type AttributeRule =
  | { kind: 'int'; default?: number; from?: number; to?: number }
  | { kind: 'float'; default?: number }
  | { kind: 'string'; default: string; of: readonly string[] }
  | { kind: 'text' }
  | { kind: 'ints' | 'floats' | 'tensor' }
  /** Known, and of no meaning here. */
  | { kind: 'ignored' };

/** What a node computes: shapes now, tensors when the network runs. */
export interface Planned {
  outputs: Value[];
  /** @param inputs by the node's inputs, undefined where one is left out @returns one for each of `outputs` */
  run?(inputs: readonly (Lying | undefined)[]): Lying[];
  /** Multiplications per run. */
  work?: number;
}

/** One operator of ONNX, as data. */
export interface Operator {
  /** How many inputs at least and at most. */
  inputs: readonly [number, number];
  /** Outputs at most; 1 unless told. */
  outputs?: number;
  attributes?: Readonly<Record<string, AttributeRule>>;
  /** On numbers that depend on the image. Without it, the operator is one on shapes alone. */
  plan?(call: Call): Planned;
  /** On known numbers. */
  known?(call: KnownCall): Value;
}

/** A node with its inputs and attributes, checked against what its operator declares. */
export interface Call {
  opset: number;
  /** Images that go through at once. */
  batch: number;
  /** The number of images that the file was exported for, where it fixes one. */
  fixedBatch?: number;
  inputs: readonly (Value | undefined)[];
  /** How many outputs the node names. */
  outputs: number;
  /** An input that has to be there. */
  input(i: number): Value;
  has(attribute: string): boolean;
  int(attribute: string): number;
  float(attribute: string): number;
  text(attribute: string): string;
  ints(attribute: string): number[] | undefined;
  tensor(attribute: string): Constant | undefined;
  /** Whole numbers that have to be known before the network runs, of an input; undefined where it is left out. */
  wholes(input: number, what: string): number[] | undefined;
  /** A known number of an input. */
  scalar(input: number, fallback: number): number;
}
/** A call all of whose inputs are known. */
export interface KnownCall extends Call {
  inputs: readonly (Known | undefined)[];
  input(i: number): Known;
}
export interface Known extends Value {
  data: ArrayLike<number>;
}

export const isKnown = (value: Value | undefined): value is Known => value?.data !== undefined;

/** @throws TrojanscopeError where the node is not as its operator says, or as nobody here can run it */
export function checkNode(
  node: OnnxNode,
  { inputs: [least, most], outputs = 1, attributes = {} }: Operator,
): void {
  const count = node.inputs.length;
  if (count < least || count > most) {
    const range =
      least === most
        ? `${least}`
        : most === Number.POSITIVE_INFINITY
          ? `at least ${least}`
          : `${least} to ${most}`;
    throw damaged(`expected ${range} inputs, got ${count}.`);
  }
  const missing = node.inputs.findIndex((name, i) => name === '' && i < least);
  if (missing >= 0) throw damaged(`input ${missing}: expected one, got none.`);
  if (!node.outputs[0]) throw damaged('expected an output, got none.');
  if (node.outputs.filter((name) => name !== '').length > outputs)
    throw unsupported(`expected at most ${outputs} outputs, got ${node.outputs.length}.`);
  for (const [name, attribute] of node.attributes) {
    const rule = Object.hasOwn(attributes, name) ? attributes[name]! : undefined;
    if (!rule) throw damaged(`attribute ${shown(name)}: expected none of this name.`);
    checkAttribute(name, attribute, rule);
  }
}

function checkAttribute(name: string, attribute: Attribute, rule: AttributeRule): void {
  if (rule.kind === 'ignored') return;
  const wanted = rule.kind === 'text' ? 'string' : rule.kind;
  if (attribute.kind !== wanted)
    throw damaged(`attribute ${shown(name)}: expected ${wanted}, got ${attribute.kind}.`);
  const { value } = attribute as { value: unknown };
  if (rule.kind === 'int') {
    const { from = -(2 ** 31), to = 2 ** 31 } = rule;
    if (!((value as number) >= from && (value as number) <= to))
      throw damaged(`attribute ${shown(name)}: expected a whole number from ${from} to ${to}, got ${value}.`);
  }
  const numbers =
    rule.kind === 'float' ? [value as number] : rule.kind === 'floats' ? (value as number[]) : [];
  if (numbers.some(Number.isNaN)) throw damaged(`attribute ${shown(name)}: expected numbers, got NaN.`);
  if (rule.kind === 'string' && !rule.of.includes(value as string))
    throw unsupported(
      `attribute ${shown(name)}: expected ${rule.of.join(' or ')}, got ${shown(value as string)}.`,
    );
}

interface Surroundings extends Pick<Call, 'opset' | 'batch' | 'fixedBatch'> {
  inputs: readonly (Value | undefined)[];
}

/** What an operator is asked with. The node has been checked. */
export function callOf(node: OnnxNode, { attributes = {} }: Operator, around: Surroundings): Call {
  const get = (name: string) => (node.attributes.get(name) as { value?: unknown } | undefined)?.value;
  const or = (name: string) => get(name) ?? (attributes[name] as { default?: unknown } | undefined)?.default;
  const { inputs } = around;
  const required = (name: string) => {
    const value = or(name);
    if (value === undefined) throw damaged(`attribute ${shown(name)}: expected one, got none.`);
    return value;
  };
  return {
    ...around,
    outputs: node.outputs.length,
    input(i) {
      const value = inputs[i];
      if (!value) throw damaged(`input ${i}: expected one, got none.`);
      return value;
    },
    has: (name) => node.attributes.has(name),
    int: (name) => required(name) as number,
    float: (name) => required(name) as number,
    text: (name) => required(name) as string,
    ints: (name) => get(name) as number[] | undefined,
    tensor: (name) => get(name) as Constant | undefined,
    wholes(i, what) {
      const value = inputs[i];
      if (!value) return;
      if (!isKnown(value)) throw unsupported(`${what} depends on the image; only fixed ones are supported.`);
      return Array.from(value.data, (x) => Math.trunc(x));
    },
    scalar(i, fallback) {
      const value = inputs[i];
      if (!value) return fallback;
      if (!isKnown(value))
        throw unsupported(`input ${i}: expected a fixed number, got one that depends on the image.`);
      if (value.data.length !== 1)
        throw damaged(`input ${i}: expected one number, got ${value.data.length}.`);
      return value.data[0]!;
    },
  };
}

/** As ONNX's `Cast` names a type. */
export function castType(to: number): NumberType {
  if ([1, 10, 11, 16].includes(to)) return 'float';
  if (to === 9) return 'bool';
  if ([2, 3, 4, 5, 6, 7, 12, 13].includes(to)) return 'int';
  throw unsupported(`attribute "to": expected a type of numbers, got ${typeName(to)}.`);
}

/** The only output of a node. */
export const one = (
  dims: number[],
  run: (inputs: readonly (Lying | undefined)[]) => Lying,
  more: { type?: NumberType; work?: number } = {},
): Planned => ({
  outputs: [{ dims, type: more.type ?? 'float', constant: false }],
  run: (inputs) => [run(inputs)],
  ...(more.work !== undefined && { work: more.work }),
});
