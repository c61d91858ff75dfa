import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** Where data lies is known to the drivers and the entry points; everybody else is given the drivers that are made there. */

const source = join(root, 'apps', 'api', 'src');
const DRIVERS = ['drivers.ts', 'blobs/', 'store/database.ts', 'store/dataFolder.ts', 'store/lock.ts'];
const PROCESSES = [
  'server.ts',
  'serve.ts',
  'cli.ts',
  'plugins/',
  'worker.ts',
  'inference/inferenceProcess.ts',
  'jobs/importProcess.ts',
];
const COMMANDS = ['config.ts', 'commands/', 'backup/', 'forecast/paceProcess.ts'];
const MAY = [...DRIVERS, ...PROCESSES, ...COMMANDS];

/** The folder as a name, not as the file of errors that has it in its path; and what opens what lies there. */
const SIGNS = [
  /\bdataFolder\b(?!\.js)/,
  /\buseDataFolder\b/,
  /\b(open|with)Drivers\b|\bdriversWithoutDatabase\b/,
];
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

test.each([
  ['createFolderBlobs', 'blobs/folderBlobs.ts'],
  ['createLocalQueue', 'queue/localQueue.ts'],
  ['createEvents', 'events.ts'],
  ['createMemoryLimits', 'rateLimits.ts'],
])('%s is chosen in drivers.ts alone', (driver, file) => {
  const naming = files.filter((file) => new RegExp(`\\b${driver}\\b`).test(textOf(file)));
  expect(naming.sort()).toEqual(['drivers.ts', file].sort());
});

test.each(['path.join(dataFolder, id)', 'useDataFolder(data)', 'await openDrivers(data)'])(
  '%j is seen',
  (text) => expect(knowsTheFolder(text)).toBe(true),
);

test.each(["import { EXIT_CONFIG } from './store/dataFolder.js';", 'blobs.read(key)'])('%j is none', (text) =>
  expect(knowsTheFolder(text)).toBe(false),
);
