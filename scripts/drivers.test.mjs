import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** Where data lies is known to the drivers and the entry points; everybody else is given a database and blobs. */

const source = join(root, 'apps', 'api', 'src');
const DRIVERS = ['drivers.ts', 'blobs/', 'store/database.ts', 'store/dataFolder.ts', 'store/lock.ts'];
const ENTRY_POINTS = ['config.ts', 'server.ts', 'worker.ts', 'doctor.ts', 'commands/', 'backup/'];
const MAY = [...DRIVERS, ...ENTRY_POINTS];

/** As a name, not as the file of errors that has it in its path; and what a name of another choice would be made of. */
const SIGNS = [/\bdataFolder\b(?!\.js)/, /\buseDataFolder\b/, /\bcreateFolderBlobs\b/];
const knowsTheFolder = (text) => SIGNS.some((sign) => sign.test(text));

const files = readdirSync(source, { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|^testing\//.test(file));
const textOf = (file) => readFileSync(join(source, file), 'utf8');

test('only drivers and entry points know where data lies', () => {
  const knowing = files.filter((file) => knowsTheFolder(textOf(file)));
  expect(knowing.filter((file) => !MAY.some((place) => file.startsWith(place))).sort()).toEqual([]);
  // Nothing is allowed that has no need of it.
  expect(MAY.filter((place) => !knowing.some((file) => file.startsWith(place)))).toEqual([]);
});

test('the local queue is made in one place', () => {
  const naming = files.filter((file) => /\bcreateLocalQueue\b/.test(textOf(file)));
  expect(naming.sort()).toEqual(['drivers.ts', 'queue/localQueue.ts']);
});

test.each(['path.join(dataFolder, id)', 'useDataFolder(data)', 'createFolderBlobs(data)'])(
  '%j is seen',
  (text) => expect(knowsTheFolder(text)).toBe(true),
);

test.each(["import { EXIT_CONFIG } from './store/dataFolder.js';", 'blobs.read(key)'])('%j is none', (text) =>
  expect(knowsTheFolder(text)).toBe(false),
);
