import { TrojanscopeError } from './errors.js';
import { readWhole, writeWhole } from './files.js';
import { parseStrictJson, quote } from './strictJson.js';

/** A named array of 32-bit floats with its shape. */
export interface FloatArray {
  shape: number[];
  values: Float32Array;
}

/** Images: a named array of bytes with its shape. */
export interface ByteArray {
  shape: number[];
  values: Uint8Array;
}

/** Of the format's types those that are taken, by what holds them here. */
const TYPES = { F32: Float32Array, U8: Uint8Array } as const;
type Type = keyof typeof TYPES;

/** Many times what any header here needs. A file says itself how long its header is. */
export const MAX_HEADER_BYTES = 2 ** 20;
const LENGTH_BYTES = 8;
const MAX_RANK = 8;

/**
 * Writes arrays as safetensors (an 8-byte header length, a JSON header, the numbers little-endian): a format that holds
 * data only, which PyTorch reads. The file is there whole or not at all.
 */
export async function writeSafetensors(
  file: string,
  arrays: Record<string, FloatArray | ByteArray>,
): Promise<void> {
  let offset = 0;
  const entries = Object.entries(arrays).map(([name, { shape, values }]) => {
    const start = offset;
    offset += values.byteLength;
    const dtype: Type = values instanceof Uint8Array ? 'U8' : 'F32';
    return [name, { dtype, shape, data_offsets: [start, offset] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const padding = Buffer.alloc(-json.length & 7, ' ');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  const numbers = Object.values(arrays).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeWhole(file, [length, json, padding, ...numbers]);
}

/** @throws TrojanscopeError DATA_MISSING; DATA_DAMAGED as `parseSafetensors` */
export const readSafetensors = async (file: string): Promise<Record<string, FloatArray>> =>
  parseSafetensors(await readWhole(file), file);

/**
 * The arrays in the bytes of a safetensors file, whoever wrote them. The format's rules are enforced: the arrays lie one
 * behind the other in no order, without overlap, gap or rest, and each has as many numbers as its shape says. Of its
 * types only F32 is taken.
 * @param file how an error names it
 * @throws TrojanscopeError DATA_DAMAGED saying what was expected and what came
 */
export const parseSafetensors = (bytes: Buffer, file: string): Record<string, FloatArray> =>
  parseArrays(bytes, file, ['F32']) as Record<string, FloatArray>;

/**
 * The same where images may be among the arrays.
 * @returns those of F32 and those of U8
 * @throws TrojanscopeError DATA_DAMAGED as `parseSafetensors`
 */
export function parseWithImages(bytes: Buffer, file: string) {
  const arrays: Record<string, FloatArray> = {};
  const images: Record<string, ByteArray> = {};
  for (const [name, { shape, values }] of Object.entries(parseArrays(bytes, file, ['F32', 'U8']))) {
    if (values instanceof Uint8Array) images[name] = { shape, values };
    else arrays[name] = { shape, values };
  }
  return { arrays, images };
}

function parseArrays(
  bytes: Buffer,
  file: string,
  types: readonly Type[],
): Record<string, { shape: number[]; values: Float32Array | Uint8Array }> {
  const damaged = (what: string) => new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}.`);
  if (bytes.length < LENGTH_BYTES)
    throw damaged(`expected safetensors, got ${bytes.length} bytes, which is too short`);
  const headerLength = bytes.readBigUInt64LE();
  if (headerLength > BigInt(Math.min(MAX_HEADER_BYTES, bytes.length - LENGTH_BYTES))) {
    const limit = headerLength > BigInt(MAX_HEADER_BYTES) ? `at most ${MAX_HEADER_BYTES}` : 'one that fits';
    throw damaged(
      `expected a header of ${limit} bytes, got one of ${headerLength} in a file of ${bytes.length}`,
    );
  }
  const dataStart = LENGTH_BYTES + Number(headerLength);
  let header: unknown;
  try {
    header = parseStrictJson(bytes.subarray(LENGTH_BYTES, dataStart));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw damaged(`its header cannot be read as JSON (${error.message})`);
  }
  if (!isObject(header)) throw damaged(`expected an object as its header, got ${quote(header)}`);

  const data = bytes.subarray(dataStart);
  const places: { name: string; dtype: Type; shape: number[]; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (isObject(entry) && Object.values(entry).every((value) => typeof value === 'string')) continue;
      throw damaged('expected only texts in __metadata__');
    }
    const { dtype, shape, start, end } = readEntry(entry, types, (what) =>
      damaged(`${quote(name)}: ${what}`),
    );
    const count = shape.reduce((product, size) => product * size, 1);
    if (start > end || end > data.length || end - start !== count * TYPES[dtype].BYTES_PER_ELEMENT) {
      throw damaged(
        `${quote(name)} of type ${dtype} and shape [${shape}] does not fit bytes ${start} to ${end} of ${data.length}`,
      );
    }
    places.push({ name, dtype, shape, start, end });
  }

  let at = 0;
  for (const { name, start, end } of places.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at)
      throw damaged(`expected an array from byte ${at}, got the next, ${quote(name)}, from ${start}`);
    at = end;
  }
  if (at !== data.length)
    throw damaged(`expected its arrays to end with it, got ${data.length - at} bytes more`);

  const arrays: ReturnType<typeof parseArrays> = {};
  for (const { name, dtype, shape, start, end } of places) {
    // Copied, because the numbers need not lie at a multiple of four bytes in the file.
    const values = new TYPES[dtype]((end - start) / TYPES[dtype].BYTES_PER_ELEMENT);
    data.copy(new Uint8Array(values.buffer), 0, start, end);
    arrays[name] = { shape, values };
  }
  return arrays;
}

/** What the header says of one array: numbers that are whole, not negative and in range of a double. */
function readEntry(entry: unknown, types: readonly Type[], refuse: (what: string) => TrojanscopeError) {
  if (!isObject(entry)) throw refuse(`expected an object that describes it, got ${quote(entry)}`);
  const { dtype, shape, data_offsets: offsets, ...rest } = entry;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    throw refuse(`expected dtype, shape and data_offsets, got ${quote(unknown)} too`);
  const type = types.find((name) => name === dtype);
  if (!type) throw refuse(`expected type ${types.join(' or ')}, got ${quote(dtype)}`);
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  const areSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize);
  if (!areSizes(shape) || shape.length > MAX_RANK)
    throw refuse(`expected a shape of at most ${MAX_RANK} whole numbers, got ${quote(shape)}`);
  if (!areSizes(offsets) || offsets.length !== 2)
    throw refuse(`expected two whole numbers as data_offsets, got ${quote(offsets)}`);
  return { dtype: type, shape, start: offsets[0]!, end: offsets[1]! };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
