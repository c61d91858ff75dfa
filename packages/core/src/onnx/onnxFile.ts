import { createHash } from 'node:crypto';
import { at, damaged, shown, unsupported } from './refusal.js';
import { type Field, pushInts, readMessage, WireError } from './wire.js';

/** An ONNX file as plain data. Only what a feed-forward classifier needs is read; the rest is skipped or refused. */
export interface OnnxModel {
  producer: string;
  opset: number;
  inputs: Port[];
  outputs: Port[];
  nodes: OnnxNode[];
  constants: Map<string, Constant>;
  /** The files beside it that hold some of its constants, and their SHA-256. */
  externals: Map<string, string>;
}

/** What goes in or comes out. */
export interface Port {
  name: string;
  type: number;
  /** −1 where it is left open. */
  dims: number[];
}

export interface OnnxNode {
  op: string;
  name: string;
  /** '' where an optional one is left out. */
  inputs: string[];
  outputs: string[];
  attributes: Map<string, Attribute>;
}

export type Attribute =
  | { kind: 'int' | 'float'; value: number }
  | { kind: 'ints' | 'floats'; value: number[] }
  | { kind: 'string'; value: string }
  | { kind: 'tensor'; value: Constant }
  /** Lists of texts, graphs and the like: no operator here takes any. */
  | { kind: 'other' };

export type NumberType = 'float' | 'int' | 'bool';

/** A tensor whose numbers the file holds. */
export interface Constant {
  dims: number[];
  type: NumberType;
  /** Whole numbers as JavaScript's, because they are shapes and indices. */
  data: Float32Array | number[];
}

const LIMITS = {
  nodes: 20_000,
  constants: 20_000,
  /** Ends of a node, whole numbers of an attribute, attributes of a node. */
  list: 4_096,
  /** Of an attribute: the weights of a linear model are one. */
  floats: 2 ** 22,
  nameBytes: 1_000,
  rank: 8,
  /** In all constants together: a gigabyte. */
  values: 2 ** 28,
  /** In one constant of whole numbers. */
  wholeNumbers: 2 ** 20,
};

/** ONNX's numbers of types. */
const TYPES: Record<number, { name: string; type?: NumberType; bytes: number }> = {
  1: { name: 'float', type: 'float', bytes: 4 },
  2: { name: 'uint8', type: 'int', bytes: 1 },
  3: { name: 'int8', type: 'int', bytes: 1 },
  4: { name: 'uint16', type: 'int', bytes: 2 },
  5: { name: 'int16', type: 'int', bytes: 2 },
  6: { name: 'int32', type: 'int', bytes: 4 },
  7: { name: 'int64', type: 'int', bytes: 8 },
  8: { name: 'string', bytes: 0 },
  9: { name: 'bool', type: 'bool', bytes: 1 },
  10: { name: 'float16', type: 'float', bytes: 2 },
  11: { name: 'double', type: 'float', bytes: 8 },
  12: { name: 'uint32', type: 'int', bytes: 4 },
  13: { name: 'uint64', type: 'int', bytes: 8 },
  16: { name: 'bfloat16', type: 'float', bytes: 2 },
};
export const typeName = (type: number): string => TYPES[type]?.name ?? `number ${type}`;
export const numberType = (type: number): NumberType | undefined => TYPES[type]?.type;

/** What lies beside an ONNX file: by its plain name; undefined where it is not there. */
export type ExternalReader = (file: string) => Buffer | undefined;

/**
 * @throws TrojanscopeError DATA_DAMAGED naming the place; UNSUPPORTED for what only other networks have
 */
export function parseOnnx(bytes: Buffer, external: ExternalReader = () => undefined): OnnxModel {
  const model: OnnxModel = {
    producer: '',
    opset: 0,
    inputs: [],
    outputs: [],
    nodes: [],
    constants: new Map(),
    externals: new Map(),
  };
  const tensors = tensorReader(external, model.externals);
  let graphs = 0;
  try {
    readMessage(bytes, (f) => {
      if (f.number === 2) model.producer = text(f);
      else if (f.number === 8) readOpset(message(f), model);
      else if (f.number === 25) throw unsupported('It defines functions of its own: export it without them.');
      else if (f.number === 7) {
        if (graphs++ > 0) throw damaged('Expected one graph, got another.');
        readGraph(message(f), model, tensors);
      }
    });
  } catch (error) {
    if (error instanceof WireError) throw damaged(`It is no ONNX file, or a part of one: ${error.message}.`);
    throw error;
  }
  if (graphs === 0) throw damaged('It is no ONNX file: expected a graph, got none.');
  return model;
}

