import { readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importImageFolder } from './imageFolder.js';
import { datasetsIn, temporaryFolder, writeFiles } from './testing/folder.mjs';
import { images, png } from './testing/images.mjs';

type Files = Record<string, Uint8Array | string>;

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let from: string;
let data: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  from = path.join(temporary.folder, 'pets');
  data = path.join(temporary.folder, 'data');
});
afterEach(() => temporary.remove());

const importing = (job: Partial<Parameters<typeof importImageFolder>[0]> = {}) =>
  importImageFolder({ from, dataFolder: data, id: 'pets', ...job });

const readJson = async (name: string, id = 'pets') =>
  JSON.parse(await readFile(path.join(data, 'datasets', id, name), 'utf8'));

const manifest = (fields: object = {}) => JSON.stringify({ title: 'Pets', size: 32, ...fields });

const rgb = images.rgb!;
const webp = images.webp!;
/** `count` images in each class, each of its own width. */
const classes = (names: string[], count: number): Files =>
  Object.fromEntries(
    names.flatMap((name) =>
      Array.from({ length: count }, (_, i) => [
        `${name}/${String(i).padStart(3, '0')}.png`,
        png(i + 1, 1, new Uint8Array(3 * (i + 1))),
      ]),
    ),
  );

test('folders train and test', async () => {
  await writeFiles(from, {
    'manifest.json': manifest({
      description: 'Cats and dogs.',
      source: { citation: 'Photographed at home.', url: 'https://pets.example/' },
      channels: 3,
      classNames: { dog: 'a dog', cat: 'a cat' },
    }),
    'LICENSE.txt': 'CC0',
    'train/dog/b.webp': webp,
    'train/dog/a.PNG': rgb,
    'train/cat/x.png': rgb,
    'test/cat/x.png': webp,
    'test/dog/x.jpeg': images.turned!,
  });
  await importing();
  const info = await readJson('dataset.json');
  expect(info).toMatchObject({
    format: 'trojanscope-dataset/1',
    title: 'Pets',
    description: 'Cats and dogs.',
    source: { citation: 'Photographed at home.', url: 'https://pets.example/' },
    shape: { height: 32, width: 32, channels: 3 },
    classNames: ['a cat', 'a dog'],
    counts: { train: 3, test: 2 },
    imported: { from: 'The folder pets: 5 images of 2 classes.' },
  });
  expect(info.imported.files).toEqual([
    {
      name: 'pets, 5 images',
      bytes: rgb.length * 2 + webp.length * 2 + images.turned!.length,
      sha256: expect.any(String),
    },
  ]);
  expect(await readJson('train.json')).toEqual({
    heights: [1, 1, 2],
    widths: [2, 2, 3],
    labels: [0, 1, 1],
    names: ['cat/x.png', 'dog/a.PNG', 'dog/b.webp'],
  });
  expect(await readJson('test.json')).toEqual({
    heights: [2, 16],
    widths: [3, 8],
    labels: [0, 1],
    names: ['cat/x.png', 'dog/x.jpeg'],
  });
  const pixels = await readFile(path.join(data, 'datasets/pets/train.pixels'));
  const once = [255, 0, 0, 0, 128, 7];
  expect([...pixels]).toEqual([...once, ...once, ...new Array(6).fill([10, 200, 30]).flat()]);
});

test('one channel', async () => {
  const grey = images.grey!;
  const files = { 'a/1.png': grey, 'a/2.png': grey, 'b/1.png': grey, 'b/2.png': grey };
  await writeFiles(from, { 'manifest.json': manifest({ channels: 1, split: { testShare: 0.5 } }), ...files });
  await importing();
  expect((await readJson('dataset.json')).shape).toEqual({ height: 32, width: 32, channels: 1 });
  expect([...(await readFile(path.join(data, 'datasets/pets/test.pixels')))]).toEqual([
    0, 100, 255, 0, 100, 255,
  ]);
});

describe('a share drawn by a seed', () => {
  const split = { testShare: 0.3, seed: 7 };

  test('takes a share of every class, the same with the same seed, whatever other classes there are', async () => {
    await writeFiles(from, { 'manifest.json': manifest({ split }), ...classes(['cat', 'dog'], 10) });
    await importing();
    const [train, tested] = [await readJson('train.json'), await readJson('test.json')];
    expect(tested.labels).toEqual([0, 0, 0, 1, 1, 1]);
    expect([...train.names, ...tested.names].sort()).toEqual(Object.keys(classes(['cat', 'dog'], 10)));
    expect(tested.names).toEqual([...tested.names].sort());

    await writeFiles(from, classes(['ape'], 10));
    await importing({ id: 'again' });
    expect((await readJson('test.json', 'again')).names.slice(3)).toEqual(tested.names);

    await writeFiles(from, { 'manifest.json': manifest({ split: { ...split, seed: 8 } }) });
    await importing({ id: 'other' });
    expect((await readJson('test.json', 'other')).names.slice(3)).not.toEqual(tested.names);
  });

  test('leaves every class at least one image on either side', async () => {
    const share = { split: { testShare: 0.01 } };
    await writeFiles(from, { 'manifest.json': manifest(share), ...classes(['cat', 'dog'], 2) });
    await importing();
    expect((await readJson('dataset.json')).counts).toEqual({ train: 2, test: 2 });
  });

  test('classes are counted as people count: 2 before 10', async () => {
    await writeFiles(from, { 'manifest.json': manifest({ split }), ...classes(['10', '2', '1'], 2) });
    await importing();
    expect((await readJson('dataset.json')).classNames).toEqual(['1', '2', '10']);
  });
});

