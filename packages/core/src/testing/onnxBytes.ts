/** ONNX files for tests, written by hand: just enough of protocol buffers. */

const varint = (value: number | bigint): Buffer => {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
};
export const int = (field: number, value: number | bigint): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);
export const bytes = (field: number, ...content: (Buffer | string)[]): Buffer => {
  const whole = Buffer.concat(content.map((part) => Buffer.from(part as string)));
  return Buffer.concat([varint(field * 8 + 2), varint(whole.length), whole]);
};
const float = (field: number, value: number): Buffer => {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), content]);
};

export const floats = (values: Iterable<number>): Buffer => Buffer.from(Float32Array.from(values).buffer);
export const int64s = (values: Iterable<number>): Buffer =>
  Buffer.from(BigInt64Array.from(values, (value) => BigInt(value)).buffer);

export interface TensorSpec {
  dims: number[];
  /** ONNX's number of the type; floats where it is left out. */
  type?: number;
  values?: number[];
  raw?: Buffer;
  /** Key and value of where its numbers lie. */
  external?: Record<string, string>;
}
export function tensor(name: string, { dims, type = 1, values, raw, external }: TensorSpec): Buffer {
  const content = raw ?? (type === 1 ? floats(values ?? []) : int64s(values ?? []));
  const place = Object.entries(external ?? {}).map(([key, value]) =>
    bytes(13, bytes(1, key), bytes(2, value)),
  );
  return Buffer.concat([
    ...dims.map((size) => int(1, size)),
    int(2, type),
    bytes(8, name),
    ...(external ? [...place, int(14, 1)] : [bytes(9, content)]),
  ]);
}

/** Whole numbers are ints, others floats: say `{ float: 1 }` where one is neither by its look. */
export type AttributeSpec =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: number[] }
  | { tensor: TensorSpec };
export function attribute(name: string, value: AttributeSpec): Buffer {
  const of = (kind: number, ...content: Buffer[]) =>
    Buffer.concat([bytes(1, name), ...content, int(20, kind)]);
  if (typeof value === 'string') return of(3, bytes(4, value));
  if (typeof value === 'number')
    return Number.isInteger(value) ? of(2, int(3, value)) : of(1, float(2, value));
  if (Array.isArray(value)) return of(7, ...value.map((item) => int(8, item)));
  if ('float' in value) return of(1, float(2, value.float));
  if ('floats' in value) return of(6, bytes(7, floats(value.floats)));
  return of(4, bytes(5, tensor('', (value as { tensor: TensorSpec }).tensor)));
}

export interface NodeSpec {
  op: string;
  inputs: string[];
  outputs?: string[];
  name?: string;
  domain?: string;
  attributes?: Record<string, AttributeSpec>;
}
export const node = ({
  op,
  inputs,
  outputs = ['y'],
  name = op.toLowerCase(),
  domain,
  attributes = {},
}: NodeSpec): Buffer =>
  Buffer.concat([
    ...inputs.map((input) => bytes(1, input)),
    ...outputs.map((output) => bytes(2, output)),
    bytes(3, name),
    bytes(4, op),
    ...Object.entries(attributes).map(([key, value]) => bytes(5, attribute(key, value))),
    ...(domain ? [bytes(7, domain)] : []),
  ]);

/** −1 is a number that is left open. */
export const port = (name: string, dims: number[], type = 1): Buffer =>
  Buffer.concat([
    bytes(1, name),
    bytes(
      2,
      bytes(
        1,
        int(1, type),
        bytes(2, ...dims.map((size) => bytes(1, size < 0 ? bytes(2, 'n') : int(1, size)))),
      ),
    ),
  ]);

export interface OnnxSpec {
  nodes: (NodeSpec | Buffer)[];
  constants?: Record<string, TensorSpec>;
  inputs?: Buffer[];
  outputs?: Buffer[];
  /** None where it is null. */
  opset?: number | null;
}
/** A file whose input `x` is [n,1,4,4] and whose output `y` has any shape, unless told. */
export function onnx({ nodes, constants = {}, inputs, outputs, opset = 17 }: OnnxSpec): Buffer {
  return Buffer.concat([
    int(1, 8),
    bytes(2, 'tests'),
    ...(opset === null ? [] : [bytes(8, int(2, opset))]),
    bytes(
      7,
      ...nodes.map((each) => bytes(1, Buffer.isBuffer(each) ? each : node(each))),
      ...Object.entries(constants).map(([name, spec]) => bytes(5, tensor(name, spec))),
      ...(inputs ?? [port('x', [-1, 1, 4, 4])]).map((each) => bytes(11, each)),
      ...(outputs ?? [port('y', [-1, -1])]).map((each) => bytes(12, each)),
    ),
  ]);
}
