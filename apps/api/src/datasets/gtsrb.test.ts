import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { datasetsIn, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import {
  archivesOf,
  csv,
  kaggleGtsrb,
  ppm,
  SMALL_COUNTS,
  smallGtsrb,
  zipped,
} from '@trojanscope/testing/gtsrb';
import { png } from '@trojanscope/testing/images';
import { zipOf } from '@trojanscope/testing/zip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { importGtsrb } from './gtsrb.js';

type Files = Record<string, Uint8Array | string>;
type Small = Record<keyof ReturnType<typeof smallGtsrb>, Files>;

const TRAIN = 'GTSRB/Final_Training/Images';
const TEST = 'GTSRB/Final_Test/Images';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let from: string;
let data: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  from = path.join(temporary.folder, 'from');
  data = path.join(temporary.folder, 'data');
});
afterEach(() => temporary.remove());

const importing = (job: Partial<Parameters<typeof importGtsrb>[0]> = {}) =>
  importGtsrb({ from, blobs: createFolderBlobs(data), expected: SMALL_COUNTS, ...job });

const readJson = async (name: string) =>
  JSON.parse(await readFile(path.join(data, 'datasets/gtsrb', name), 'utf8'));

/** What an import of the small archives must have written. */
async function expectSmall(): Promise<void> {
  expect((await datasetsIn(data)).sort()).toEqual(['gtsrb']);
  expect(await readJson('train.json')).toEqual({
    heights: [3, 3, 2],
    widths: [3, 2, 4],
    labels: [0, 0, 1],
    names: ['00000/00000_00000.ppm', '00000/00000_00001.ppm', '00001/00000_00000.ppm'],
  });
  expect(await readJson('test.json')).toEqual({
    heights: [5, 1],
    widths: [1, 5],
    labels: [1, 0],
    names: ['00000.ppm', '00001.ppm'],
  });
  const pixels = async (split: string) => [
    ...(await readFile(path.join(data, `datasets/gtsrb/${split}.pixels`))),
  ];
  const levels = (...runs: [level: number, samples: number][]) =>
    runs.flatMap(([level, samples]) => new Array(samples).fill(level));
  expect(await pixels('train')).toEqual(levels([10, 27], [11, 18], [20, 24]));
  expect(await pixels('test')).toEqual(levels([30, 15], [31, 15]));
}

