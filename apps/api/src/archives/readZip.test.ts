import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from '@trojanscope/core';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { zipOf } from '@trojanscope/testing/zip';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GTSRB_LIMITS } from '../datasets/gtsrbParts.js';
import { readZip } from './readZip.js';

type Entries = Parameters<typeof zipOf>[0];

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary.remove());

/** Everything in an archive. */
async function unzip(bytes: Uint8Array): Promise<Record<string, string>> {
  const file = path.join(temporary.folder, 'a.zip');
  await writeFile(file, bytes);
  const { files, close } = await readZip(file, GTSRB_LIMITS);
  try {
    const read: Record<string, string> = {};
    for (const file of files) read[file.name] = (await file.read()).toString();
    return read;
  } finally {
    await close();
  }
}

test('the check value of CRC-32', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  expect(crc32(Buffer.alloc(0))).toBe(0);
});

test('deflated, stored and empty entries; folders and the litter of file managers are left out', async () => {
  const entries: Entries = [
    { name: 'a/', mode: 0o040755, stored: true },
    { name: 'a/deflated.txt', content: 'again '.repeat(1_000) },
    { name: 'a/stored.txt', content: 'once', stored: true },
    { name: 'empty.txt', stored: true },
    { name: '__MACOSX/a/._stored.txt', content: 'x' },
    { name: 'a/.DS_Store', content: 'x' },
  ];
  expect(await unzip(zipOf(entries))).toEqual({
    'a/deflated.txt': 'again '.repeat(1_000),
    'a/stored.txt': 'once',
    'empty.txt': '',
  });
});

describe('names beyond ASCII', () => {
  const listing = async (entries: Entries) => {
    const file = path.join(temporary.folder, 'names.zip');
    await writeFile(file, zipOf(entries));
    const { files, encoding, litter, close } = await readZip(file, GTSRB_LIMITS);
    await close();
    return { names: files.map(({ name }) => name), encoding, litter };
  };
  const latin = (text: string) => Buffer.from(text, 'latin1');

  test('that say they are UTF-8 are read so, in one normal form', async () => {
    expect(await listing([{ name: 'cafe\u0301/1.png' }])).toEqual({ names: ['caf\u00e9/1.png'], litter: [] });
  });

  test('that do not say so are UTF-8 where they can be, else CP437, and it is said', async () => {
    const found = await listing([
      { name: Buffer.from('猫/1.png') },
      { name: latin('caf\x82/1.png') },
      { name: latin('plain/1.png') },
    ]);
    expect(found.names).toEqual(['猫/1.png', 'café/1.png', 'plain/1.png']);
    expect(found.encoding).toMatch(/read so: 1 as UTF-8 \(猫\/1\.png\); 1 as CP437 \(café\/1\.png\)\.$/);
  });

  test('that stand in Info-ZIP’s field are read from there', async () => {
    const found = await listing([{ name: latin('caf\x82/1.png'), unicodePath: '犬/1.png' }]);
    expect(found).toEqual({ names: ['犬/1.png'], litter: [] });
  });

  test('are checked like any other, and are one whether composed or not', async () => {
    await expect(listing([{ name: Buffer.from('../é') }])).rejects.toThrow(
      /not a complete zip archive .*\.\.\/é/,
    );
    await expect(listing([{ name: 'x', unicodePath: '../x' }])).rejects.toThrow(/\.\.\/x/);
    await expect(listing([{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }])).rejects.toThrow(/has it twice/);
  });
});

test('litter is not even looked at, and is named', async () => {
  const file = path.join(temporary.folder, 'litter.zip');
  const odd = { content: '/etc/passwd', mode: 0o120777 };
  await writeFile(
    file,
    zipOf([{ name: 'a' }, { name: '__MACOSX/', mode: 0o040755 }, { name: '.venv/bin', ...odd }]),
  );
  const { files, litter, close } = await readZip(file, GTSRB_LIMITS);
  await close();
  expect([files.map(({ name }) => name), litter]).toEqual([['a'], ['.venv/bin']]);
});

test('an archive may have a comment', async () => {
  const zip = zipOf([{ name: 'a', content: 'x' }]);
  zip.writeUInt16LE(5, zip.length - 2);
  expect(await unzip(Buffer.concat([zip, Buffer.from('hello')]))).toEqual({ a: 'x' });
});

