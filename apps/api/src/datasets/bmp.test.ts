import { TrojanscopeError } from '@trojanscope/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBmp } from './bmp.js';

interface Bitmap {
  width: number;
  height: number;
  depth: number;
  /** Rows as they lie in the file, filled up. */
  rows: number[];
  palette?: number[];
  compression?: number;
  /** With them, a header of version 4, which has a place for one of transparency. */
  masks?: number[];
  /** Colours of the palette that are used. */
  used?: number;
}

function bmp({ width, height, depth, rows, palette = [], compression = 0, masks, used = 0 }: Bitmap): Buffer {
  const headerSize = masks ? 108 : 40;
  const header = Buffer.alloc(14 + headerSize);
  header.write('BM', 'latin1');
  header.writeUInt32LE(header.length + palette.length, 10);
  header.writeUInt32LE(headerSize, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(depth, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(used, 46);
  for (const [i, mask] of (masks ?? []).entries()) header.writeUInt32LE(mask, 54 + 4 * i);
  return Buffer.concat([header, Buffer.from(palette), Buffer.from(rows)]);
}

/** Blue, green, red, nothing. */
const PALETTE = [0, 0, 255, 0, 0, 128, 0, 0, 30, 20, 10, 0];
const [RED, GREEN, DARK] = [
  [255, 0, 0],
  [0, 128, 0],
  [10, 20, 30],
];
const RGB555 = [0b11111 << 10, 0b11111 << 5, 0b11111];

test.each<[string, Bitmap, number[][]]>([
  [
    '24 bits, rows from below, filled up',
    { width: 1, height: 2, depth: 24, rows: [0, 0, 255, 0, 30, 20, 10, 0] },
    [DARK!, RED!],
  ],
  [
    'rows from above',
    { width: 1, height: -2, depth: 24, rows: [0, 0, 255, 0, 30, 20, 10, 0] },
    [RED!, DARK!],
  ],
  ['a last row that is not filled up', { width: 1, height: 1, depth: 24, rows: [0, 0, 255] }, [RED!]],
  [
    '32 bits, of which one byte means nothing',
    { width: 1, height: 1, depth: 32, rows: [0, 0, 255, 9] },
    [RED!],
  ],
  ['8 bits', { width: 3, height: 1, depth: 8, palette: PALETTE, rows: [2, 1, 0, 0] }, [DARK!, GREEN!, RED!]],
  [
    '4 bits',
    { width: 3, height: 1, depth: 4, palette: PALETTE, rows: [0x21, 0, 0, 0] },
    [DARK!, GREEN!, RED!],
  ],
  [
    '2 bits',
    { width: 3, height: 1, depth: 2, palette: PALETTE, rows: [0b10010000, 0, 0, 0] },
    [DARK!, GREEN!, RED!],
  ],
  [
    '1 bit',
    { width: 3, height: 1, depth: 1, palette: PALETTE, rows: [0b01000000, 0, 0, 0] },
    [RED!, GREEN!, RED!],
  ],
  [
    '16 bits, five for each',
    { width: 2, height: 1, depth: 16, rows: [0x00, 0x7c, 0x10, 0x42] },
    [RED!, [132, 132, 132]],
  ],
  [
    '16 bits by masks, six for green',
    {
      width: 1,
      height: 1,
      depth: 16,
      compression: 3,
      masks: [0xf800, 0x7e0, 0x1f, 0],
      rows: [0xe0, 0x07, 0, 0],
    },
    [[0, 255, 0]],
  ],
  [
    'transparency by a mask, on white',
    {
      ...{ width: 2, height: 1, depth: 32, compression: 3 },
      masks: [0xff, 0xff00, 0xff0000, 0xff000000],
      rows: [255, 0, 0, 255, 0, 0, 0, 51],
    },
    [RED!, [204, 204, 204]],
  ],
  [
    'a mask for transparency, and none given',
    {
      ...{ width: 1, height: 1, depth: 32, compression: 3 },
      masks: [0xff, 0xff00, 0xff0000, 0xff000000],
      rows: [10, 20, 30, 0],
    },
    [DARK!],
  ],
])('decodes: %s', (_, bitmap, pixels) => {
  const { width, height, channels, pixels: got } = decodeBmp(bmp(bitmap), 'x.bmp');
  expect([width, height, channels]).toEqual([bitmap.width, Math.abs(bitmap.height), 3]);
  expect([...got]).toEqual(pixels.flat());
});

const good: Bitmap = { width: 2, height: 2, depth: 24, rows: new Array(16).fill(7) };

test.each<[string, Buffer, RegExp]>([
  ['nothing', Buffer.alloc(0), /begins with "BM"/],
  ['its first bytes', bmp(good).subarray(0, 20), /header is cut off/],
  ['half a header', bmp(good).subarray(0, 40), /header is cut off/],
  ['pixels cut off', bmp(good).subarray(0, -4), /expected 14 bytes of pixels for 2×2, got 12/],
  [
    'a header of another kind',
    Buffer.from(bmp(good)).fill(200, 14, 15),
    /header of 12 or 40 to 124 bytes, got 200/,
  ],
  ['no pixels', bmp({ ...good, width: 0 }), /at least one pixel, got 0×2/],
  ['a negative width', bmp({ ...good, width: -2 }), /at least one pixel, got -2×2/],
  ['100,000 × 100,000', bmp({ ...good, width: 100_000, height: 100_000 }), /says 100000×100000/],
  ['3 bits', bmp({ ...good, depth: 3 }), /1 to 32 bits a pixel, got 3/],
  ['run lengths', bmp({ ...good, depth: 8, compression: 1 }), /compressed: save it without/],
  ['a JPEG inside', bmp({ ...good, compression: 4 }), /compressed/],
  [
    'masks with holes',
    bmp({ ...good, depth: 32, compression: 3, masks: [5, 0xff00, 0xff0000, 0] }),
    /masks are damaged/,
  ],
  [
    'a mask of nothing',
    bmp({ ...good, depth: 32, compression: 3, masks: [0, 0xff00, 0xff0000, 0] }),
    /masks are damaged/,
  ],
  [
    'a colour that is not in the palette',
    bmp({ ...good, depth: 8, palette: PALETTE, rows: new Array(8).fill(3) }),
    /has 3 colours, a pixel has number 3/,
  ],
])('refuses, naming the file: %s', (_, bytes, says) => {
  const decode = () => decodeBmp(bytes, 'archive.zip: x.bmp');
  expect(decode).toThrow(TrojanscopeError);
  expect(decode).toThrow(says);
  expect(decode).toThrow(/^archive\.zip: x\.bmp: /);
});

test('bytes of any kind are decoded or refused, never another error', () => {
  const start = fc.constantFrom(
    bmp(good),
    bmp({ ...good, depth: 8, palette: PALETTE }),
    bmp({ ...good, depth: 16, compression: 3, masks: RGB555 }),
  );
  const bytes = fc.tuple(start, fc.nat(60), fc.uint8Array({ maxLength: 12 }));
  fc.assert(
    fc.property(bytes, ([start, place, rest]) => {
      const changed = Buffer.from(start);
      changed.set(rest.subarray(0, changed.length - place), place);
      try {
        const { width, height, pixels } = decodeBmp(changed, 'x');
        expect(pixels).toHaveLength(width * height * 3);
      } catch (error) {
        expect(error).toBeInstanceOf(TrojanscopeError);
      }
    }),
    { numRuns: 2_000 },
  );
});
