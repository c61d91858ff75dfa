/**
 * Reads protocol buffers without a schema compiler: the caller takes the fields that it knows, in one pass, and the rest
 * is skipped without being built. Nothing here allocates by what a length claims, so a file costs no more memory than
 * its own bytes (protobufjs makes an object of some 50 bytes from each byte of a list of numbers, and follows nesting).
 */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 bytes, 5 four bytes. */
  kind: number;
  /** Of a varint, as a signed 64-bit number; beyond 2⁵³ to the nearest double. */
  int: number;
  /** Of bytes: a view. Of 4 or 8 bytes: these. */
  bytes: Buffer;
  /** Where it begins, with its number, and where it ends. */
  from: number;
  to: number;
}

const NONE = Buffer.alloc(0);

/** Calls `take` for each field of a message. The field object is one and the same. */
export function readMessage(bytes: Buffer, take: (field: Field) => void): void {
  const field: Field = { number: 0, kind: 0, int: 0, bytes: NONE, from: 0, to: 0 };
  let at = 0;
  while (at < bytes.length) {
    field.from = at;
    const key = varint();
    field.number = Math.floor(key / 8);
    field.kind = key % 8;
    if (field.number < 1 || field.number > 536_870_911)
      throw new WireError(`a field numbered ${field.number} before byte ${at}`);
    field.bytes = NONE;
    field.int = 0;
    if (field.kind === 0) field.int = varint();
    else if (field.kind === 2) field.bytes = slice(varint());
    else if (field.kind === 1) field.bytes = slice(8);
    else if (field.kind === 5) field.bytes = slice(4);
    else throw new WireError(`a field of wire type ${field.kind} before byte ${at}`);
    field.to = at;
    take(field);
  }

  function slice(length: number): Buffer {
    if (!(length >= 0 && length <= bytes.length - at))
      throw new WireError(`${length} bytes are said to begin at byte ${at} of ${bytes.length}`);
    at += length;
    return bytes.subarray(at - length, at);
  }
  function varint(): number {
    const { value, next } = varintAt(bytes, at);
    at = next;
    return value;
  }
}

/** The numbers of a packed field, or the one of an unpacked. At most `limit` in all. */
export function pushInts({ kind, int, bytes }: Field, into: number[], limit: number): void {
  if (kind === 0) into.push(int);
  else if (kind === 2) {
    for (let at = 0; at < bytes.length && into.length <= limit; ) {
      const { value, next } = varintAt(bytes, at);
      into.push(value);
      at = next;
    }
  } else throw new WireError('a list of numbers is of another kind');
  if (into.length > limit) throw new WireError(`a list has more than ${limit} numbers`);
}

function varintAt(bytes: Buffer, start: number): { value: number; next: number } {
  // 28 bits in one half and the rest in the other: doubles hold both without loss.
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) throw new WireError('it ends within a number');
    if (i < 4) low += (byte & 127) * 2 ** (7 * i);
    else high += (byte & 127) * 2 ** (7 * (i - 4));
    if (byte >= 128) continue;
    // Two's complement: −x is 2⁶⁴ − x. By halves, so that small numbers stay exact.
    if (high >= 2 ** 35) high -= 2 ** 36;
    return { value: high * 2 ** 28 + low, next: start + i + 1 };
  }
  throw new WireError('a number of more than ten bytes');
}