describe('refused, with nothing left behind', () => {
  const good: Files = {
    'manifest.json': manifest(),
    'train/a/1.png': rgb,
    'train/b/1.png': rgb,
    'test/a/1.png': rgb,
    'test/b/1.png': rgb,
  };
  const { 'manifest.json': _, ...noManifest } = good;
  const { 'test/b/1.png': __, ...noTestOfB } = good;

  test.each<[string, Files, RegExp]>([
    ['no manifest', noManifest, /pets: expected a manifest\.json/],
    ['a manifest that is not JSON', { ...good, 'manifest.json': '{title' }, /manifest\.json: expected JSON/],
    ['no title', { ...good, 'manifest.json': '{"size": 32}' }, /manifest\.json: title: .*expected string/],
    ['a size too large', { ...good, 'manifest.json': manifest({ size: 4_000 }) }, /manifest\.json: size: /],
    ['two channels', { ...good, 'manifest.json': manifest({ channels: 2 }) }, /manifest\.json: channels: /],
    [
      'a field unheard of',
      { ...good, 'manifest.json': manifest({ colour: 1 }) },
      /manifest\.json: .*"colour"/,
    ],
    [
      'a share of everything',
      { ...good, 'manifest.json': manifest({ split: { testShare: 1 } }) },
      /split: testShare: .*<1/,
    ],
    [
      'a split unheard of',
      { ...good, 'manifest.json': manifest({ split: 'random' }) },
      /split: expected "folders" or an object/,
    ],
    [
      'an address to run',
      { ...good, 'manifest.json': manifest({ source: { citation: 'x', url: 'javascript:1' } }) },
      /source: url/,
    ],
    [
      'a class without a name',
      { ...good, 'manifest.json': manifest({ classNames: { a: 'A' } }) },
      /lacks the folders b\./,
    ],
    [
      'a name without a class',
      { ...good, 'manifest.json': manifest({ classNames: { a: 'A', b: 'B', c: 'C' } }) },
      /no images of the classes c\./,
    ],
    ['a class without a test', noTestOfB, /class b: .* none to test/],
    [
      'one class',
      { 'manifest.json': manifest(), 'train/a/1.png': rgb, 'test/a/1.png': rgb },
      /2 to 1,000 classes, got 1/,
    ],
    ['no images', { 'manifest.json': manifest() }, /classes, got 0/],
    [
      'a third folder',
      { ...good, 'val/a/1.png': rgb },
      /val\/a\/1\.png: expected files in folders train\/<class>/,
    ],
    [
      'a folder too deep',
      { ...good, 'train/a/b/1.png': rgb },
      /train\/a\/b\/1\.png: expected files in folders/,
    ],
    [
      'an image outside of the classes',
      { ...good, 'train/1.png': rgb },
      /train\/1\.png: expected files in folders/,
    ],
    ['a file of another kind', { ...good, 'train/a/1.gif': rgb }, /train\/a\/1\.gif: expected \.png/],
    [
      'no image in spite of its name',
      { ...good, 'test/b/1.png': '<svg/>' },
      /test\/b\/1\.png: expected a PNG/,
    ],
    [
      'an image of 100,000 × 100,000',
      { ...good, 'test/b/1.png': png(100_000, 100_000, new Uint8Array(3)) },
      /test\/b\/1\.png: it cannot be decoded/,
    ],
    [
      'one image for a drawn test',
      { 'manifest.json': manifest({ split: { testShare: 0.5 } }), ...classes(['a', 'b'], 1) },
      /class a: .* none to/,
    ],
  ])('%s', async (_, files, says) => {
    await writeFiles(from, files);
    await expect(importing()).rejects.toThrow(says);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('a class folder that is a link', async () => {
    await writeFiles(from, good);
    await symlink('/tmp', path.join(from, 'train/c'));
    await expect(importing()).rejects.toThrow(/train\/c: expected only files and folders, got a link/);
  });

  test('the id of a built-in data set, or a path', async () => {
    await writeFiles(from, good);
    await expect(importing({ id: 'mnist' })).rejects.toThrow(/built-in/);
    await expect(importing({ id: '../pets' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
