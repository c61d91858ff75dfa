import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkBundle, TrojanscopeError } from '@trojanscope/core';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { zipOf } from '@trojanscope/testing/zip';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { writeZip } from '../archives/writeZip.js';
import { openArchive } from './archiveSource.js';

type Entries = Parameters<typeof zipOf>[0];

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string) => path.join(temporary.folder, name);
beforeAll(async () => {
  temporary = await temporaryFolder();
});
afterAll(() => temporary.remove());

async function unpack(bytes: Uint8Array): Promise<Record<string, string>> {
  await writeFile(at('a.zip'), bytes);
  const archive = await openArchive(at('a.zip'));
  try {
    const files: Record<string, string> = {};
    for (const [name, size] of archive.sizes) {
      const content = await archive.read(name);
      expect(content).toHaveLength(size);
      files[name] = content.toString();
    }
    return files;
  } finally {
    await archive.close();
  }
}

describe('what is written', () => {
  const files = { 'model.json': '{}', 'weights.safetensors': 'w'.repeat(100_000), 'trigger.safetensors': '' };
  beforeAll(async () => {
    await mkdir(at('bundle'));
    for (const [name, content] of Object.entries(files)) await writeFile(at(`bundle/${name}`), content);
  });
  const write = (to: string, replace?: boolean) =>
    writeZip(at(to), at('bundle'), Object.keys(files), { replace });

  test('is read again, by us and by others, and is the same each time', async () => {
    const size = await write('one.zip');
    expect((await stat(at('one.zip'))).size).toBe(size);
    const bytes = await readFile(at('one.zip'));
    expect(await unpack(bytes)).toEqual(files);
    await write('two.zip');
    expect(bytes.equals(await readFile(at('two.zip')))).toBe(true);
    const code =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), [(i.filename, i.file_size, oct(i.external_attr >> 16)) for i in z.infolist()])';
    expect(execFileSync('python3', ['-c', code, at('one.zip')], { encoding: 'utf8' })).toBe(
      "None [('model.json', 2, '0o100644'), ('weights.safetensors', 100000, '0o100644'), ('trigger.safetensors', 0, '0o100644')]\n",
    );
  });

  test('is not written over a file unless it is asked for, and leaves nothing beside', async () => {
    await writeFile(at('there.zip'), 'mine');
    await expect(write('there.zip')).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readFile(at('there.zip'), 'utf8')).toBe('mine');
    await write('there.zip', true);
    expect(await unpack(await readFile(at('there.zip')))).toEqual(files);
    await expect(writeZip(at('none.zip'), at('bundle'), ['no such file'])).rejects.toThrow(/ENOENT/);
    expect((await readdir(temporary.folder)).filter((name) => /part|none/.test(name))).toEqual([]);
  });
});

test('an archive that another program compressed is read', async () => {
  const content = 'again '.repeat(1_000);
  expect(await unpack(zipOf([{ name: 'model.json', content, mode: 0 }]))).toEqual({ 'model.json': content });
});

test('an archive that macOS made of a folder is read', async () => {
  const names = ['model.json', 'weights.safetensors', '.DS_Store'];
  const entries: Entries = [
    { name: 'my model/', mode: 0o040755 },
    ...names.map((name) => ({ name: `my model/${name}`, content: name })),
    { name: '__MACOSX/', mode: 0o040755 },
    ...names.map((name) => ({ name: `__MACOSX/my model/._${name}`, content: 'x' })),
  ];
  const files = { 'model.json': 'model.json', 'weights.safetensors': 'weights.safetensors' };
  expect(await unpack(zipOf(entries))).toEqual(files);
  const flat = [...entries.slice(1, 3), { name: '__MACOSX/._model.json' }];
  expect(
    await unpack(
      zipOf(flat.map((entry) => ({ ...entry, name: String(entry.name).replace('my model/', '') }))),
    ),
  ).toEqual(files);
});

