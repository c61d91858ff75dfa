import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { datasetOf, SPLITS, useDataFolder } from '@trojanscope/core';
import { type Files, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { zipped } from '@trojanscope/testing/gtsrb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { countClasses, findDataset } from './catalog.js';
import { type FashionMnistImport, importFashionMnist, systemFolder } from './fashionMnist.js';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  data = path.join(temporary.folder, 'data');
});
afterEach(() => temporary.remove());

/** An IDX file as LeCun describes it: 0, 0, 8 for bytes, the number of sizes, each size, the bytes. */
function idx(sizes: readonly number[], content: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(0x0800 + sizes.length);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, content]);
}

/** Images of one level each: 10, 11 and 12 of the labels 3, 0 and 9 to train on, 20 and 21 of 9 and 1 to test. */
const levels = { train: [10, 11, 12], test: [20, 21] };
const labels = { train: [3, 0, 9], test: [9, 1] };
const files = {
  'train-images-idx3-ubyte': images(levels.train),
  'train-labels-idx1-ubyte': idx([3], Uint8Array.from(labels.train)),
  't10k-images-idx3-ubyte': images(levels.test),
  't10k-labels-idx1-ubyte': idx([2], Uint8Array.from(labels.test)),
};
type Name = keyof typeof files;
function images(own: readonly number[]) {
  return idx([own.length, 28, 28], Buffer.concat(own.map((level) => Buffer.alloc(784, level))));
}
const official = (name: Name) => ({
  name,
  sha256: createHash('sha256').update(files[name]).digest('hex'),
});
const small = {
  counts: { train: 3, test: 2 },
  official: {
    train: { images: official('train-images-idx3-ubyte'), labels: official('train-labels-idx1-ubyte') },
    test: { images: official('t10k-images-idx3-ubyte'), labels: official('t10k-labels-idx1-ubyte') },
  },
};

const importing = async (given: Files, more: Partial<FashionMnistImport> = {}) =>
  importFashionMnist({
    blobs: createFolderBlobs(data),
    from: await writeFiles(path.join(temporary.folder, 'files'), given),
    ...small,
    ...more,
  });
const packed = (names: readonly string[] = Object.keys(files)): Files =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) =>
      names.includes(name) ? [`${name}.gz`, gzipSync(content)] : [name, content],
    ),
  );

test.each<[string, () => Files]>([
  ['as they are', () => files],
  ['packed', () => packed()],
  [
    'some so and some so, in folders',
    () =>
      Object.fromEntries(
        Object.entries(packed(['train-images-idx3-ubyte'])).map(([name, content]) => [
          `a/b/${name}`,
          content,
        ]),
      ),
  ],
])('takes the four files %s', async (_, given) => {
  const imported = await importing(given());
  expect(imported.from).toBe('The folder files; the official files, by the SHA-256 of what is in them.');
  for (const split of SPLITS) {
    const folder = path.join(data, 'datasets/fashion-mnist');
    expect(JSON.parse(await readFile(path.join(folder, `${split}.json`), 'utf8')).labels).toEqual(
      labels[split],
    );
    expect([...(await readFile(path.join(folder, `${split}.pixels`)))]).toEqual(
      levels[split].flatMap((level) => Array(784).fill(level)),
    );
  }
  const dataset = await findDataset(createFolderBlobs(data), 'fashion-mnist');
  expect(dataset).toMatchObject({ state: 'imported', title: 'Fashion-MNIST', counts: small.counts });
  expect(dataset.classOrder).toBeUndefined();
});

test('takes them in an archive, as an upload has them', async () => {
  const from = path.join(temporary.folder, 'upload.zip');
  await writeFiles(temporary.folder, { 'upload.zip': zipped(packed()) });
  const imported = await importing({}, { from, origin: 'fashion.zip' });
  expect(imported.from).toMatch(/^The archive fashion\.zip; /);
  expect(imported.files).toEqual([expect.objectContaining({ name: 'fashion.zip' })]);
});

const images28 = 'train-images-idx3-ubyte';
test.each<[string, Files, RegExp]>([
  [
    'a file is missing',
    { ...files, [images28]: undefined as never },
    /expected one file train-images-idx3-ubyte or .*\.gz, got none\.$/,
  ],
  [
    'a file is there twice',
    { ...files, ...packed([images28]) },
    /got train-images-idx3-ubyte and train-images-idx3-ubyte\.gz\.$/,
  ],
  [
    'a file is another, as MNIST’s are',
    { ...files, [images28]: images([10, 11, 13]) },
    /train-images-idx3-ubyte: expected 2,368 bytes with SHA-256 \w{64}, unpacked, got 2,368 with \w{64}\. Is it MNIST’s/,
  ],
  ['a file is cut off', { ...files, [images28]: files[images28].subarray(0, 2_000) }, /got 2,000 with/],
  [
    'a packed file is cut off',
    { ...files, [images28]: gzipSync(files[images28]).subarray(0, 30) },
    /expected a gzip archive of 2,368 bytes: unexpected end of file\.$/,
  ],
  [
    'a packed file is a bomb',
    { ...files, [images28]: gzipSync(Buffer.alloc(2 ** 24)) },
    /it unpacks to more than 2,368 bytes\.$/,
  ],
])('refuses, with its name, when %s', async (_, given, says) => {
  const present = Object.fromEntries(Object.entries(given).filter(([, content]) => content !== undefined));
  await expect(importing(present)).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringMatching(says),
  });
  expect(existsSync(path.join(data, 'datasets/fashion-mnist'))).toBe(false);
});

const folder = systemFolder('fashion-mnist')!;
const present = existsSync(folder);
if (!present) console.log(`skipped: ${folder} is not there (Debian: apt install dataset-fashion-mnist)`);

test.skipIf(!present)(
  'Debian’s package has the official files, 6,000 and 1,000 images of each class',
  async () => {
    const blobs = createFolderBlobs(data);
    await importFashionMnist({ blobs, from: folder });
    const counts = await countClasses(blobs, await findDataset(blobs, 'fashion-mnist'));
    expect(counts).toEqual({ train: Array(10).fill(6_000), test: Array(10).fill(1_000) });
    useDataFolder(data);
    const { load, shape } = datasetOf('fashion-mnist');
    const { labels: shown } = await load('test', shape);
    // The first of the test set is an ankle boot, then a pullover, then two trousers: known to every user.
    expect([...shown.subarray(0, 4)]).toEqual([9, 2, 1, 1]);
    const packedTrain = await readFile(path.join(data, 'datasets/fashion-mnist/train.pixels'));
    const original = gunzipSync(await readFile(path.join(folder, 'train-images-idx3-ubyte.gz')));
    expect(packedTrain.equals(original.subarray(16))).toBe(true);
    // The mean pixel of the training set, known as 0.2860.
    const sum = packedTrain.reduce((all, level) => all + level, 0);
    expect(sum / packedTrain.length / 255).toBeCloseTo(0.286, 4);
  },
);

test.skipIf(present)('says how to get Debian’s package where it is not there', async () => {
  await expect(importFashionMnist({ blobs: createFolderBlobs(data), from: folder })).rejects.toMatchObject({
    code: 'DATA_MISSING',
    message: expect.stringContaining('`apt install dataset-fashion-mnist`'),
  });
});
