import { type ExternalReader, readExternal } from './onnxFile.js';
import { damaged } from './refusal.js';
import { readMessage, WireError } from './wire.js';

/**
 * The names of the files beside an ONNX file that hold numbers of it, as it has them: not all of them are plain.
 * @throws TrojanscopeError DATA_DAMAGED
 */
export function externalsOf(bytes: Buffer): Set<string> {
  const names = new Set<string>();
  copied(bytes, (tensor) => {
    const { place, isOutside } = placeIn(tensor);
    if (isOutside) names.add(place.get('location') ?? '');
    return tensor;
  });
  return names;
}

/**
 * The same ONNX file with the numbers that lie beside it inside, so that it is one file. All else is copied byte by byte.
 * @throws TrojanscopeError DATA_DAMAGED
 */
export const takeIn = (bytes: Buffer, external: ExternalReader): Buffer =>
  copied(bytes, (tensor) => {
    const { place, isOutside, rest } = placeIn(tensor);
    if (!isOutside) return tensor;
    return Buffer.concat([...rest, lengthDelimited(RAW_DATA, readExternal(place, external, new Map()))]);
  });

/** A file with each of its constants made anew. */
function copied(bytes: Buffer, tensor: (message: Buffer) => Buffer): Buffer {
  const within = (rules: Record<number, (inner: Buffer) => Buffer>) => (message: Buffer) => {
    const parts: Buffer[] = [];
    let copied = 0;
    readMessage(message, ({ number, kind, bytes, from, to }) => {
      const made = kind === 2 && rules[number] ? rules[number](bytes) : bytes;
      if (made === bytes) return;
      parts.push(message.subarray(copied, from), lengthDelimited(number, made));
      copied = to;
    });
    return copied === 0 ? message : Buffer.concat([...parts, message.subarray(copied)]);
  };
  try {
    // ModelProto.graph; its initializer, and node.attribute.t (onnx.proto).
    const node = within({ 5: within({ 5: tensor }) });
    return within({ 7: within({ 1: node, 5: tensor }) })(bytes);
  } catch (error) {
    if (error instanceof WireError) throw damaged(`It is no ONNX file, or a part of one: ${error.message}.`);
    throw error;
  }
}

/** Of a TensorProto. */
const RAW_DATA = 9;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

/** Where the numbers of a constant are, and what it says apart from that. */
function placeIn(tensor: Buffer) {
  const rest: Buffer[] = [];
  const place = new Map<string, string>();
  let isOutside = false;
  readMessage(tensor, (f) => {
    if (f.number === EXTERNAL_DATA) {
      let [key, value] = ['', ''];
      readMessage(f.bytes, (entry) => {
        if (entry.number === 1) key = entry.bytes.toString();
        else if (entry.number === 2) value = entry.bytes.toString();
      });
      place.set(key, value);
    } else if (f.number === DATA_LOCATION) isOutside = f.int === 1;
    else if (f.number !== RAW_DATA) rest.push(tensor.subarray(f.from, f.to));
  });
  return { place, isOutside, rest };
}

function lengthDelimited(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) return Buffer.from(bytes);
  }
}
