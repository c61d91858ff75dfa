import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '@trojanscope/core';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Blobs } from './blobs.js';
import { createFolderBlobs } from './folderBlobs.js';

/** The contract: what every driver does. Another one becomes a line of this list. */
const DRIVERS: Record<string, (folder: string) => Blobs> = { folder: createFolderBlobs };

describe.each(Object.entries(DRIVERS))('%s', (_, create) => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let blobs: Blobs;
  beforeEach(async () => {
    temporary = await temporaryFolder();
    blobs = create(temporary.folder);
  });
  afterEach(() => temporary.remove());

  const put = (key: string, content: string) => blobs.put(key, (place) => writeWhole(place, content));
  const read = async (key: string) => (await blobs.read(key)).toString();
  /** A folder with one file. */
  const putFolder = (key: string, content: string) =>
    blobs.put(key, async (place) => {
      await mkdir(place);
      await writeFile(path.join(place, 'model.json'), content);
    });

  test('a file is read as it was put, by bytes and by a local path, also by whoever opens the same anew', async () => {
    await put('artifacts/a.png', 'picture');
    expect(await read('artifacts/a.png')).toBe('picture');
    expect(await readFile(await blobs.localPath('artifacts/a.png'), 'utf8')).toBe('picture');
    expect((await create(temporary.folder).read('artifacts/a.png')).toString()).toBe('picture');
  });

  test('a folder is kept as one; its files have keys of their own', async () => {
    await putFolder('models/mod_a', 'record');
    expect(await read('models/mod_a/model.json')).toBe('record');
    const place = await blobs.localPath('models/mod_a');
    expect(await readFile(path.join(place, 'model.json'), 'utf8')).toBe('record');
    expect(await blobs.list('models')).toEqual(['mod_a']);
    expect(await blobs.list('models/mod_a')).toEqual(['model.json']);
    await blobs.remove('models/mod_a');
    expect(await blobs.version('models/mod_a')).toBeUndefined();
    expect(await blobs.version('models/mod_a/model.json')).toBeUndefined();
    expect(await blobs.list('models')).toEqual([]);
  });

  test('put gives what was written’s answer; what throws keeps what was there', async () => {
    await put('a/b', 'old');
    expect(await blobs.put('a/c', async (place) => writeWhole(place, 'c').then(() => 7))).toBe(7);
    const failing = blobs.put('a/b', async () => {
      throw new Error('broken off');
    });
    await expect(failing).rejects.toThrow('broken off');
    const unwritten = blobs.put('a/d', async () => {
      throw new Error('broken off');
    });
    await expect(unwritten).rejects.toThrow('broken off');
    expect([await read('a/b'), await blobs.version('a/d')]).toEqual(['old', undefined]);
  });

  test('a version stays until something is put anew', async () => {
    await put('a/b', 'one');
    const first = await blobs.version('a/b');
    expect(first).toBeDefined();
    expect(await blobs.version('a/b')).toBe(first);
    await put('a/b', 'two');
    expect(await blobs.version('a/b')).not.toBe(first);
    expect(await read('a/b')).toBe('two');
  });

  test('of what is not there there is no version, no bytes and nothing to remove, but a place', async () => {
    await put('a/b', 'a file, not a folder');
    for (const key of ['nothing', 'no/thing', 'a/b/c']) {
      expect(await blobs.version(key)).toBeUndefined();
      await expect(blobs.read(key)).rejects.toMatchObject({ code: 'DATA_MISSING' });
      expect(path.isAbsolute(await blobs.localPath(key))).toBe(true);
      await blobs.remove(key);
    }
    expect(await blobs.list('nothing')).toEqual([]);
  });

  test('names are listed in order, those of other folders not among them', async () => {
    for (const name of ['b', 'a', 'c']) await put(`uploads/${name}.zip`, name);
    await put('uploadsOfOthers/d.zip', 'd');
    await blobs.remove('uploads/c.zip');
    expect(await blobs.list('uploads')).toEqual(['a.zip', 'b.zip']);
  });

  test('leftovers go, what is whole stays', async () => {
    await put('uploads/whole.zip', 'whole');
    await put('uploads/half.zip.part', 'half');
    await blobs.removeLeftovers();
    expect(await blobs.list('uploads')).toEqual(['whole.zip']);
  });

  test('there is room', async () => expect(await blobs.freeBytes()).toBeGreaterThan(0));
});
