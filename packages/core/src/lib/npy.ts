import { TrojanscopeError } from './errors.js';
import { quote } from './strictJson.js';

/** An array as NumPy saves it: bytes as they are, any other numbers as 32-bit floats, which hold them exactly or nearly. */
export interface NpyArray {
  shape: number[];
  /** NumPy's name of its type without the order of bytes: `u1`, `i2`, `f4`. */
  type: string;
  values: Uint8Array | Float32Array;
}

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** NumPy's own limit: what a longer header would hold is no plain array. */
const MAX_HEADER_BYTES = 10_000;
const MAX_RANK = 8;
/** Of what one file may hold once it is read. */
const MAX_VALUES = 2 ** 26;
/** Whole numbers beyond it are not all 32-bit floats. */
const EXACT = 2 ** 24;

/** The header is a Python literal; of those only this one is taken. */
const HEADER =
  /^\{\s*'descr'\s*:\s*(?<descr>'[^'\\]*'|\[.*\])\s*,\s*'fortran_order'\s*:\s*(?<fortran>True|False)\s*,\s*'shape'\s*:\s*\((?<shape>[\d\s,L]*)\)\s*,?\s*\}\s*$/;

const READERS: Record<string, (view: DataView, at: number, little: boolean) => number> = {
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  f2: (view, at, little) => halfOf(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/**
 * The array in the bytes of an .npy file (NumPy's format 1.0 to 3.0), whoever wrote it, in C order. Numbers only: a file
 * of Python objects is a program to be run by whoever opens it, and refused; so are infinities and what is no number.
 * @param file how an error names it
 * @throws TrojanscopeError DATA_DAMAGED saying what was expected and what came
 */
export function parseNpy(bytes: Buffer, file: string): NpyArray {
  const damaged = (what: string) => new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}.`);
  if (bytes.length < 10 || !bytes.subarray(0, 6).equals(MAGIC))
    throw damaged('expected an .npy file of NumPy, its first bytes are others');
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    throw damaged(`expected format 1, 2 or 3 of NumPy’s .npy, got ${version}.${bytes[7]}`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw damaged('it is cut off in its header');
  const headerBytes = version === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8);
  if (headerBytes > MAX_HEADER_BYTES)
    throw damaged(`expected a header of at most ${MAX_HEADER_BYTES} bytes, got one of ${headerBytes}`);
  if (start + headerBytes > bytes.length) throw damaged('it is cut off in its header');
  const header = bytes.toString(version === 3 ? 'utf8' : 'latin1', start, start + headerBytes);
  const found = HEADER.exec(header)?.groups;
  if (!found) throw damaged(`expected a header of descr, fortran_order and shape, got ${quote(header)}`);

  const [, order = '', type = ''] = /^'([<>|=]?)(\w+)'$/.exec(found.descr!) ?? [];
  if (type.startsWith('O') || found.descr!.includes('O'))
    throw damaged('expected numbers, got Python objects, which are not opened here: save a plain array');
  const read = Object.hasOwn(READERS, type) ? READERS[type]! : undefined;
  if (!read)
    throw damaged(`expected numbers (${Object.keys(READERS).join(', ')}), got type ${quote(found.descr!)}`);
  const size = Number(type.slice(1));
  if (size > 1 && order !== '<' && order !== '>')
    throw damaged(`expected an order of bytes, < or >, got type ${quote(found.descr!)}`);
  const shape = (found.shape!.match(/\d+/g) ?? []).map(Number);
  if (shape.length > MAX_RANK) throw damaged(`expected at most ${MAX_RANK} dimensions, got ${shape.length}`);
  const count = shape.reduce((product, side) => product * side, 1);
  if (!(count <= MAX_VALUES))
    throw damaged(`expected at most ${MAX_VALUES} numbers, its header says [${shape}]`);
  const data = bytes.subarray(start + headerBytes);
  if (data.length !== count * size)
    throw damaged(
      `${type} of shape [${shape}] has ${count * size} bytes, got ${data.length}: it is ${data.length < count * size ? 'cut off' : 'longer than it says'}`,
    );

  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const values = size === 1 && type === 'u1' ? new Uint8Array(count) : new Float32Array(count);
  const placeOf = found.fortran === 'True' ? fromFortran(shape) : (i: number) => i;
  const isWhole = !type.startsWith('f');
  for (let i = 0; i < count; i++) {
    const value = read(view, i * size, order !== '>');
    if (!Number.isFinite(Math.fround(value)))
      throw damaged(`expected finite numbers, got ${value} at ${placeOf(i)}`);
    if (isWhole && Math.abs(value) > EXACT)
      throw damaged(`expected whole numbers up to ${EXACT}, got ${value} at ${placeOf(i)}`);
    values[placeOf(i)] = value;
  }
  return { shape, type, values };
}

/** Where in C order the i-th number lies of an array whose first index runs fastest. */
function fromFortran(shape: readonly number[]) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
  return (i: number) => {
    let [rest, place] = [i, 0];
    shape.forEach((side, axis) => {
      place += (rest % side) * strides[axis]!;
      rest = Math.floor(rest / side);
    });
    return place;
  };
}
