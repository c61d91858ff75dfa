import { spawnSync } from 'node:child_process';
import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { datasetsIn, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { checkId, checkOwnId, install } from './install.js';

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let datasets: string;
beforeEach(async () => {
  temporary = await temporaryFolder();
  datasets = path.join(temporary.folder, 'datasets');
});
afterEach(() => temporary.remove());

const installing = (id = 'signs') =>
  install({ blobs: createFolderBlobs(temporary.folder), id }, (folder) =>
    writeFiles(folder, { 'dataset.json': 'new' }),
  );

/** The number of a process that has ended. */
const gone = spawnSync(process.execPath, ['-e', '']).pid;

test('what killed imports left is cleared, what running ones write is not', async () => {
  await writeFiles(datasets, {
    [`.signs.${gone}.aaaaaaaa.part/train.pixels`]: 'half',
    [`.other.${gone}.bbbbbbbb.part/train.pixels`]: 'half',
    [`.other.${process.ppid}.cccccccc.part/train.pixels`]: 'of a running process',
    [`.other.${process.ppid}.dddddddd.part/train.pixels`]: 'of another process with the number of an old one',
    [`.other.${process.pid}.eeeeeeee.part/train.pixels`]: 'of another process with our number',
    'kept/dataset.json': 'whole',
    '.hidden/notes.txt': 'somebody’s own',
  });
  const old = new Date(Date.now() - 25 * 3_600_000);
  await utimes(path.join(datasets, `.other.${process.ppid}.dddddddd.part`), old, old);
  await installing();
  expect((await datasetsIn(temporary.folder)).sort()).toEqual(
    ['.hidden', `.other.${process.ppid}.cccccccc.part`, 'kept', 'signs'].sort(),
  );
});

test('of many at once exactly one is installed', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) {
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => installing(id)));
    const refused = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason.code);
    expect(refused).toEqual(Array(19).fill('CONFLICT'));
  }
  expect((await datasetsIn(temporary.folder)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('killed between the two renames of a replacement, the old one comes back', async () => {
  await writeFiles(datasets, {
    [`.old-one.${gone}.aaaaaaaa.old/dataset.json`]: 'old',
    [`.old-one.${gone}.aaaaaaaa.part/dataset.json`]: 'new',
    'replaced/dataset.json': 'new',
    [`.replaced.${gone}.aaaaaaaa.old/dataset.json`]: 'old',
  });
  await installing();
  expect((await datasetsIn(temporary.folder)).sort()).toEqual(['old-one', 'replaced', 'signs']);
});

test.each(['', 'Signs', '1signs', '-signs', 'a b', '../x', 'a/b', '.signs', 'ä', 'a'.repeat(41), 'signs\n'])(
  'refused as an id: %j',
  (id) => {
    expect(() => checkId(id)).toThrow(/Expected an id/);
  },
);

test('ids of built-in data sets are taken', () => {
  for (const id of ['mnist', 'fashion-mnist', 'gtsrb', 'cifar-10', 'shapes'])
    expect(() => checkOwnId(id)).toThrow(/built-in/);
  expect(() => checkOwnId('my-signs-2')).not.toThrow();
  expect(() => checkOwnId('a'.repeat(40))).not.toThrow();
});
