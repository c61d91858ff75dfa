import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { architectures, createRandom, datasetOf, loadEngine, useDataFolder } from '@trojanscope/core';
import { type Files, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { zipped } from '@trojanscope/testing/gtsrb';
import tar, { type Headers } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { countClasses, findDataset } from './catalog.js';
import { type Cifar10Import, importCifar10 } from './cifar10.js';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  data = path.join(temporary.folder, 'data');
});
afterEach(() => temporary.remove());

const CLASSES = datasetOf('cifar-10').classNames;
/** Ten records, one of each class from `first` on: pixel i of its red is i + first, all its green 100, its blue 200. */
const batch = (first: number) =>
  Buffer.concat(
    Array.from({ length: 10 }, (_, i) =>
      Buffer.concat([
        Buffer.of((first + i) % 10),
        Buffer.from(Uint8Array.from({ length: 1024 }, (_, pixel) => (pixel + first) % 256)),
        Buffer.alloc(1024, 100),
        Buffer.alloc(1024, 200),
      ]),
    ),
  );
const ROOT = 'cifar-10-batches-bin';
/** Laid out as the official archive, with ten images in each file. */
const files: Record<string, Buffer> = {
  [`${ROOT}/data_batch_1.bin`]: batch(3),
  [`${ROOT}/data_batch_2.bin`]: batch(1),
  [`${ROOT}/data_batch_3.bin`]: batch(2),
  [`${ROOT}/data_batch_4.bin`]: batch(4),
  [`${ROOT}/data_batch_5.bin`]: batch(5),
  [`${ROOT}/test_batch.bin`]: batch(7),
  [`${ROOT}/batches.meta.txt`]: Buffer.from(`${CLASSES.join('\n')}\n\n`),
  [`${ROOT}/readme.html`]: Buffer.from('<html>'),
};

async function tarOf(entries: readonly (Headers & { content?: Buffer })[]): Promise<Buffer> {
  const pack = tar.pack();
  const whole = buffer(pack);
  for (const { content, ...header } of entries) pack.entry(header, content ?? '');
  pack.finalize();
  return gzipSync(await whole);
}
const tarOfFiles = (given: Record<string, Buffer>, more: readonly Headers[] = []) =>
  tarOf([
    { name: `${ROOT}/`, type: 'directory' },
    ...Object.entries(given).map(([name, content]) => ({ name, content })),
    ...more,
  ]);

const importing = async (given: Files, more: Partial<Cifar10Import> = {}) => {
  const folder = await writeFiles(path.join(temporary.folder, 'given'), given);
  return importCifar10({ blobs: createFolderBlobs(data), from: folder, perBatch: 10, ...more });
};
const given = (name: string) => path.join(temporary.folder, 'given', name);

test.each<[string, () => Promise<[Files, string | undefined]>, RegExp]>([
  [
    'a folder',
    async () => [files, undefined],
    /^The folder given; not known by MD5 as the official archive\.$/,
  ],
  [
    'the archive',
    async () => [{ 'some.tar.gz': await tarOfFiles(files) }, 'some.tar.gz'],
    /^The archive some\.tar\.gz; not known by MD5 as the official archive\.$/,
  ],
  [
    'a folder with the archive',
    async () => [{ 'in/cifar-10-binary.tar.gz': await tarOfFiles(files) }, undefined],
    /^The archive given; not known/,
  ],
  [
    'a zip archive',
    async () => [{ 'some.zip': zipped(files) }, 'some.zip'],
    /^The archive some\.zip; not known/,
  ],
])('takes %s', async (_, make, says) => {
  const [content, file] = await make();
  const imported = await importing(content, file ? { from: given(file) } : {});
  expect(imported.from).toMatch(says);
  const blobs = createFolderBlobs(data);
  const dataset = await findDataset(blobs, 'cifar-10');
  expect(dataset).toMatchObject({ state: 'imported', counts: { train: 50, test: 10 }, classNames: CLASSES });
  expect(await countClasses(blobs, dataset)).toEqual({ train: Array(10).fill(5), test: Array(10).fill(1) });
  const folder = path.join(data, 'datasets/cifar-10');
  const index = JSON.parse(await readFile(path.join(folder, 'train.json'), 'utf8'));
  // The first batch's, then the second's.
  expect(index.labels.slice(0, 11)).toEqual([3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 1]);
  expect(index.names.slice(9, 11)).toEqual(['data_batch_1.bin/9', 'data_batch_2.bin/0']);
  const pixels = await readFile(path.join(folder, 'test.pixels'));
  // Red, green and blue of the first two pixels, and the first of the second row.
  expect([...pixels.subarray(0, 6)]).toEqual([7, 100, 200, 8, 100, 200]);
  expect([...pixels.subarray(32 * 3, 32 * 3 + 3)]).toEqual([39, 100, 200]);
});

