/** What a test says of an array; the rest is as `numpy.save` has it. */
interface Saved {
  descr: string;
  shape: readonly number[];
  fortran?: boolean;
  version?: number;
  /** In place of the header that the others make. */
  header?: string;
}

/** An .npy file of these bytes, after NumPy's documentation of its format: the header is padded to a multiple of 64. */
export function npyOf(data: Uint8Array, { descr, shape, fortran, version = 1, header }: Saved): Buffer {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text =
    header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${sides}), }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const padded = text.padEnd(Math.ceil((text.length + 9 + lengthBytes) / 64) * 64 - 9 - lengthBytes);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(padded.length + 1, 0, lengthBytes);
  const start = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\0`, 'latin1');
  return Buffer.concat([start, length, Buffer.from(`${padded}\n`, 'latin1'), data]);
}

/** An .npy file of 32-bit floats. */
export const floatsNpy = (values: ArrayLike<number>, shape: readonly number[]): Buffer =>
  npyOf(new Uint8Array(Float32Array.from(values).buffer), { descr: '<f4', shape });

/** An .npy file of bytes. */
export const bytesNpy = (values: ArrayLike<number>, shape: readonly number[]): Buffer =>
  npyOf(Uint8Array.from(values), { descr: '|u1', shape });