/** The bytes of a message or a text. */
function message({ kind, bytes, number }: Field): Buffer {
  if (kind !== 2) throw new WireError(`field ${number} is a number where a message is expected`);
  return bytes;
}

function text(field: Field): string {
  const bytes = message(field);
  if (bytes.length > LIMITS.nameBytes)
    throw damaged(`Expected names of at most ${LIMITS.nameBytes} bytes, got one of ${bytes.length}.`);
  return bytes.toString('utf8');
}

function whole({ kind, int, number }: Field): number {
  if (kind !== 0) throw new WireError(`field ${number} is no whole number`);
  return int;
}

function readOpset(bytes: Buffer, model: OnnxModel): void {
  let domain = '';
  let version = 0;
  readMessage(bytes, (f) => {
    if (f.number === 1) domain = text(f);
    else if (f.number === 2) version = whole(f);
  });
  if (domain === '' || domain === 'ai.onnx') model.opset = version;
}

type ReadTensor = (bytes: Buffer) => { name: string; constant: Constant };

function readGraph(bytes: Buffer, model: OnnxModel, readTensor: ReadTensor): void {
  readMessage(bytes, (f) => {
    if (f.number === 1) {
      if (model.nodes.length >= LIMITS.nodes)
        throw damaged(`Expected at most ${LIMITS.nodes} nodes, got more.`);
      model.nodes.push(readNode(message(f), readTensor));
    } else if (f.number === 5) {
      const { name, constant } = readTensor(message(f));
      if (model.constants.size >= LIMITS.constants)
        throw damaged(`Expected at most ${LIMITS.constants} constants, got more.`);
      if (model.constants.has(name))
        throw damaged(`Constant ${shown(name)}: expected one of this name, got two.`);
      model.constants.set(name, constant);
    } else if (f.number === 11 || f.number === 12) {
      const ports = f.number === 11 ? model.inputs : model.outputs;
      if (ports.length >= LIMITS.constants) throw damaged('It has too many inputs or outputs.');
      ports.push(readPort(message(f)));
    } else if (f.number === 15) throw unsupported('It holds sparse constants: export it with dense ones.');
  });
  // Up to version 3 of the format, constants are listed among the inputs.
  model.inputs = model.inputs.filter(({ name }) => !model.constants.has(name));
}

function readPort(bytes: Buffer): Port {
  const port: Port = { name: '', type: 0, dims: [] };
  readMessage(bytes, (f) => {
    if (f.number === 1) port.name = text(f);
    else if (f.number === 2)
      readMessage(message(f), (kind) => {
        if (kind.number === 1) readMessage(message(kind), (tensor) => readTensorType(tensor, port));
      });
  });
  return port;
}

function readTensorType(f: Field, port: Port): void {
  if (f.number === 1) port.type = whole(f);
  else if (f.number === 2)
    readMessage(message(f), (dim) => {
      if (dim.number !== 1) return;
      let size = -1;
      readMessage(message(dim), (d) => {
        if (d.number === 1) size = whole(d);
      });
      if (port.dims.push(size > 0 ? size : -1) > LIMITS.rank)
        throw damaged(`${shown(port.name)}: expected at most ${LIMITS.rank} axes, got more.`);
    });
}

function readNode(bytes: Buffer, readTensor: ReadTensor): OnnxNode {
  const node: OnnxNode = { op: '', name: '', inputs: [], outputs: [], attributes: new Map() };
  let domain = '';
  readMessage(bytes, (f) => {
    if (f.number === 1) node.inputs.push(text(f));
    else if (f.number === 2) node.outputs.push(text(f));
    else if (f.number === 3) node.name = text(f);
    else if (f.number === 4) node.op = text(f);
    else if (f.number === 7) domain = text(f);
    else if (f.number === 5) {
      const [name, attribute] = readAttribute(message(f), readTensor);
      if (node.attributes.has(name))
        throw damaged(`${placeOf(node)}: it has the attribute ${shown(name)} twice.`);
      node.attributes.set(name, attribute);
    }
    if (node.inputs.length + node.outputs.length + node.attributes.size > LIMITS.list)
      throw damaged(
        `${placeOf(node)}: expected at most ${LIMITS.list} inputs, outputs and attributes, got more.`,
      );
  });
  if (domain !== '' && domain !== 'ai.onnx') node.op = `${domain}.${node.op}`;
  return node;
}

