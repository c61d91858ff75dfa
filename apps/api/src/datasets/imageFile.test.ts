import { TrojanscopeError } from '@trojanscope/core';
import { images, png } from '@trojanscope/testing/images';
import { expect, test } from 'vitest';
import { decodeImage } from './imageFile.js';

const decoded = async (bytes: Buffer, channels: 1 | 3) => {
  const { width, height, pixels } = await decodeImage(bytes, 'x', channels);
  return { size: [width, height], samples: [...pixels] };
};

test.each<[string, 1 | 3, number[], number[]]>([
  ['rgb', 3, [2, 1], [255, 0, 0, 0, 128, 7]],
  ['rgba', 3, [3, 1], [255, 0, 0, 255, 255, 255, 204, 204, 204]],
  ['grey', 3, [3, 1], [0, 0, 0, 100, 100, 100, 255, 255, 255]],
  ['grey', 1, [3, 1], [0, 100, 255]],
  ['grey16', 1, [3, 1], [0, 100, 255]],
  ['grey16', 3, [3, 1], [0, 0, 0, 100, 100, 100, 255, 255, 255]],
  ['palette', 3, [2, 1], [1, 2, 3, 200, 100, 50]],
  ['webp', 3, [3, 2], new Array(6).fill([10, 200, 30]).flat()],
  // Pillow's luma: of red 76, of (0,128,7) 76, of (10,200,30) 124.
  ['rgb', 1, [2, 1], [76, 76]],
  ['palette', 1, [2, 1], [2, 124]],
  ['webp', 1, [3, 2], new Array(6).fill(124)],
  // The first frame alone.
  ['animated', 3, [4, 4], new Array(16).fill([255, 0, 0]).flat()],
])('%s with %i channels', async (name, channels, size, samples) => {
  expect(await decoded(images[name as keyof typeof images], channels)).toEqual({ size, samples });
});

test('a photograph is turned as its EXIF says', async () => {
  const { size, samples } = await decoded(images.turned!, 1);
  expect(size).toEqual([8, 16]);
  expect(samples.map((level) => Math.round(level / 255))).toEqual([
    ...new Array(64).fill(1),
    ...new Array(64).fill(0),
  ]);
});

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>';

test.each<[string, Buffer, RegExp]>([
  ['nothing', Buffer.alloc(0), /expected a PNG, JPEG, WebP, TIFF, GIF, PPM, PGM or BMP/],
  ['an SVG', Buffer.from(svg), /expected a PNG, JPEG/],
  ['a PDF', Buffer.from('%PDF-1.7'), /expected a PNG, JPEG/],
  ['a black and white netpbm', Buffer.from('P1 1 1 1'), /expected a PNG, JPEG/],
  ['the beginning of a GIF', Buffer.from('GIF89a\x01\x00\x01\x00'), /cut off/],
  [
    'cut off',
    png(
      50,
      50,
      new Uint8Array(7_500).map((_, i) => i * 31),
    ).subarray(0, 200),
    /cannot be decoded/,
  ],
  ['fewer rows than its header says', png(2, 5_000, new Uint8Array(6)), /cannot be decoded/],
  ['100,000 × 100,000', png(100_000, 100_000, new Uint8Array(6)), /cannot be decoded: .*pixel limit/],
  ['5,000 × 5,000', png(5_000, 5_000, new Uint8Array(6)), /cannot be decoded: .*pixel limit/],
])('refused, naming the file: %s', async (_, bytes, says) => {
  const before = process.memoryUsage().rss;
  await expect(decodeImage(bytes, 'cats/x.png', 3)).rejects.toThrow(says);
  await expect(decodeImage(bytes, 'cats/x.png', 3)).rejects.toThrow(/^cats\/x\.png: /);
  await expect(decodeImage(bytes, 'cats/x.png', 3)).rejects.toBeInstanceOf(TrojanscopeError);
  expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
});