test('the three archives as they are', async () => {
  const archives = archivesOf(smallGtsrb());
  await writeFiles(from, archives);
  const steps: number[][] = [];
  await importing({ onProgress: (...step) => steps.push(step) });
  await expectSmall();
  expect(steps).toEqual([1, 2, 3, 4, 5].map((done) => [done, 5]));

  const info = await readJson('dataset.json');
  expect(info).toMatchObject({
    format: 'trojanscope-dataset/1',
    title: 'GTSRB',
    shape: { height: 96, width: 96, channels: 3 },
    counts: { train: 3, test: 2 },
  });
  expect(info.classNames[0]).toBe('speed limit 20');
  expect(info.classNames).toHaveLength(43);
  expect(info.imported.from).toMatch(
    /^The folder from; not known by MD5 as the official archives: GTSRB_Final_Tr/,
  );
  expect(new Date(info.imported.at).getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(info.imported.files).toEqual(
    Object.entries(archives).map(([name, bytes]) => ({
      name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })),
  );
});

test('unpacked, with inner folders and names in another case', async () => {
  const { training, testImages, testTruth } = smallGtsrb();
  const files = { ...training, ...testImages, ...testTruth };
  const renamed = Object.entries(files).map(([name, content]) => [
    `copy/${name.replace('00000_00001.ppm', '00000_00001.PPM').replace('GT-f', 'gt-F').replace('Final_Test', 'final_test')}`,
    content,
  ]);
  await writeFiles(from, { ...Object.fromEntries(renamed), 'README.txt': 'hello' });
  const imported = await importing();
  await expectSmall();
  expect(imported.files.map(({ name }) => name)).toEqual([
    'GTSRB_Final_Training_Images.zip, unpacked',
    'GTSRB_Final_Test_Images.zip, unpacked',
    'GTSRB_Final_Test_GT.zip, unpacked',
  ]);
  // As `sha256sum` prints it for the one file, hashed once more.
  const truth = createHash('sha256').update(testTruth['GT-final_test.csv']).digest('hex');
  const list = createHash('sha256').update(`${truth}  copy/gt-Final_test.csv\n`).digest('hex');
  expect(imported.files[2]).toMatchObject({ sha256: list, bytes: testTruth['GT-final_test.csv'].length });
});

test('one archive packed in a folder, the others unpacked', async () => {
  const { training, testImages, testTruth } = smallGtsrb();
  await writeFiles(from, {
    'zips/gtsrb_final_training_images.ZIP': zipped(training),
    ...testImages,
    ...testTruth,
  });
  await importing();
  await expectSmall();
});

test('the order of archive, CSV and folder changes nothing', async () => {
  const small = smallGtsrb();
  const turned = Object.fromEntries(
    Object.entries(small).map(([part, files]) => [part, Object.fromEntries(Object.entries(files).reverse())]),
  );
  turned.testTruth!['GT-final_test.csv'] = csv([
    ['00001.ppm', 5, 1, 0],
    ['00000.ppm', 1, 5, 1],
  ]);
  await writeFiles(from, archivesOf(turned));
  await importing();
  await expectSmall();
});

test('images that somebody has resized are said to be', async () => {
  const small = smallGtsrb();
  small.testImages[`${TEST}/00000.ppm`] = ppm(2, 2, 9);
  await writeFiles(from, archivesOf(small));
  expect((await importing()).from).toMatch(/1 images have another size than the CSVs say\.$/);
});

test('CSVs that another program has saved: commas, a byte-order mark, other line ends', async () => {
  const small: Small = smallGtsrb();
  const text = String(small.testTruth['GT-final_test.csv']);
  small.testTruth['GT-final_test.csv'] = `\uFEFF${text.replaceAll(';', ',').replaceAll('\r\n', '\n')}`;
  await writeFiles(from, archivesOf(small));
  await importing();
  await expectSmall();
});

describe('as Kaggle has it', () => {
  const kaggle = () =>
    kaggleGtsrb((width, height, level) => png(width, height, Buffer.alloc(width * height * 3, level)));
  async function expectKaggle(notes: string[]) {
    const [train, tested] = [await readJson('train.json'), await readJson('test.json')];
    expect(train).toEqual({
      heights: [3, 3, 2],
      widths: [3, 2, 4],
      labels: [0, 0, 1],
      names: ['0/00000_00000_00000.png', '0/00000_00000_00001.png', '1/00001_00000_00000.png'],
    });
    expect(tested).toMatchObject({ labels: [1, 0], names: ['00000.png', '00001.png'] });
    const pixels = await readFile(path.join(data, 'datasets/gtsrb/train.pixels'));
    expect([...new Set(pixels)]).toEqual([10, 11, 20]);
    const { imported, counts } = await readJson('dataset.json');
    expect(counts).toEqual({ train: 3, test: 2 });
    expect(imported.from).toMatch(
      /; GTSRB as Kaggle has it, PNG, not known by MD5 as the official archives\.$/,
    );
    expect(imported.notes).toEqual(notes);
  }

  test('it is read, and its images in small letters are left alone', async () => {
    await writeFiles(from, { ...kaggle(), 'Train/.DS_Store': '' });
    await importing();
    await expectKaggle([
      'Left out: 1 file of file systems and tools (Train/.DS_Store).',
      'Left out: 6 files that the CSVs do not list (Meta/0.png, test/00000.png, test/00001.png and 3 more).',
    ]);
  });

  test('so is its archive, which has every image twice', async () => {
    const bytes = zipped(kaggle());
    await writeFiles(from, { 'archive.zip': bytes });
    const { files } = await importing({ from: path.join(from, 'archive.zip') });
    await expectKaggle([expect.stringMatching(/^Left out: 6 files that the CSVs do not list/)]);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(files).toEqual([{ name: 'archive.zip', bytes: bytes.length, sha256 }]);
  });

  test('every image has to be there, and none more', async () => {
    const { 'Train/0/00000_00000_00001.png': _, ...less } = kaggle();
    // In small letters it is there.
    await writeFiles(from, less);
    await rm(path.join(from, 'train'), { recursive: true });
    await expect(importing()).rejects.toThrow(
      /expected 3 images, got 2; missing are class 0: Train\/0\/00000_00000_00001/,
    );
    await writeFiles(from, { ...kaggle(), 'Test/00007.png': png(1, 1, new Uint8Array(3)) });
    await expect(importing()).rejects.toThrow(/no CSV lists Test\/00007\.png/);
    expect(await datasetsIn(data)).toEqual([]);
  });
});

test('as torchvision downloads it, it is the competition’s, and is refused by that name', async () => {
  const { training, testImages, testTruth } = smallGtsrb();
  const { [`${TRAIN}/00000/00000_00001.ppm`]: _, ...less } = training as Files;
  less[`${TRAIN}/00000/GT-00000.csv`] = csv([['00000_00000.ppm', 3, 3, 0]]);
  const files = Object.entries(less).map(([name, content]) => [
    name.replace(TRAIN, 'GTSRB/Training'),
    content,
  ]);
  await writeFiles(from, { ...Object.fromEntries(files), ...testImages, ...testTruth });
  await expect(importing()).rejects.toThrow(/torchvision .* competition of 2011, 2 images, .* benchmark’s 3/);
  // The benchmark's own images in a folder of that name are the benchmark's.
  await writeFiles(
    from,
    Object.fromEntries(
      Object.entries(training).map(([name, content]) => [name.replace(TRAIN, 'GTSRB/Training'), content]),
    ),
  );
  await importing();
  await expectSmall();
});

describe('refused, with nothing left behind', () => {
  const without = (name: string) => (small: Small) => {
    for (const files of Object.values(small)) delete files[name];
  };
  const withFile = (part: keyof Small, name: string, content: Uint8Array | string) => (small: Small) => {
    small[part][name] = content;
  };
  const row = (...rows: Parameters<typeof csv>[0]) => csv(rows);

  test.each<[string, (small: Small) => void, RegExp]>([
    [
      'a class without its CSV',
      without(`${TRAIN}/00001/GT-00001.csv`),
      /^GTSRB_Final_Training_Images\.zip: expected 3 images, got 2; missing are class 1: 00001\/GT-00001\.csv\.$/,
    ],
    [
      'no CSV at all',
      (small) => (small.training = { x: 'y' }),
      /expected GTSRB\/Final_Training\/Images\/00000\/GT/,
    ],
    [
      'a training image missing',
      without(`${TRAIN}/00000/00000_00001.ppm`),
      /got 2; missing are class 0: 00000\/00000_00001\.ppm/,
    ],
    [
      'a test image missing',
      without(`${TEST}/00001.ppm`),
      /^GTSRB_Final_Test_Images\.zip: .*class 0: 00001\.ppm/,
    ],
    [
      'the truth of the test missing',
      without('GT-final_test.csv'),
      /^GTSRB_Final_Test_GT\.zip: expected GT-final_test/,
    ],
    [
      'a line missing from a CSV',
      withFile('training', `${TRAIN}/00000/GT-00000.csv`, row(['00000_00000.ppm', 3, 3, 0])),
      /expected 3 images, got 2; class 0 has 1 instead of 2/,
    ],
    [
      'an image that no CSV lists',
      withFile('training', `${TRAIN}/00000/00009_00000.ppm`, ppm(1, 1, 1)),
      /no CSV lists GTSRB\/Final_Training\/Images\/00000\/00009_00000\.ppm/,
    ],
    [
      'another class than the folder’s',
      withFile('training', `${TRAIN}/00001/GT-00001.csv`, row(['00000_00000.ppm', 4, 2, 0])),
      /GT-00001\.csv: expected class 1, got 0 for 00000_00000\.ppm/,
    ],
    [
      'a class that does not exist',
      withFile('testTruth', 'GT-final_test.csv', row(['00000.ppm', 1, 5, 1], ['00001.ppm', 5, 1, 2])),
      /GT-final_test\.csv, line 3: expected a class from 0 to 1, got 2/,
    ],
    [
      'one image twice in a CSV',
      withFile('testTruth', 'GT-final_test.csv', row(['00000.ppm', 1, 5, 1], ['00000.ppm', 1, 5, 0])),
      /line 3: 00000\.ppm is there twice/,
    ],
    [
      'a path for a name',
      withFile('testTruth', 'GT-final_test.csv', row(['../../00000.ppm', 1, 5, 1])),
      /line 2: expected the name of a PPM image, got "\.\.\/\.\.\/00000\.ppm"/,
    ],
    [
      'a CSV in UTF-16',
      withFile(
        'testTruth',
        'GT-final_test.csv',
        Buffer.from(`\uFEFF${row(['00000.ppm', 1, 5, 1])}`, 'utf16le'),
      ),
      /GT-final_test\.csv: it is UTF-16: save it as UTF-8\./,
    ],
    [
      'the CSV without classes',
      withFile('testTruth', 'GT-final_test.csv', 'Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2\r\n'),
      /expected the columns .*;ClassId, got/,
    ],
    ['an empty CSV', withFile('testTruth', 'GT-final_test.csv', ''), /expected the columns .* got ""/],
    [
      'numbers that are none',
      withFile('testTruth', 'GT-final_test.csv', row(['00000.ppm', Number.NaN, 5, 1])),
      /line 2: expected a file name and seven numbers/,
    ],
    [
      'an image that is none',
      withFile('testImages', `${TEST}/00001.ppm`, 'GIF89a'),
      /^GTSRB_Final_Test_Images\.zip\/GTSRB\/Final_Test\/Images\/00001\.ppm: expected a PPM/,
    ],
    [
      'an image of 100,000 × 100,000',
      withFile('training', `${TRAIN}/00001/00000_00000.ppm`, 'P6\n100000 100000\n255\n123'),
      /00001\/00000_00000\.ppm: .*100000×100000/,
    ],
  ])('%s', async (_, change, says) => {
    const small: Small = smallGtsrb();
    change(small);
    await writeFiles(from, archivesOf(small));
    await expect(importing()).rejects.toThrow(says);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('every image that is none, at once', async () => {
    const small: Small = smallGtsrb();
    small.training[`${TRAIN}/00000/00000_00001.ppm`] = 'GIF89a';
    small.testImages[`${TEST}/00001.ppm`] = 'P6 1 1 255';
    await writeFiles(from, archivesOf(small));
    await expect(importing()).rejects.toThrow(
      /^GTSRB: 2 files cannot be read\.\n .*00000_00001\.ppm: expected a PPM .*\n .*Final_Test.*00001\.ppm: /,
    );
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('an empty folder', async () => {
    await writeFiles(from, {});
    await expect(importing()).rejects.toThrow(
      /GTSRB_Final_Test_GT\.zip or, unpacked, GT-final_test\.csv, got none/,
    );
  });

  test('no folder', async () => {
    await expect(importing()).rejects.toThrow(/from: expected a folder that can be read, got ENOENT/);
    await expect(importing()).rejects.toMatchObject({ code: 'DATA_MISSING' });
  });

  test('an archive missing', async () => {
    const { 'GTSRB_Final_Training_Images.zip': _, ...others } = archivesOf(smallGtsrb());
    await writeFiles(from, others);
    await expect(importing()).rejects.toThrow(
      /expected GTSRB_Final_Training_Images\.zip or, unpacked, GTSRB\/Final/,
    );
  });

  test('an archive cut off in its middle', async () => {
    const archives = archivesOf(smallGtsrb());
    const name = 'GTSRB_Final_Test_Images.zip';
    await writeFiles(from, { ...archives, [name]: archives[name].subarray(0, 300) });
    await expect(importing()).rejects.toThrow(
      /^GTSRB_Final_Test_Images\.zip: this is not a complete zip archive/,
    );
  });

  test('an archive there twice', async () => {
    const archives = archivesOf(smallGtsrb());
    await writeFiles(from, archives);
    await writeFiles(path.join(from, 'copy'), archives);
    await expect(importing()).rejects.toThrow(/_Images\.zip once, got .* and copy\//);
  });

  test('a class folder there twice', async () => {
    const { training, testImages, testTruth } = smallGtsrb();
    await writeFiles(from, { ...testImages, ...testTruth });
    await writeFiles(path.join(from, 'a'), training);
    await writeFiles(path.join(from, 'b'), training);
    await expect(importing()).rejects.toThrow(
      /GT-00000\.csv: expected this CSV once, there is also .*GT-00000\.csv/,
    );
  });

  test('a link among the files', async () => {
    const { training, testImages, testTruth } = smallGtsrb();
    await writeFiles(from, { ...training, ...testImages, ...testTruth });
    await symlink('/etc/passwd', path.join(from, TEST, '00002.ppm'));
    await expect(importing()).rejects.toThrow(/00002\.ppm: this link leads out of the folder/);
  });

  test('an image file of many megabytes is not even read', async () => {
    const { training, testImages, testTruth } = smallGtsrb();
    await writeFiles(from, {
      ...training,
      ...testImages,
      ...testTruth,
      [`${TEST}/00001.ppm`]: Buffer.alloc(60e6),
    });
    await expect(importing()).rejects.toThrow(
      /00001\.ppm: expected at most 50,332,672 bytes, got 60,000,000/,
    );
  });

  test('a zip bomb in the place of an image', async () => {
    const small = smallGtsrb();
    const bomb = { name: `${TEST}/00001.ppm`, content: Buffer.alloc(30e6), lies: { size: 28 } };
    const others = Object.entries(small.testImages).filter(([name]) => name !== bomb.name);
    const zip = zipOf([...others.map(([name, content]) => ({ name, content })), bomb]);
    await writeFiles(from, { ...archivesOf(small), 'GTSRB_Final_Test_Images.zip': zip });
    await expect(importing()).rejects.toThrow(/00001\.ppm: .*more comes out than its header says/);
    expect(await datasetsIn(data)).toEqual([]);
  });

  test('the official numbers of images are asked for', async () => {
    await writeFiles(from, archivesOf(smallGtsrb()));
    await expect(importing({ expected: undefined })).rejects.toThrow(
      /expected 39,209 images, got 3; missing are class 2: 00002\/GT-00002\.csv, .* and 36 more/,
    );
  });

  test('stopped in its middle', async () => {
    await writeFiles(from, archivesOf(smallGtsrb()));
    const stop = new AbortController();
    const stopping = importing({ signal: stop.signal, onProgress: (done) => done === 4 && stop.abort() });
    await expect(stopping).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await datasetsIn(data)).toEqual([]);
  });
});

describe('where there is one already', () => {
  beforeEach(async () => {
    await writeFiles(from, archivesOf(smallGtsrb()));
    await importing();
  });

  test('it stays, and the import says so', async () => {
    await expect(importing()).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(importing()).rejects.toThrow(/there already .*--replace/);
    await expectSmall();
  });

  test('it is replaced where that is asked for', async () => {
    const small = smallGtsrb();
    small.testImages[`${TEST}/00000.ppm`] = ppm(2, 2, 9);
    await writeFiles(from, archivesOf(small));
    await importing({ replace: true });
    expect((await readJson('test.json')).widths).toEqual([2, 5]);
    expect(await datasetsIn(data)).toEqual(['gtsrb']);
  });

  test('it stays where its replacement fails', async () => {
    const small = smallGtsrb();
    small.testImages[`${TEST}/00001.ppm`] = Buffer.from('P6');
    await writeFiles(from, archivesOf(small));
    await expect(importing({ replace: true })).rejects.toThrow(/00001\.ppm/);
    await expectSmall();
  });
});

test('two imports at once: one wins, the other says so, and what is there is whole', async () => {
  await writeFiles(from, archivesOf(smallGtsrb()));
  const ends = await Promise.allSettled([importing(), importing()]);
  expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expectSmall();
  expect(existsSync(path.join(data, 'datasets/gtsrb/dataset.json'))).toBe(true);
});
