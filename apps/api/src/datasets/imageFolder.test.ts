import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { datasetsIn, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { images, png } from '@trojanscope/testing/images';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { importImageFolder } from './imageFolder.js';

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
  importImageFolder({ from, blobs: createFolderBlobs(data), id: 'pets', ...job });

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

test('a folder test alone: nothing to train on, which is said', async () => {
  const files = classes(['cat', 'dog'], 2);
  const inside = (split: string) =>
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${split}/${name}`, bytes]));
  await writeFiles(from, { 'manifest.json': manifest(), ...inside('test') });
  expect((await importing()).notes).toEqual([
    'There are test images alone: models can be tested on them, and none trained.',
  ]);
  expect((await readJson('dataset.json')).counts).toEqual({ train: 0, test: 4 });
  expect((await readJson('train.json')).labels).toEqual([]);
  expect((await readJson('test.json')).labels).toEqual([0, 0, 1, 1]);
  expect((await readFile(path.join(data, 'datasets/pets/train.pixels'))).length).toBe(0);

  // Whoever has a folder to train on means it: no image of it may be lacking, of any class.
  await writeFiles(from, { 'train/cat/a.heic': 'no image' });
  await expect(importing({ id: 'more' })).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringContaining(
      'class cat: expected at least one image to train and one to test, got none to train',
    ),
  });
  await rm(path.join(from, 'train'), { recursive: true });
  await writeFiles(from, { 'train/cat/a.png': 'broken', 'train/dog/a.png': 'broken' });
  await expect(importing({ id: 'more', skipUnreadable: true })).rejects.toMatchObject({
    code: 'DATA_DAMAGED',
    message: expect.stringContaining('no image to train on can be read'),
  });
  await rm(path.join(from, 'test'), { recursive: true });
  await rm(path.join(from, 'train'), { recursive: true });
  await writeFiles(from, inside('train'));
  await expect(importing({ id: 'more' })).rejects.toMatchObject({
    message: expect.stringContaining('got none to test'),
  });
});

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

test('every kind of image, whatever its name says, in colour and in grey', async () => {
  const raw = { raw: { width: 1, height: 1, channels: 3 as const } };
  const pixel = Buffer.of(10, 200, 30);
  const bmp = Buffer.alloc(58);
  bmp.write('BM', 'latin1');
  for (const [value, at] of [
    [54, 10],
    [40, 14],
    [1, 18],
    [1, 22],
    [24, 28],
  ] as const)
    bmp.writeUInt32LE(value, at);
  bmp.set([30, 200, 10], 54);
  const files: Files = {
    '1.png': await sharp(pixel, raw).png().toBuffer(),
    '2.tif': await sharp(pixel, raw).tiff({ compression: 'none' }).toBuffer(),
    '3.GIF': await sharp(pixel, raw).gif().toBuffer(),
    '4.ppm': Buffer.concat([Buffer.from('P6 1 1 255 '), pixel]),
    '5.ppm': 'P3 1 1 255 10 200 30',
    '6.bmp': bmp,
    '7.jfif': await sharp(pixel, raw).webp({ lossless: true }).toBuffer(),
  };
  const both = Object.entries(files).flatMap(([name, content]) => [
    [`a/${name}`, content],
    [`b/${name}`, content],
  ]);
  for (const [channels, level] of [
    [3, [10, 200, 30]],
    [1, [124]],
  ] as const) {
    const fields = { channels, split: { testShare: 0.3 } };
    await writeFiles(from, { 'manifest.json': manifest(fields), ...Object.fromEntries(both) });
    const id = `kinds-${channels}`;
    await importing({ id });
    const pixels = await readFile(path.join(data, 'datasets', id, 'train.pixels'));
    expect([...pixels]).toEqual(new Array(10).fill(level).flat());
  }
});

describe('files that cannot be read', () => {
  const bad: Files = {
    'manifest.json': manifest(),
    'train/a/1.png': rgb,
    'train/a/2.png': rgb.subarray(0, -20),
    'train/a/notes.txt': 'hello',
    'train/b/1.png': rgb,
    'train/b/2.jpg': '<svg/>',
    'test/a/1.png': rgb,
    'test/b/1.png': rgb,
    'test/b/2.png': webp.subarray(0, 20),
  };

  test('are all named at once, over both splits, and nothing is imported', async () => {
    await writeFiles(from, bad);
    await expect(importing()).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    const { message } = (await importing().catch((error) => error)) as Error;
    expect(message.split('\n')).toEqual([
      expect.stringMatching(/pets: 4 files cannot be read\. .*--skip-unreadable/),
      expect.stringMatching(/^ {2}test\/b\/2\.png: it cannot be decoded: /),
      expect.stringMatching(/^ {2}train\/a\/2\.png: it cannot be decoded: it is cut off\.$/),
      expect.stringMatching(/^ {2}train\/a\/notes\.txt: expected \.png, /),
      expect.stringMatching(/^ {2}train\/b\/2\.jpg: expected a PNG, /),
    ]);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('of many, the first are named and the rest counted', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`train/a/x${10 + i}.png`, 'x']));
    await writeFiles(from, { ...bad, ...many });
    const { message } = (await importing().catch((error) => error)) as Error;
    expect(message).toMatch(/pets: 34 files cannot be read/);
    expect(message.split('\n')).toHaveLength(22);
    expect(message).toMatch(/\n {2}and 14 more\.$/);
  });

  test('are left out where that is asked for, and recorded', async () => {
    await writeFiles(from, bad);
    const imported = await importing({ skipUnreadable: true });
    expect(imported.from).toBe('The folder pets: 4 images of 2 classes. Left out as unreadable: 4.');
    const info = await readJson('dataset.json');
    expect(info.counts).toEqual({ train: 2, test: 2 });
    expect(info.imported.skipped).toHaveLength(4);
    expect(info.imported.skipped[1]).toEqual({
      name: 'train/a/2.png',
      reason: 'it cannot be decoded: it is cut off.',
    });
    expect((await readJson('train.json')).names).toEqual(['a/1.png', 'b/1.png']);
    expect((await readJson('test.json')).labels).toEqual([0, 1]);
    // As of the images that are in it.
    expect(info.imported.files[0]).toMatchObject({ name: 'pets, 4 images', bytes: 4 * rgb.length });
  });

  test('may be all of a class: that is refused', async () => {
    await writeFiles(from, { ...bad, 'train/c/readme.txt': 'none' });
    const skipping = importing({ skipUnreadable: true });
    await expect(skipping).rejects.toThrow(/no image can be read of the classes c\.$/);
    await rm(path.join(from, 'train/c'), { recursive: true });
    await rm(path.join(from, 'test/b/1.png'));
    await expect(importing({ skipUnreadable: true })).rejects.toThrow(/class b: .* none to test/);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('leave a drawn test as if they had never been there', async () => {
    const whole = { 'manifest.json': manifest({ split: { testShare: 0.5 } }), ...classes(['a', 'b'], 5) };
    await writeFiles(from, whole);
    await importing({ id: 'whole' });
    const torn = Object.fromEntries(Array.from({ length: 7 }, (_, i) => [`b/x${i}.png`, 'x']));
    await writeFiles(from, torn);
    await importing({ skipUnreadable: true });
    for (const file of ['train.json', 'test.json'])
      expect(await readJson(file)).toEqual(await readJson(file, 'whole'));
  });

  test('where there are none, nothing is recorded', async () => {
    await writeFiles(from, {
      'manifest.json': manifest({ split: { testShare: 0.5 } }),
      ...classes(['a', 'b'], 2),
    });
    expect(await importing({ skipUnreadable: true })).not.toHaveProperty('skipped');
  });
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

describe('the order of the classes', () => {
  const names = ['0', '1', '2', '10', '11', 'a', 'B'];
  const importWith = async (fields: object) => {
    await writeFiles(from, {
      'manifest.json': manifest({ split: { testShare: 0.5 }, ...fields }),
      ...classes(names, 2),
    });
    const { notes } = await importing({ replace: true });
    const { classNames, classOrder, classFolders } = await readJson('dataset.json');
    return { classNames, classOrder, classFolders, notes };
  };

  test('is numeric where nothing is said; that others have another one is', async () => {
    expect(await importWith({})).toEqual({
      classNames: names,
      classOrder: 'numeric',
      notes: [
        expect.stringMatching(
          /^The classes are in numeric order: …, 1, 2, 10, 11, … By code point, as torchvision’s ImageFolder has them, it would be …, 1, 10, 11, 2, …/,
        ),
      ],
    });
  });

  test('is that of code points where the manifest says so', async () => {
    const order = ['0', '1', '10', '11', '2', 'B', 'a'];
    const found = await importWith({ classOrder: 'codepoint' });
    expect(found).toMatchObject({ classNames: order, classOrder: 'codepoint' });
    expect(found.notes).toHaveLength(1);
    expect((await readJson('train.json')).names.map((name: string) => name.split('/')[0])).toEqual(order);
  });

  test('is what the manifest lists, with the names that it gives', async () => {
    const classOrder = names.toReversed();
    const titled = { classNames: Object.fromEntries(names.map((name) => [name, `class ${name}`])) };
    expect(await importWith({ classOrder, ...titled })).toEqual({
      classNames: classOrder.map((name) => `class ${name}`),
      classOrder: 'listed',
      classFolders: classOrder,
    });
  });

  test('of names that both ways come alike needs no word', async () => {
    await writeFiles(from, {
      'manifest.json': manifest({ split: { testShare: 0.5 } }),
      ...classes(['cat', 'dog'], 2),
    });
    expect(await importing()).not.toHaveProperty('notes');
  });
});

describe('as it is found', () => {
  const images = (...folders: string[]): Files =>
    Object.fromEntries(
      folders.flatMap((folder) => [
        [`${folder}/a/1.png`, rgb],
        [`${folder}/b/1.png`, rgb],
      ]),
    );
  const importNotes = async (files: Files) => {
    await writeFiles(from, { 'manifest.json': manifest(), ...files });
    const { notes } = await importing({ replace: true });
    return { ...(await readJson('dataset.json')), notes };
  };

  test.each([
    ['train', 'val'],
    ['Train', 'Valid'],
    ['training', 'validation'],
    ['TRAINING', 'dev'],
  ])('%s and %s', async (train, val) => {
    const { counts, notes } = await importNotes(images(train, val));
    expect(counts).toEqual({ train: 2, test: 2 });
    expect(notes).toEqual([`The images of ${val} are the test, as there is no other.`]);
  });

  test('train, val and test: the second is left out, and said to be', async () => {
    const { counts, notes, classNames } = await importNotes({
      ...images('Train', 'val', 'Test'),
      'val/c/1.png': rgb,
    });
    expect(counts).toEqual({ train: 2, test: 2 });
    expect(classNames).toEqual(['a', 'b']);
    expect(notes).toEqual(['Left out: the 3 images of val, as there is Test to test with.']);
  });

  test('with loose files at any level, and litter at any', async () => {
    const litter = [
      '.DS_Store',
      'train/.ipynb_checkpoints/1-checkpoint.png',
      'train/a/Thumbs.db',
      'test/b/.gitkeep',
      'desktop.ini',
      'train/@eaDir/a/1.png',
    ];
    const { counts, notes, classNames } = await importNotes({
      ...images('train', 'test'),
      ...Object.fromEntries(litter.map((name) => [name, rgb])),
      LICENSE: 'CC0',
      'cover.png': rgb,
      'train/metadata.csv': 'x',
      'train/a/README.md': 'x',
      'annotations/a.xml': 'x',
    });
    expect(counts).toEqual({ train: 2, test: 2 });
    expect(classNames).toEqual(['a', 'b']);
    // A folder of litter counts once.
    expect(notes).toEqual([
      expect.stringMatching(
        /^Left out: 6 files of file systems and tools \(\.DS_Store, desktop\.ini, test\/b\/\.gitkeep and 3 more\)\.$/,
      ),
      'Left out: 5 files beside the images (LICENSE, annotations/a.xml, cover.png and 2 more).',
    ]);
  });

  test('in one more folder', async () => {
    const files = Object.entries({ 'manifest.json': manifest(), ...images('train', 'test') });
    await writeFiles(from, Object.fromEntries(files.map(([name, content]) => [`pets/${name}`, content])));
    await importing();
    expect((await readJson('dataset.json')).counts).toEqual({ train: 2, test: 2 });
    await writeFiles(from, { 'pets/test/a/2.png': 'no image' });
    await importing({ replace: true, skipUnreadable: true });
    expect((await readJson('dataset.json')).counts).toEqual({ train: 2, test: 2 });
  });

  test('with links that stay inside: files and folders', async () => {
    await writeFiles(from, {
      'manifest.json': manifest(),
      ...images('train', 'test'),
      '.store/x.png': rgb,
      '.store/c/1.png': rgb,
    });
    await symlink('../../.store/x.png', path.join(from, 'train/a/2.png'));
    await symlink('../.store/c', path.join(from, 'train/c'));
    await symlink(path.join(from, '.store/c'), path.join(from, 'test/c'));
    await importing();
    expect(await readJson('dataset.json')).toMatchObject({
      classNames: ['a', 'b', 'c'],
      counts: { train: 4, test: 3 },
    });
  });

  test('with a byte-order mark, and names that are composed here and decomposed there', async () => {
    const classNames = { 'caf\u00e9': 'Coffee', a: 'A' };
    await writeFiles(from, {
      'train/cafe\u0301/1.png': rgb,
      'train/a/1.png': rgb,
      'test/a/1.png': rgb,
      'test/caf\u00e9/1.png': rgb,
    });
    await writeFile(path.join(from, 'manifest.json'), `\uFEFF${manifest({ classNames })}`);
    await importing();
    expect(await readJson('dataset.json')).toMatchObject({
      classNames: ['A', 'Coffee'],
      classFolders: ['a', 'caf\u00e9'],
    });
    await writeFiles(from, { 'train/caf\u00e9/2.png': rgb });
    await expect(importing({ replace: true })).rejects.toThrow(
      /train\/caf.*: it is there twice, once with composed/,
    );
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
    [
      'a manifest that is not JSON',
      { ...good, 'manifest.json': '{\n  title' },
      /manifest\.json: expected JSON: line 2, column 3: /,
    ],
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
      { ...good, 'more/a/1.png': rgb, 'more/a/2.png': rgb },
      /more\/a\/1\.png: expected files in folders train\/<class>.* only\. So are 1 more images\./,
    ],
    [
      'two folders of one split',
      { ...good, 'Training/a/1.png': rgb },
      /split train, got (Training|train) and (Training|train)\./,
    ],
    [
      'an order of other classes',
      { ...good, 'manifest.json': manifest({ classOrder: ['b', 'c', 'b'] }) },
      /classOrder .*it lacks a; there are no images of c; b is there twice/,
    ],
    [
      'an order unheard of',
      { ...good, 'manifest.json': manifest({ classOrder: 'random' }) },
      /classOrder: expected "numeric"/,
    ],
    [
      'a manifest in UTF-16',
      { ...good, 'manifest.json': Buffer.from(`\uFEFF${manifest()}`, 'utf16le') },
      /manifest\.json: expected JSON: it is UTF-16: save it as UTF-8\./,
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
    [
      'a file of another kind',
      { ...good, 'train/a/1.txt': rgb },
      /train\/a\/1\.txt: expected \.png.*skip-unreadable/,
    ],
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

  test('a link that leads out of the folder, nowhere, or round in a circle', async () => {
    await writeFiles(from, good);
    await symlink('/tmp', path.join(from, 'train/c'));
    await expect(importing()).rejects.toThrow(/train\/c: this link leads out of the folder/);
    await rm(path.join(from, 'train/c'));
    await symlink('../nowhere', path.join(from, 'train/c'));
    await expect(importing()).rejects.toThrow(/train\/c: this link leads nowhere/);
    await rm(path.join(from, 'train/c'));
    await symlink('..', path.join(from, 'train/c'));
    await expect(importing()).rejects.toThrow(/train\/c: this link leads back .* circle/);
    await symlink('/etc/passwd', path.join(from, 'train/a/2.png'));
    await expect(importing()).rejects.toThrow(/train\/a\/2\.png: this link leads out/);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('the id of a built-in data set, or a path', async () => {
    await writeFiles(from, good);
    await expect(importing({ id: 'mnist' })).rejects.toThrow(/built-in/);
    await expect(importing({ id: '../pets' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
