import { TrojanscopeError } from './errors.js';
import { readWhole, writeWhole } from './files.js';

/** A named array of 32-bit floats with its shape. */
export interface FloatArray {
  shape: number[];
  values: Float32Array;
}

/**
 * Writes arrays as safetensors (an 8-byte header length, a JSON header, the numbers little-endian): a format that holds
 * data only, which PyTorch reads. The file is there whole or not at all.
 */
export async function writeSafetensors(file: string, arrays: Record<string, FloatArray>): Promise<void> {
  let offset = 0;
  const entries = Object.entries(arrays).map(([name, { shape, values }]) => {
    const start = offset;
    offset += values.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [start, offset] }] as const;
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const numbers = Object.values(arrays).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeWhole(file, Buffer.concat([length, header, ...numbers]));
}

/** @throws TrojanscopeError DATA_MISSING; DATA_DAMAGED where sizes, shapes and offsets do not agree. */
export async function readSafetensors(file: string): Promise<Record<string, FloatArray>> {
  const bytes = await readWhole(file);
  const damaged = (what: string) => new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}.`);
  if (bytes.length < 8) throw damaged('too short for safetensors');
  const headerLength = Number(bytes.readBigUInt64LE());
  if (8 + headerLength > bytes.length)
    throw damaged(`a header of ${headerLength} bytes does not fit the file`);
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
  } catch {
    throw damaged('its header is not JSON');
  }
  const data = bytes.subarray(8 + headerLength);
  const arrays: Record<string, FloatArray> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape } = entry;
    const [start, end] = entry.data_offsets;
    const count = shape.reduce((product, size) => product * size, 1);
    if (dtype !== 'F32' || start < 0 || end > data.length || end - start !== count * 4) {
      throw damaged(`${name} of type ${dtype} and shape [${shape}] does not fit bytes ${start} to ${end}`);
    }
    // Copied, because the numbers need not lie at a multiple of four bytes in the file.
    arrays[name] = { shape, values: new Float32Array(Uint8Array.from(data.subarray(start, end)).buffer) };
  }
  return arrays;
}