describe('hostile or damaged', () => {
  const whole = zipOf([{ name: 'x.ppm', content: 'hello hello hello' }]);
  const changed = (at: number, byte: number) => {
    const copy = Buffer.from(whole);
    copy[at] = byte;
    return copy;
  };
  const bomb = Buffer.alloc(20e6);

  test.each<[string, Entries | Uint8Array, RegExp]>([
    ['empty file', Buffer.alloc(0), /^a\.zip: this is not a complete zip archive/],
    ['no archive', Buffer.alloc(5_000, 'not a zip '), /^a\.zip: this is not a complete zip archive/],
    ['cut off', whole.subarray(0, -30), /^a\.zip: this is not a complete zip archive/],
    ['a damaged directory', changed(whole.length - 22 - 51, 0x00), /^a\.zip: /],
    ['a damaged local header', changed(0, 0x00), /^a\.zip\/x\.ppm: it cannot be unpacked/],
    ['damaged content', changed(36, whole[36]! ^ 0xff), /^a\.zip\/x\.ppm: /],
    [
      'another checksum',
      [{ name: 'x.ppm', content: 'hello', lies: { crc: 1 } }],
      /^a\.zip\/x\.ppm: its checksum/,
    ],
    ['up and out', [{ name: '../x.ppm' }], /^a\.zip: .*\.\.\/x\.ppm/],
    ['up and out with backslashes', [{ name: '..\\..\\x.ppm' }], /^a\.zip: .*\.\.\/x\.ppm/],
    ['an absolute name', [{ name: '/etc/x.ppm' }], /^a\.zip: .*\/etc\/x\.ppm/],
    ['a drive', [{ name: 'C:/x.ppm' }], /^a\.zip: .*C:\/x\.ppm/],
    ['a link', [{ name: 'x.ppm', content: '/etc/passwd', mode: 0o120777 }], /^a\.zip\/x\.ppm: .* link/],
    ['a device', [{ name: 'x.ppm', mode: 0o020666 }], /^a\.zip\/x\.ppm: .* device/],
    ['one name twice', [{ name: 'x.ppm' }, { name: 'x.ppm' }], /^a\.zip\/x\.ppm: .* twice/],
    ['one name twice but for case', [{ name: 'x.ppm' }, { name: 'X.PPM' }], /^a\.zip\/X\.PPM: .* twice/],
    [
      'encrypted',
      [{ name: 'x.ppm', content: 'x', lies: { flags: 1 } }],
      /^a\.zip\/x\.ppm: expected an archive without a password/,
    ],
    ['another compression', [{ name: 'x.ppm', lies: { method: 14 } }], /^a\.zip\/x\.ppm: .* method 14/],
    [
      'more comes out than the header says',
      [{ name: 'x.ppm', content: bomb, lies: { size: 100, crc: 0 } }],
      /^a\.zip\/x\.ppm: .*more comes out/,
    ],
    [
      'less comes out than the header says',
      [{ name: 'x.ppm', content: 'hello', lies: { size: 100 } }],
      /^a\.zip\/x\.ppm: its header says 100 bytes, 5 come out/,
    ],
    [
      'an entry of 4 GB',
      [{ name: 'x.ppm', content: 'x', lies: { size: 0xfffffff0 } }],
      /^a\.zip\/x\.ppm: .*its header says 4,294,967,280/,
    ],
    [
      'content that lies outside of the archive',
      [{ name: 'x.ppm', content: 'x', lies: { packedSize: 40e6 } }],
      /^a\.zip\/x\.ppm: it cannot be unpacked .*bounds/,
    ],
    [
      'too much together',
      Array.from({ length: 100 }, (_, i) => ({ name: `${i}.ppm`, content: 'x', lies: { size: 45e6 } })),
      /^a\.zip: .*bytes unpacked/,
    ],
    [
      '60,000 entries',
      Array.from({ length: 60_000 }, (_, i) => ({ name: `${i}.ppm`, stored: true })),
      /^a\.zip: expected at most 50,000 entries, got 60,000/,
    ],
  ])('%s', async (_, content, says) => {
    const bytes = content instanceof Uint8Array ? content : zipOf(content);
    await expect(unzip(bytes)).rejects.toThrow(says);
    await expect(unzip(bytes)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });
});
