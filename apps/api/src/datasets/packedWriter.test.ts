import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { expect, test } from 'vitest';
import { createSplitWriter } from './packedWriter.js';

const picture = (width: number, height: number, level: number) => ({
  width,
  height,
  channels: 1 as const,
  pixels: new Uint8Array(width * height).fill(level),
});

test('images larger than a piece and smaller ones, one after the other', async () => {
  const { folder, remove } = await temporaryFolder();
  const writer = await createSplitWriter(folder, 'test');
  await writer.add(picture(2, 1, 1), 0, 'a');
  await writer.add(picture(1_500, 1_000, 2), 1, 'b');
  await writer.add(picture(1, 3, 3), 0, 'c');
  await writer.finish();
  await writer.close();
  const pixels = await readFile(path.join(folder, 'test.pixels'));
  expect(
    pixels.equals(Buffer.concat([Buffer.alloc(2, 1), Buffer.alloc(1_500_000, 2), Buffer.alloc(3, 3)])),
  ).toBe(true);
  expect(JSON.parse(await readFile(path.join(folder, 'test.json'), 'utf8'))).toEqual({
    heights: [1, 1_000, 3],
    widths: [2, 1_500, 1],
    labels: [0, 1, 0],
    names: ['a', 'b', 'c'],
  });
  await remove();
});

test('more than fits in memory is refused', async () => {
  const { folder, remove } = await temporaryFolder();
  const writer = await createSplitWriter(folder, 'train', 10);
  await writer.add(picture(5, 2, 1), 0, 'a');
  await expect(writer.add(picture(1, 1, 1), 0, 'b')).rejects.toThrow(
    /^b: expected at most 10 bytes .* train split/,
  );
  await writer.close();
  await remove();
});