describe('hostile or damaged', () => {
  const whole = zipOf([{ name: 'model.json', content: 'hello hello hello' }]);
  const changed = (position: number, byte: number) => {
    const copy = Buffer.from(whole);
    copy[position] = byte;
    return copy;
  };
  const entry = (change: object) => [{ name: 'model.json', content: 'hello', ...change }];

  test.each<[string, Entries | Uint8Array, RegExp]>([
    ['an empty file', Buffer.alloc(0), /^a\.zip: this is not a complete zip archive/],
    ['no archive', Buffer.alloc(5_000, 'not a zip '), /^a\.zip: this is not a complete zip archive/],
    ['one cut off', whole.subarray(0, -30), /^a\.zip: this is not a complete zip archive/],
    ['one without its beginning', whole.subarray(20), /^a\.zip/],
    ['a damaged local header', changed(0, 0), /^a\.zip\/model\.json: it cannot be unpacked/],
    ['damaged content', changed(42, 0xff), /^a\.zip\/model\.json: /],
    ['another checksum', entry({ lies: { crc: 1 } }), /model\.json: its checksum/],
    [
      'a file more',
      [...entry({}), { name: 'setup.py' }],
      /^a\.zip\/setup\.py: expected only model\.json, weights/,
    ],
    [
      'a folder beside it',
      [...entry({}), ...entry({ name: 'model/model.json' })],
      /model\/model\.json: .* at the top of the archive or all in one folder/,
    ],
    ['two folders around', entry({ name: 'a/b/model.json' }), /a\/b\/model\.json: expected only/],
    ['up and out', entry({ name: '../model.json' }), /^a\.zip: .*\.\.\/model\.json/],
    ['up and out with backslashes', entry({ name: '..\\model.json' }), /^a\.zip: .*\.\.\/model\.json/],
    ['an absolute name', entry({ name: '/etc/model.json' }), /^a\.zip: .*\/etc\/model\.json/],
    ['a drive', entry({ name: 'C:/model.json' }), /^a\.zip: .*C:\/model\.json/],
    [
      'a name that ends early',
      entry({ name: 'model.json\0.exe' }),
      /^a\.zip\/model\.json\?\.exe: expected only/,
    ],
    ['a name in capitals', entry({ name: 'MODEL.JSON' }), /MODEL\.JSON: expected only/],
    ['a name that moves the cursor', entry({ name: '\u001b[2J' }), /^a\.zip\/\?\[2J: expected only/],
    ['a link', entry({ content: '/etc/passwd', mode: 0o120777 }), /model\.json: .* link/],
    ['a device', entry({ mode: 0o020666 }), /model\.json: .* device/],
    ['a name twice', [...entry({}), ...entry({})], /model\.json: the archive has it twice/],
    [
      'one with a password',
      entry({ lies: { flags: 1 } }),
      /model\.json: expected an archive without a password/,
    ],
    ['another compression', entry({ lies: { method: 14 } }), /model\.json: .* method 14/],
    [
      'a bomb',
      entry({ content: Buffer.alloc(20e6), lies: { size: 100, crc: 0 } }),
      /model\.json: it cannot be unpacked \(more comes out than its header says\)/,
    ],
    [
      'less than it says',
      entry({ lies: { size: 100 } }),
      /model\.json: its header says 100 bytes, 5 come out/,
    ],
    [
      'a gigabyte',
      entry({ lies: { size: 2 ** 30 } }),
      /model\.json: expected at most 536,870,912 bytes, its header says 1,073,741,824/,
    ],
    [
      'content that lies outside',
      entry({ lies: { packedSize: 40e6 } }),
      /model\.json: it cannot be unpacked/,
    ],
    [
      'many entries',
      Array.from({ length: 50 }, (_, i) => ({ name: `${i}` })),
      /expected at most 30 entries, got 50/,
    ],
  ])('%s', async (_, content, says) => {
    const bytes = content instanceof Uint8Array ? content : zipOf(content);
    await expect(unpack(bytes)).rejects.toThrow(says);
    await expect(unpack(bytes)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });

  test('what is no file, or changes while it is read', async () => {
    await expect(openArchive(at('nothing.zip'))).rejects.toMatchObject({ code: 'DATA_MISSING' });
    await expect(openArchive(temporary.folder)).rejects.toThrow(/no plain file/);
    execFileSync('mkfifo', [at('pipe')]);
    await expect(openArchive(at('pipe'))).rejects.toThrow(/no plain file/);
    await writeFile(at('shrinks.zip'), whole);
    const archive = await openArchive(at('shrinks.zip'));
    await truncate(at('shrinks.zip'), 20);
    await expect(archive.read('model.json')).rejects.toThrow(/cannot be unpacked/);
    await archive.close();
  });
});

describe('whatever becomes of an archive, it is a model or is refused in words:', () => {
  let folder: string;
  let names: string[];
  let whole: Buffer;
  beforeAll(async () => {
    const models = path.join(inject('smoke').data, 'models');
    for (const id of await readdir(models)) {
      const files = await readdir(path.join(models, id));
      if (files.includes('trigger.safetensors')) [folder, names] = [path.join(models, id), files];
    }
    await writeZip(at('whole.zip'), folder, names);
    whole = await readFile(at('whole.zip'));
    expect(await isModel(whole)).toBe(true);
  });

  async function isModel(content: Buffer): Promise<boolean> {
    await writeFile(at('fuzzed.zip'), content);
    try {
      const archive = await openArchive(at('fuzzed.zip'));
      await checkBundle(archive).finally(archive.close);
      return true;
    } catch (error) {
      if (!(error instanceof TrojanscopeError)) throw error;
      expect(error.message.length).toBeLessThan(1_000);
      return false;
    }
  }

  test('other bytes', async () => {
    const place = fc.oneof(
      fc.nat(1_500),
      fc.nat(whole.length - 1),
      // The directory.
      fc.nat(300).map((back) => whole.length - 1 - back),
    );
    const change = fc.record({
      place,
      how: fc.constantFrom('set', 'remove', 'insert', 'cut'),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let content = whole;
        for (const { place, how, bytes } of changes) {
          const [head, tail] = [content.subarray(0, place), content.subarray(place)];
          content = {
            set: () => Buffer.concat([head, bytes, tail.subarray(bytes.length)]),
            remove: () => Buffer.concat([head, tail.subarray(bytes.length)]),
            insert: () => Buffer.concat([head, bytes, tail]),
            cut: () => Buffer.from(head),
          }[how]!();
        }
        await isModel(content);
      }),
      { numRuns: 300 },
    );
  });

  test('other headers', async () => {
    const contents = await Promise.all(names.map((name) => readFile(path.join(folder, name))));
    const number = fc.oneof(fc.nat(1_000), fc.nat(2 ** 32 - 1), fc.constantFrom(0, 0xffff, 0xffffffff));
    const lies = fc.record(
      { crc: number, size: number, packedSize: number, flags: fc.nat(0xffff) },
      { requiredKeys: [] },
    );
    const entry = fc.record({
      index: fc.nat(2),
      stored: fc.boolean(),
      mode: fc.constantFrom(0, 0o100644, 0o100777, 0o040755, 0o120777, 0o177777),
      lies: fc.option(lies, { nil: {}, freq: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 5 }), async (entries) => {
        const list = entries.map(({ index, ...rest }) => ({
          name: names[index]!,
          content: contents[index]!,
          ...rest,
        }));
        await isModel(zipOf(list));
      }),
      { numRuns: 200 },
    );
  });
});
