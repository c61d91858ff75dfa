import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { TrojanscopeError } from './errors.js';
import { MAX_HEADER_BYTES, parseSafetensors } from './safetensors.js';

/** A file by hand: its header, as text or object, and zeros behind it. */
function fileOf(header: object | string, dataBytes = 24, headerLength?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(headerLength ?? BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}
const six = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
const parse = (bytes: Buffer) => parseSafetensors(bytes, 'a.safetensors');

describe('what the format allows is read:', () => {
  it('arrays in another order than their names, padding, a description, an empty array', () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: { dtype: 'F32', shape: [1], data_offsets: [8, 12] },
      none: { dtype: 'F32', shape: [0, 3], data_offsets: [8, 8] },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    };
    const bytes = fileOf(`${JSON.stringify(header)}   `, 12);
    bytes.writeFloatLE(1.5, bytes.length - 12);
    bytes.writeFloatLE(-2, bytes.length - 4);
    expect(parse(bytes)).toEqual({
      b: { shape: [1], values: Float32Array.of(-2) },
      none: { shape: [0, 3], values: new Float32Array() },
      a: { shape: [2], values: Float32Array.of(1.5, 0) },
    });
  });
});

describe('hostile or damaged', () => {
  const entry = (change: object) => ({ a: { ...six, ...change } });
  test.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /got 0 bytes/],
    ['a header longer than the file', fileOf({ a: six }, 24, 1_000n), /expected a header of one that fits/],
    ['a header of 2⁶⁴ − 1 bytes', fileOf({ a: six }, 24, 2n ** 64n - 1n), /one of 18446744073709551615/],
    [
      'a gigantic header that is there',
      fileOf(JSON.stringify({ a: six }).padEnd(MAX_HEADER_BYTES + 1)),
      /at most 1048576/,
    ],
    ['a header that is no JSON', fileOf('{"a":'), /cannot be read as JSON/],
    ['a header that is no UTF-8', Buffer.concat([fileOf('{"?":1}').fill(0xff, 10, 11)]), /not UTF-8/],
    ['a header that is no object', fileOf('[1]'), /expected an object as its header, got \[1\]/],
    ['a header nested deeply', fileOf(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), /nested deeper/],
    [
      'an entry that is no object',
      fileOf({ a: null }),
      /"a": expected an object that describes it, got null/,
    ],
    ['another type', fileOf(entry({ dtype: 'I64', shape: [3] })), /expected type F32, got "I64"/],
    ['a field more', fileOf(entry({ code: 'x' })), /got "code" too/],
    ['no offsets', fileOf({ a: { dtype: 'F32', shape: [6] } }), /expected two whole numbers .* got nothing/],
    ['three offsets', fileOf(entry({ data_offsets: [0, 24, 24] })), /got \[0,24,24\]/],
    ['a negative offset', fileOf(entry({ data_offsets: [-24, 0] })), /got \[-24,0\]/],
    ['a fractional offset', fileOf(entry({ data_offsets: [0, 23.5] })), /got \[0,23.5\]/],
    ['offsets as text', fileOf(entry({ data_offsets: ['0', '24'] })), /expected two whole numbers/],
    ['offsets that run backwards', fileOf(entry({ shape: [0], data_offsets: [24, 0] })), /does not fit/],
    [
      'more than there is',
      fileOf(entry({ shape: [12], data_offsets: [0, 48] })),
      /does not fit bytes 0 to 48 of 24/,
    ],
    ['fewer numbers than its shape', fileOf(entry({ shape: [7] })), /does not fit/],
    ['a negative side', fileOf(entry({ shape: [-2, -3] })), /expected a shape .* got \[-2,-3\]/],
    ['a fractional side', fileOf(entry({ shape: [1.5, 4] })), /got \[1.5,4\]/],
    [
      'sides whose product is no number',
      fileOf(entry({ shape: [2 ** 53 - 1, 2 ** 53 - 1, 0] })),
      /does not fit/,
    ],
    [
      'an infinite side',
      fileOf('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,24]}}'),
      /expected a shape/,
    ],
    ['nine axes', fileOf(entry({ shape: [6, 1, 1, 1, 1, 1, 1, 1, 1] })), /at most 8/],
    [
      'one array over another',
      fileOf({ a: six, b: six }),
      /expected an array from byte 24, got the next, "b", from 0/,
    ],
    ['a gap', fileOf({ a: { ...six, data_offsets: [4, 28] } }, 28), /from byte 0, got the next, "a", from 4/],
    ['something behind', fileOf({ a: six }, 25), /got 1 bytes more/],
    ['nothing but data', fileOf({}), /got 24 bytes more/],
    [
      'one name twice',
      fileOf(`{"a":${JSON.stringify(six)},"\\u0061":${JSON.stringify(six)}}`),
      /names "a" twice/,
    ],
    [
      'one field twice',
      fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[6],"data_offsets":[0,24]}}'),
      /twice/,
    ],
    [
      'a name that is everybody’s',
      fileOf(`{"__proto__":${JSON.stringify(six)}}`),
      /may be called "__proto__"/,
    ],
    ['a description that is no text', fileOf({ __metadata__: { a: {} }, a: six }), /__metadata__/],
  ])('%s', (_, bytes, message) => {
    const refused = () => parse(bytes);
    expect(refused).toThrow(message);
    expect(refused).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }));
    expect(refused).toThrow(/^a\.safetensors: /);
  });

  test('any bytes are arrays that fill the file or are refused', () => {
    const whole = fileOf({ a: six, bias: { dtype: 'F32', shape: [2], data_offsets: [24, 32] } }, 32);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const outcome = (bytes: Buffer) => {
      try {
        return Object.values(parse(bytes)).reduce((sum, { values }) => sum + values.byteLength, 0);
      } catch (error) {
        if (error instanceof TrojanscopeError) return error.code;
        throw error;
      }
    };
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        expect([32, 'DATA_DAMAGED']).toContain(outcome(bytes));
        expect(['DATA_DAMAGED', 32]).toContain(outcome(bytes.subarray(0, cut)));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(Buffer.from(bytes))));
  });
});