/** Which node, in words: exporters name most of them, else what it makes tells. */
export const placeOf = ({ op, name, outputs }: OnnxNode): string =>
  `${op || 'Node'} ${shown(name || `→ ${outputs[0] ?? ''}`)}`;

const ATTRIBUTE_KINDS: Record<number, 'float' | 'int' | 'string' | 'tensor' | 'floats' | 'ints'> = {
  1: 'float',
  2: 'int',
  3: 'string',
  4: 'tensor',
  6: 'floats',
  7: 'ints',
};

function readAttribute(bytes: Buffer, readTensor: ReadTensor): [string, Attribute] {
  let name = '';
  let kind = 0;
  let real = 0;
  let int = 0;
  let string = '';
  let tensor: Buffer | undefined;
  const ints: number[] = [];
  const floats: number[] = [];
  let seen = 0;
  readMessage(bytes, (f) => {
    if (f.number === 1) name = text(f);
    else if (f.number === 20) kind = whole(f);
    else if (f.number === 2) real = floatOf(f);
    else if (f.number === 3) int = whole(f);
    else if (f.number === 4) string = text(f);
    else if (f.number === 5) tensor = message(f);
    else if (f.number === 7) pushFloats(f, floats);
    else if (f.number === 8) pushInts(f, ints, LIMITS.list);
    // Old files leave the kind out. Its number is that of the field less one.
    if (f.number >= 2 && f.number <= 8) seen = f.number - 1;
  });
  switch (ATTRIBUTE_KINDS[kind || seen]) {
    case 'float':
      return [name, { kind: 'float', value: real }];
    case 'int':
      return [name, { kind: 'int', value: int }];
    case 'string':
      return [name, { kind: 'string', value: string }];
    case 'floats':
      return [name, { kind: 'floats', value: floats }];
    case 'ints':
      return [name, { kind: 'ints', value: ints }];
    case 'tensor':
      if (!tensor) throw damaged(`Attribute ${shown(name)}: expected a tensor, got none.`);
      return [name, { kind: 'tensor', value: readTensor(tensor).constant }];
    default:
      return [name, { kind: 'other' }];
  }
}

function floatOf({ kind, bytes, number }: Field): number {
  if (kind !== 5) throw new WireError(`field ${number} is no float`);
  return bytes.readFloatLE(0);
}

function pushFloats(field: Field, into: number[]): void {
  const { bytes } = field;
  if (field.kind !== 2 && field.kind !== 5) throw new WireError('a list of floats is of another kind');
  if (bytes.length % 4 !== 0 || into.length + bytes.length / 4 > LIMITS.floats)
    throw damaged(`Expected a list of at most ${LIMITS.floats} floats, got ${bytes.length} bytes.`);
  for (let i = 0; i < bytes.length; i += 4) into.push(bytes.readFloatLE(i));
}

function tensorReader(external: ExternalReader, externals: Map<string, string>): ReadTensor {
  let values = 0;
  return (bytes) => {
    const dims: number[] = [];
    let name = '';
    let type = 0;
    let raw: Buffer | undefined;
    let isOutside = false;
    const floats: Buffer[] = [];
    const ints: number[] = [];
    const place = new Map<string, string>();
    readMessage(bytes, (f) => {
      if (f.number === 1) pushInts(f, dims, LIMITS.rank);
      else if (f.number === 2) type = whole(f);
      else if (f.number === 8) name = text(f);
      else if (f.number === 9) raw = message(f);
      else if (f.number === 4 || f.number === 10) floats.push(f.bytes);
      else if (f.number === 5 || f.number === 7) pushInts(f, ints, LIMITS.wholeNumbers);
      else if (f.number === 14) isOutside = whole(f) === 1;
      else if (f.number === 13 && place.size < 16) {
        let [key, value] = ['', ''];
        readMessage(message(f), (e) => {
          if (e.number === 1) key = text(e);
          else if (e.number === 2) value = text(e);
        });
        place.set(key, value);
      }
    });
    return at(`Constant ${shown(name)}`, () => {
      const count = dims.reduce((n, d) => n * d, 1);
      if (dims.some((d) => d < 0) || !(count <= LIMITS.values))
        throw damaged(`expected at most ${LIMITS.values} numbers, got a shape of [${dims}].`);
      values += count;
      if (values > LIMITS.values)
        throw damaged(`expected at most ${LIMITS.values} numbers in all, got more.`);
      if (isOutside) raw = readExternal(place, external, externals);
      if (!raw && floats.length > 0) raw = Buffer.concat(floats);
      return { name, constant: { dims, ...numbersOf({ count, dims, type, raw, ints }) } };
    });
  };
}