test('both networks take its images', async () => {
  await importing(files);
  await loadEngine();
  useDataFolder(data);
  const { load, shape } = datasetOf('cifar-10');
  const images = (await load('test', shape)).images([0, 1]);
  for (const { initialise, logits } of [architectures.lenet, architectures.resnet34]) {
    const answers = logits(initialise(shape, 10, createRandom(1)), images);
    expect(answers.shape).toEqual([2, 10]);
    expect((await answers.data()).every(Number.isFinite)).toBe(true);
  }
});

const one = `${ROOT}/data_batch_1.bin`;
const changed = (name: string, content: Buffer) => ({ ...files, [name]: content });
const without = (name: string) => Object.fromEntries(Object.entries(files).filter(([key]) => key !== name));
test.each<[string, () => Files, RegExp]>([
  [
    'a batch is missing',
    () => without(one),
    /given: expected data_batch_1\.bin, as cifar-10-binary\.tar\.gz/,
  ],
  [
    'a batch is there twice',
    () => ({ ...files, 'again/data_batch_1.bin': batch(0) }),
    /got again\/data_batch/,
  ],
  [
    'a batch is cut off',
    () => changed(one, batch(3).subarray(1)),
    /data_batch_1\.bin: expected 10 records of 3,073 bytes, 30,730 in all, got 30,729\.$/,
  ],
  [
    'a label is none',
    () => changed(one, Buffer.concat([Buffer.of(10), batch(3).subarray(1)])),
    /expected labels from 0 to 9, got 10 of record 0\.$/,
  ],
  [
    'a class has too few images',
    () => changed(one, Buffer.concat([Buffer.of(4), batch(3).subarray(1)])),
    /expected 5 images of each class in the train split, got 4 of cat\.$/,
  ],
  [
    'its classes are others',
    () => changed(`${ROOT}/batches.meta.txt`, Buffer.from('cat\ndog\n')),
    /batches\.meta\.txt: expected the classes airplane, .* got cat, dog\.$/,
  ],
  [
    'it is the version for Python',
    () => ({ 'cifar-10-batches-py/data_batch_1': batch(1), 'cifar-10-batches-py/batches.meta': 'x' }),
    /version for Python.*pickles.*never opened.*cifar-10-binary\.tar\.gz\.$/,
  ],
  [
    'it is CIFAR-100',
    () => ({ 'train.bin': batch(1), 'fine_label_names.txt': 'apple' }),
    /this is CIFAR-100/,
  ],
])('refuses, saying why, when %s', async (_, make, says) => {
  await expect(importing(make())).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringMatching(says),
  });
  expect(existsSync(path.join(data, 'datasets/cifar-10'))).toBe(false);
});

test.each<[string, () => Promise<Buffer>, RegExp]>([
  [
    'cut off',
    async () => (await tarOfFiles(files)).subarray(0, -30),
    /not a complete tar archive.*unexpected end/,
  ],
  ['no tar inside', async () => gzipSync(Buffer.alloc(2_000, 1)), /not a complete tar archive/],
  [
    'with a link',
    () => tarOfFiles(files, [{ name: 'passwd', type: 'symlink', linkname: '/etc/passwd' }]),
    /a\.tar\.gz\/passwd: expected only files and folders, got one of the kind symlink\.$/,
  ],
  [
    'with a file twice',
    () =>
      tarOf([
        { name: one, content: batch(3) },
        { name: one, content: batch(4) },
      ]),
    /data_batch_1\.bin: it is there twice\.$/,
  ],
  [
    'with too many entries',
    () => tarOfFiles(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${i}`, Buffer.alloc(1)]))),
    /expected at most 100 entries\.$/,
  ],
  [
    'that unpacks to more than it may',
    () => tarOf([{ name: 'bomb', content: Buffer.alloc(2 ** 28 + 1) }]),
    /a\.tar\.gz\/bomb: expected at most 268,435,456 bytes unpacked\.$/,
  ],
])('refuses an archive %s', async (_, make, says) => {
  const archive = await make();
  await expect(importing({ 'a.tar.gz': archive }, { from: given('a.tar.gz') })).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringMatching(says),
  });
  expect(existsSync(path.join(data, 'datasets/cifar-10'))).toBe(false);
});

test('stops where it is asked to', async () => {
  const stop = new AbortController();
  stop.abort();
  const archive = { 'a.tar.gz': await tarOfFiles(files) };
  await expect(importing(archive, { from: given('a.tar.gz'), signal: stop.signal })).rejects.toMatchObject({
    code: 'ABORTED',
  });
});
