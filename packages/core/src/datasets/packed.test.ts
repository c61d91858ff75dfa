import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadEngine, tf } from '../lib/backend.js';
import { tensorToPixels } from '../lib/images.js';
import { packedDataset } from './packed.js';

beforeAll(() => loadEngine());

const folder = mkdtempSync(path.join(os.tmpdir(), 'trojanscope-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Three grey images of two sizes: a 1×1 of 9, a 2×2 of 1 2 3 4, a 1×1 of 7. */
function write(split: string): void {
  writeFileSync(path.join(folder, `${split}.pixels`), Uint8Array.of(9, 1, 2, 3, 4, 7));
  const index = { heights: [1, 2, 1], widths: [1, 2, 1], labels: [0, 1, 0], names: ['a', 'b', 'c'] };
  writeFileSync(path.join(folder, `${split}.json`), JSON.stringify(index));
}
function writeInfo(more = {}): void {
  const info = {
    format: 'trojanscope-dataset/1',
    title: 'Three',
    description: 'Three images.',
    source: { citation: 'Made here.', url: '' },
    shape: { height: 2, width: 2, channels: 1 },
    classNames: ['one', 'two'],
    counts: { train: 3, test: 3 },
    ...more,
  };
  writeFileSync(path.join(folder, 'dataset.json'), JSON.stringify(info));
}

it('gives images of any size at the size asked for, in the order asked for', async () => {
  writeInfo();
  write('train');
  const { load, shape } = packedDataset(folder);
  const split = await load('train', shape);
  expect([...split.labels]).toEqual([0, 1, 0]);
  const images = split.images([2, 1, 0, 1]);
  expect([...(await tensorToPixels(images))]).toEqual([7, 7, 7, 7, 1, 2, 3, 4, 9, 9, 9, 9, 1, 2, 3, 4]);
  images.dispose();
  const before = tf.memory().numTensors;
  split.images([0, 1, 2]).dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('tells what is written anew from what is read again', async () => {
  writeInfo();
  write('train');
  const { load, shape } = packedDataset(folder);
  const { version } = await load('train', shape);
  expect((await load('train', shape)).version).toBe(version);
  rmSync(path.join(folder, 'train.pixels'));
  write('train');
  expect((await load('train', shape)).version).not.toBe(version);
});

it('says what is wrong with a data set that is not whole', async () => {
  writeInfo();
  write('test');
  const { load, shape } = packedDataset(folder);
  truncateSync(path.join(folder, 'test.pixels'), 5);
  await expect(load('test', shape)).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringMatching(/test\.pixels: expected 6 bytes, got 5/),
  });
  rmSync(path.join(folder, 'test.pixels'));
  await expect(load('test', shape)).rejects.toMatchObject({ message: expect.stringMatching(/no file/) });
  writeFileSync(path.join(folder, 'test.json'), '{');
  await expect(load('test', shape)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  writeInfo({ format: 'other/1' });
  expect(() => packedDataset(folder)).toThrow(
    expect.objectContaining({ code: 'DATA_DAMAGED', message: expect.stringMatching(/other\/1/) }),
  );
});
