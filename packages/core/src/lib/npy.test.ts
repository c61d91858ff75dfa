import { describe, expect, it, test } from 'vitest';
import { npyOf } from '../testing/npy.js';
import { parseNpy } from './npy.js';

/** Bytes as `numpy.save` writes them, in hexadecimal. */
const data = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('reads what NumPy writes', () => {
  it.each([
    ['<f4', '0000c03f 000000c0', [1.5, -2]],
    ['>f4', '3fc00000 c0000000', [1.5, -2]],
    ['<f2', '003e 0100', [1.5, 2 ** -24]],
    ['>f2', 'c000 7bff', [-2, 65504]],
    ['<f8', '000000000000f83f 00000000000000c0', [1.5, -2]],
    ['|u1', '00ff', [0, 255]],
    ['|i1', '7f80', [127, -128]],
    ['|b1', '0100', [1, 0]],
    ['<i2', '0100 ffff', [1, -1]],
    ['>i2', '0001 fffe', [1, -2]],
    ['<u4', '01000000 00000001', [1, 2 ** 24]],
    ['<i8', 'feffffffffffffff 0700000000000000', [-2, 7]],
  ])('%s', (descr, hex, expected) => {
    for (const version of [1, 2, 3]) {
      const { shape, type, values } = parseNpy(npyOf(data(hex), { descr, shape: [2], version }), 'a.npy');
      expect([shape, type, [...values]]).toEqual([[2], descr.slice(1), expected]);
    }
  });

  test('Fortran order: [[1,2,3],[4,5,6]] is saved column by column', () => {
    const bytes = npyOf(data('010402050306'), { descr: '|u1', shape: [2, 3], fortran: true });
    expect([...parseNpy(bytes, 'a.npy').values]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a number alone, and none', () => {
    expect(parseNpy(npyOf(data('07'), { descr: '|u1', shape: [] }), 'a').shape).toEqual([]);
    expect(parseNpy(npyOf(data(''), { descr: '|u1', shape: [0, 4] }), 'a').values).toHaveLength(0);
  });
});

describe('hostile or damaged', () => {
  const u1 = { descr: '|u1', shape: [4] };
  const four = data('01020304');
  const whole = npyOf(four, u1);
  const headed = (text: string) => npyOf(four, { ...u1, header: text });
  test.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /first bytes are others/],
    ['a picture', Buffer.from('\x89PNG\r\n\x1a\n0000000000', 'latin1'), /first bytes are others/],
    ['a pickle', Buffer.from('80049508000000000000008c04', 'hex'), /first bytes are others/],
    ['cut off in the header', whole.subarray(0, 40), /cut off in its header/],
    [
      'cut off before its length',
      Buffer.concat([whole.subarray(0, 6), Buffer.from([2, 0, 1, 0])]),
      /cut off/,
    ],
    ['cut off in the numbers', whole.subarray(0, -1), /\[4\] has 4 bytes, got 3: it is cut off/],
    ['more than it says', Buffer.concat([whole, four]), /got 8: it is longer/],
    ['version 9', npyOf(four, { ...u1, version: 9 }), /expected format 1, 2 or 3 .* got 9/],
    [
      'a header of 4 GB',
      Buffer.concat([whole.subarray(0, 6), Buffer.from([2, 0, 255, 255, 255, 255]), four]),
      /header of at most 10000 bytes/,
    ],
    ['objects', npyOf(four, { ...u1, descr: '|O' }), /Python objects, which are not opened here/],
    [
      'objects among numbers',
      headed("{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }"),
      /Python objects/,
    ],
    [
      'a record',
      headed("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
      /expected numbers/,
    ],
    ['text', npyOf(four, { ...u1, descr: '<U1' }), /expected numbers .* got type/],
    ['complex numbers', npyOf(four, { ...u1, descr: '<c8' }), /expected numbers/],
    ['no order of bytes', npyOf(four, { descr: '|i4', shape: [1] }), /an order of bytes/],
    ['2^62 numbers', npyOf(four, { ...u1, shape: [2 ** 31, 2 ** 31] }), /at most 67108864 numbers/],
    [
      '1e400 numbers',
      headed(`{'descr': '|u1', 'fortran_order': False, 'shape': (${'9'.repeat(400)},), }`),
      /at most/,
    ],
    [
      'a negative side',
      headed("{'descr': '|u1', 'fortran_order': False, 'shape': (-4,), }"),
      /expected a header/,
    ],
    [
      'a call in the header',
      headed("{'descr': '|u1', 'fortran_order': False, 'shape': (exit(),), }"),
      /expected a header/,
    ],
    ['40 dimensions', npyOf(four, { ...u1, shape: Array(40).fill(1) }), /at most 8 dimensions/],
    ['not a number', npyOf(data('0000c07f'), { descr: '<f4', shape: [1] }), /finite numbers, got NaN at 0/],
    ['infinity', npyOf(data('007c'), { descr: '<f2', shape: [1] }), /finite numbers, got Infinity/],
    ['beyond 32 bits', npyOf(data('a0c8eb85f3cce17f'), { descr: '<f8', shape: [1] }), /finite numbers/],
    [
      'an index of 2^40',
      npyOf(data('0000000000010000'), { descr: '<i8', shape: [1] }),
      /whole numbers up to/,
    ],
  ])('%s', (_, bytes, says) => {
    expect(() => parseNpy(bytes, 'a.npy')).toThrow(says);
    expect(() => parseNpy(bytes, 'a.npy')).toThrow(/^a\.npy: /);
  });
});