interface Content {
  count: number;
  dims: number[];
  type: number;
  raw: Buffer | undefined;
  ints: number[];
}

function numbersOf({ count, dims, type, raw, ints }: Content): Omit<Constant, 'dims'> {
  const { type: kind, bytes: size, name } = TYPES[type] ?? {};
  if (!kind || !size)
    throw unsupported(`numbers of type ${name ?? type} are not supported; export the network in floats.`);
  if (kind !== 'float' && count > LIMITS.wholeNumbers)
    throw damaged(`expected at most ${LIMITS.wholeNumbers} whole numbers, got [${dims}].`);
  if (raw && raw.length !== count * size)
    throw damaged(`expected ${count * size} bytes for [${dims}] of ${name}, got ${raw.length}.`);
  if (!raw && ints.length !== count)
    throw damaged(`expected ${count} numbers for [${dims}], got ${ints.length}.`);
  // Half floats outside of `raw_data` are the bits of whole numbers.
  if (!raw && kind === 'float' && size === 2) {
    raw = Buffer.alloc(2 * count);
    for (let i = 0; i < count; i++) raw.writeUInt16LE(ints[i]! & 0xffff, 2 * i);
  }
  if (kind !== 'float') return { type: kind, data: raw ? wholeNumbers(raw, type, count, size) : ints };
  if (!raw && count > 0) throw damaged(`expected ${name}, got whole numbers.`);
  const data = new Float32Array(count);
  if (raw) fillFloats(data, raw, type);
  const wrong = data.findIndex((x) => Number.isNaN(x));
  if (wrong >= 0) throw damaged(`expected numbers, got NaN at ${wrong}.`);
  return { type: kind, data };
}

function fillFloats(data: Float32Array, raw: Buffer, type: number): void {
  const bits = new Uint32Array(data.buffer);
  for (let i = 0; i < data.length; i++) {
    if (type === 1) bits[i] = raw.readUInt32LE(4 * i);
    else if (type === 11) data[i] = raw.readDoubleLE(8 * i);
    else if (type === 16) bits[i] = raw.readUInt16LE(2 * i) << 16;
    else data[i] = fromHalf(raw.readUInt16LE(2 * i));
  }
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function wholeNumbers(raw: Buffer, type: number, count: number, size: number): number[] {
  const signed = type !== 2 && type !== 4 && type !== 9 && type !== 12 && type !== 13;
  return Array.from({ length: count }, (_, i) => {
    if (size === 8) return Number(signed ? raw.readBigInt64LE(8 * i) : raw.readBigUInt64LE(8 * i));
    return signed ? raw.readIntLE(size * i, size) : raw.readUIntLE(size * i, size);
  });
}

/** The bytes of a constant that lie in a file beside the ONNX file. */
export function readExternal(
  place: Map<string, string>,
  external: ExternalReader,
  externals: Map<string, string>,
): Buffer {
  const location = place.get('location') ?? '';
  // A plain name: never a path out of the folder.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_. -]{0,200}$/.test(location))
    throw damaged(`expected its numbers in a file beside it, with a plain name; got ${shown(location)}.`);
  const file = external(location);
  if (!file)
    throw damaged(`its numbers lie in ${shown(location)}, which is not there: put it beside the ONNX file.`);
  if (!externals.has(location)) externals.set(location, createHash('sha256').update(file).digest('hex'));
  const from = Number(place.get('offset') ?? 0);
  const length = place.get('length');
  const to = length === undefined ? file.length : from + Number(length);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || to < from || to > file.length)
    throw damaged(
      `its numbers lie from byte ${from} to ${to} of ${shown(location)}, which has ${file.length} bytes.`,
    );
  return file.subarray(from, to);
}
