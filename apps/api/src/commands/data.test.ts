import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { datasetsIn, temporaryFolder, writeFiles } from '@trojanscope/testing/folder';
import { archivesOf, smallGtsrb } from '@trojanscope/testing/gtsrb';
import { images, png } from '@trojanscope/testing/images';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let data: string;
let pets: string;
beforeAll(async () => {
  temporary = await temporaryFolder();
  pets = path.join(temporary.folder, 'pets');
  await writeFiles(pets, {
    'manifest.json': '{"title": "Pets", "size": 32, "split": {"testShare": 0.34}}',
    ...Object.fromEntries(
      ['cat', 'dog'].flatMap((name) => [1, 2, 3].map((i) => [`${name}/${i}.png`, images.rgb!])),
    ),
  });
});
beforeEach(({ task }) => {
  data = path.join(temporary.folder, `data of ${task.id}`);
});
afterAll(() => temporary.remove());

const environment = () => ({ ...process.env, TROJANSCOPE_DATA: data });

/** `npm run trojanscope -- data …` without the set-up. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const ends = await promisify(execFile)(process.execPath, [CLI, 'data', ...args], { env: environment() });
    return { code: 0, ...ends };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

test('import, list, show, remove', async () => {
  const imported = await run('import', 'pets', '--from', pets);
  expect(imported).toMatchObject({ code: 0, stderr: 'Importing images: 100 %, 6 of 6\n' });
  expect(imported.stdout).toMatch(/^pets +imported +Pets: 4 \+ 2 images, 2 classes, 32×32×3\n/);
  expect(imported.stdout).toMatch(
    /The folder pets: 6 images of 2 classes\.\n {2}pets, 6 images, .* SHA-256 [0-9a-f]{64}\n$/,
  );

  const listed = await run('list');
  expect(listed.stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['mnist', 'built in'],
    [
      'fashion-mnist not imported Fashion-MNIST: 60,000 + 10,000 images, 10 classes, 28×28×1 (`data show fashion-mnist` tells how to get it)',
    ],
    [
      'gtsrb',
      'not imported GTSRB: 39,209 + 12,630 images, 43 classes, 96×96×3 (`data show gtsrb` tells how to get it)',
    ],
    [
      'cifar-10',
      'not imported CIFAR-10: 50,000 + 10,000 images, 10 classes, 32×32×3 (`data show cifar-10` tells how to get it)',
    ],
    ['shapes', 'built in'],
    ['pets', 'imported'],
    [''],
  ]);

  expect((await run('show', 'gtsrb')).stdout).toContain(
    '\nTo get it, run one of\n  npm run trojanscope -- data fetch gtsrb\n  npm run trojanscope -- data import gtsrb --from FOLDER_OR_ARCHIVE\n',
  );

  const shown = await run('show', 'pets');
  expect(shown.stdout).toContain(
    '\n    class   train    test\n  0 cat         2       1\n  1 dog         2       1\n',
  );
  const { classCounts, imported: from } = JSON.parse((await run('show', 'pets', '--json')).stdout);
  expect(classCounts).toEqual({ train: [2, 2], test: [1, 1] });
  expect(from.files[0].name).toBe('pets, 6 images');
  // Known to every user of MNIST.
  expect((await run('show', 'mnist')).stdout).toContain('\n  0 0       5,923     980\n');

  const again = await run('import', 'pets', '--from', pets);
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toBe(
    'The data set pets is there already (`data show pets`). Add --replace to import it anew.\n',
  );
  expect((await run('import', 'pets', '--from', pets, '--replace')).code).toBe(0);

  expect(await run('remove', 'pets')).toMatchObject({ code: 0, stdout: 'pets is removed.\n' });
  expect(await datasetsIn(data)).toEqual([]);
});

test('what cannot be read is named, left out where asked for, and shown', async () => {
  const odd = path.join(temporary.folder, 'odd');
  await writeFiles(odd, {
    'manifest.json': '{"title": "Odd", "size": 32, "split": {"testShare": 0.34}}',
    ...Object.fromEntries(
      ['cat', 'dog'].flatMap((name) => [1, 2, 3].map((i) => [`${name}/${i}.png`, images.rgb!])),
    ),
    'cat/4.jpg': 'no picture',
    'dog/notes.txt': 'hello',
  });
  const refused = await run('import', 'odd', '--from', odd);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /2 files cannot be read\..*\n {2}cat\/4\.jpg: .*\n {2}dog\/notes\.txt: .*\n$/,
  );
  expect((await run('import', 'odd', '--from', odd, '--skip-unreadable')).code).toBe(0);
  expect((await run('show', 'odd')).stdout).toMatch(
    /Left out as unreadable: 2\.\n.*\n {2}left out: cat\/4\.jpg: .*\n {2}left out: dog\/notes\.txt: /,
  );
  const { imported } = JSON.parse((await run('show', 'odd', '--json')).stdout);
  expect(imported.skipped.map(({ name }: { name: string }) => name)).toEqual(['cat/4.jpg', 'dog/notes.txt']);
  expect((await run('import', 'gtsrb', '--from', odd, '--skip-unreadable')).stderr).toMatch(
    /^GTSRB is all of its/,
  );
});

test.each<[string, string[], RegExp, code?: number]>([
  ['an unknown data set', ['show', 'cats'], /^There is no data set cats\. `data list` shows all\.\n$/],
  ['a path', ['remove', '../pets'], /^Expected an id of small letters/],
  [
    'what was never imported',
    ['remove', 'mnist'],
    /^mnist was not imported: there is nothing to remove\.\n$/,
  ],
  ['to fetch anything but GTSRB', ['fetch', 'mnist'], /^error: expected gtsrb, .* got mnist\n/, 2],
  ['an import from nowhere', ['import', 'gtsrb'], /required option '--from <folder>'/, 2],
  [
    'a folder that is not there',
    ['import', 'gtsrb', '--from', '/nowhere'],
    /^\/nowhere: expected a folder .* ENOENT\.\n$/,
  ],
  [
    'an address that is none',
    ['fetch', 'gtsrb', '--from-url', 'x'],
    /^Expected the http or https address .* got "x"\.\n$/,
  ],
])('refuses in one line: %s', async (_, args, says, status = 1) => {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([status, '']);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/ {4}at /);
});

test('archives that are not all of GTSRB', async () => {
  const from = await writeFiles(path.join(temporary.folder, 'gtsrb'), archivesOf(smallGtsrb()));
  const { code, stderr } = await run('import', 'gtsrb', '--from', from);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^GTSRB_Final_Training_Images\.zip: expected 39,209 images, got 3; missing are class 2: /,
  );
  expect(await datasetsIn(data)).toEqual([]);
});

test('a damaged data set is named, and can be removed', async () => {
  await writeFiles(path.join(data, 'datasets/broken'), { 'dataset.json': '{' });
  expect((await run('show', 'broken')).stderr).toMatch(/broken\/dataset\.json: expected JSON/);
  expect((await run('remove', 'broken')).code).toBe(0);
});

/** An import long enough to be stopped in its middle. */
async function startLongImport(id: string): Promise<ReturnType<typeof spawn>> {
  const noise = new Uint8Array(600 * 600 * 3).map((_, i) => (i * i * 31) >> 3);
  const image = png(600, 600, noise);
  const files = ['cat', 'dog'].flatMap((name) =>
    Array.from({ length: 150 }, (_, i) => [`${name}/${i}.png`, image]),
  );
  const from = await writeFiles(path.join(temporary.folder, 'many'), Object.fromEntries(files));
  await writeFiles(from, { 'manifest.json': '{"title": "Many", "size": 32, "split": {"testShare": 0.5}}' });
  const child = spawn(process.execPath, [CLI, 'data', 'import', id, '--from', from], { env: environment() });
  while (!(await datasetsIn(data)).some((name) => name.startsWith(`.${id}.`)))
    await new Promise((resolve) => setTimeout(resolve, 10));
  return child;
}

test('Ctrl-C stops an import and leaves nothing behind', async () => {
  const child = await startLongImport('many');
  let stderr = '';
  child.stderr!.on('data', (text) => {
    stderr += text;
  });
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
  expect(stderr).toBe('The import was stopped; nothing was changed.\n');
  expect(await datasetsIn(data)).toEqual([]);
});

test('what a killed import leaves is no data set, and the next import clears it', async () => {
  const child = await startLongImport('many');
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await datasetsIn(data)).toEqual([expect.stringMatching(/^\.many\..*\.part$/)]);
  expect((await run('list')).stdout).not.toContain('many');
  expect((await run('import', 'pets', '--from', pets)).code).toBe(0);
  expect(await datasetsIn(data)).toEqual(['pets']);
});
