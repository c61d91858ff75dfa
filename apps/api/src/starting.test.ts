import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** Starts that cannot work: one line, no stack trace, and a status after which nothing is started anew. */

const program = (name: string) => fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));

let temporary: Awaited<ReturnType<typeof temporaryData>>;
let folder: string;
beforeEach(async () => {
  temporary = await temporaryData();
  folder = temporary.folder;
});
afterEach(() => temporary.remove());

interface Run {
  env?: NodeJS.ProcessEnv;
  /** A program to start it under. */
  under?: string[];
}
async function run(name: string, args: string[], { env = {}, under = [] }: Run = {}) {
  const [command, ...rest] = [...under, process.execPath, program(name), ...args];
  const child = spawn(command!, rest, { cwd: folder, env: { ...process.env, ...env }, timeout: 30_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}
const server = (data: string, more?: Run) =>
  run('server', ['--no-quickstart', '--port', '0', '--data', data], more);

const at = (name: string) => path.join(folder, name);
/** What is wrong, where `--data` points (below the test's folder), what makes it so, what is said. */
const FAULTS: [string, string, () => void, RegExp][] = [
  ['a file', 'file', () => writeFileSync(at('file'), ''), /\/file is a file, not a folder/],
  ['below a file', 'file/data', () => writeFileSync(at('file'), ''), /is a file, not a folder/],
  ['where the system makes none', '/proc/trojanscope/data', () => {}, /\/proc\/trojanscope/],
  [
    'a dangling link',
    'link',
    () => symlinkSync(at('gone'), at('link')),
    /\/link is a link to .*\/gone, which is not there/,
  ],
  ['a circle of links', 'link', () => symlinkSync(at('link'), at('link')), /round in a circle/],
  ['too long a name', 'x'.repeat(300), () => {}, /longer than the system takes/],
  [
    'no database',
    '',
    () => writeFileSync(at('trojanscope.sqlite'), 'I am a letter. '.repeat(99)),
    /trojanscope\.sqlite is not a SQLite database/,
  ],
  [
    'a folder for a database',
    '',
    () => mkdirSync(at('trojanscope.sqlite')),
    /trojanscope\.sqlite is a folder, not a file/,
  ],
  [
    'the database of another program',
    '',
    () => {
      const other = new Database(at('trojanscope.sqlite'));
      other.exec('create table bookmarks (id)');
      other.close();
    },
    /database of another program \(with a table bookmarks\)/,
  ],
];

test.each(FAULTS)('--data is %s', async (what, place, make, says) => {
  make();
  const data = path.resolve(folder, place);
  // All ask the same function; that they do is seen where it refuses a folder and where it refuses a database.
  const also = ['a file', 'no database'].includes(what)
    ? [
        run('cli', ['user', 'list', '--data', data]),
        run('cli', ['model', 'import', 'mine.zip', '--data', data]),
      ]
    : [];
  for (const { code, stdout, stderr } of await Promise.all([server(data), ...also])) {
    expect(stderr).toMatch(says);
    expect(stderr).toMatch(/^[^\n]*--data \(TROJANSCOPE_DATA\)\.\n$/);
    expect([code, stdout]).toEqual([78, '']);
  }
});

test.runIf(process.getuid?.() !== 0)('a folder without permission', async () => {
  chmodSync(folder, 0o500);
  const { code, stderr } = await server(folder);
  chmodSync(folder, 0o700);
  expect([code, stderr]).toEqual([78, expect.stringMatching(/^[^\n]*may not read and write .*--data.*\n$/)]);
});

const OWN_MOUNTS = ['unshare', '--user', '--map-root-user', '--mount'];
const mounts = spawnSync(OWN_MOUNTS[0]!, [...OWN_MOUNTS.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']);
describe.runIf(mounts.status === 0)('on a disk of its own', () => {
  /** `$0` is the folder. */
  const after = (script: string) => [...OWN_MOUNTS, 'sh', '-c', `${script}; exec "$@"`, folder];

  test('that is mounted read-only', async () => {
    const under = after('mount -t tmpfs -o ro tmpfs "$0"');
    for (const data of [folder, at('data')]) {
      const { code, stderr } = await server(data, { under });
      expect([code, stderr]).toEqual([78, expect.stringMatching(/^[^\n]*mounted read-only; .*--data.*\n$/)]);
    }
  });

  test('that is full: room is what it lacks, the configuration is right', async () => {
    const under = after('mount -t tmpfs -o size=16k tmpfs "$0"; head -c 16k /dev/zero > "$0/x" 2> /dev/null');
    const { code, stderr } = await server(folder, { under });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^[^\n]*disk is full\. Make room.*\n$/)]);
  });
});

test('a port in use, and a data folder in use', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as { port: number };
  const args = ['--no-quickstart', '--data', at('data'), '--port', String(port)];
  const inUse = await run('server', args);
  other.close();
  expect([inUse.code, inUse.stderr]).toEqual([
    78,
    expect.stringMatching(/^Port \d+ on 127\.0\.0\.1 is in use\. Stop what uses it, .*--port \d+\n$/),
  ]);
  const running = await startServer({ data: at('data') });
  const second = await server(at('data'));
  await running.stop();
  expect([second.code, second.stderr]).toEqual([
    78,
    expect.stringMatching(/^Another server uses the data in .*\n$/),
  ]);
});

test.each([
  [['--bogus'], /unknown option '--bogus'/],
  [['--port', 'abc'], /whole number from 0 to 65535/],
  [['--log', 'xml'], /Allowed choices are/],
  [['--data', '~nobody/x'], /of homes only one’s own is known/],
  [['--data', ''], /Expected a path, got nothing/],
])('options that are none: %j', async (args, says) => {
  const { code, stdout, stderr } = await run('server', args);
  expect([code, stdout]).toEqual([78, '']);
  expect(stderr).toMatch(says);
  expect(stderr).not.toMatch(/ {4}at /);
});

test('SQLite compiled for another Node', async () => {
  // What Node says then, whichever Node this is.
  writeFileSync(
    at('otherNode.cjs'),
    `const load = process.dlopen;
     process.dlopen = function (module, file, ...flags) {
       if (!file.includes('better_sqlite3')) return load.call(this, module, file, ...flags);
       const text = "The module '" + file + "'\\nwas compiled against a different Node.js version using\\n" +
         'NODE_MODULE_VERSION 83. This version of Node.js requires\\nNODE_MODULE_VERSION 84. Please try re-compiling';
       throw Object.assign(new Error(text), { code: 'ERR_DLOPEN_FAILED' });
     };`,
  );
  const env = { NODE_OPTIONS: `--require=${at('otherNode.cjs')}` };
  for (const { code, stderr } of [
    await server(at('data'), { env }),
    await run('cli', ['user', 'list', '--data', at('data')], { env }),
  ])
    expect([code, stderr]).toEqual([
      78,
      expect.stringMatching(
        /^SQLite .* was compiled for another Node \(module version 83; .* 84\)\. Run `npm start`.*\n$/,
      ),
    ]);
});

test('~ is the home where no shell has seen it, and relative paths are those of where one stands', async () => {
  const env = { HOME: at('home') };
  for (const [i, data] of ['~/ts', '~', 'here'].entries()) {
    const variable = i === 0 ? { ...env, TROJANSCOPE_DATA: data } : env;
    const args = i === 0 ? [] : ['--data', data];
    expect((await run('cli', ['user', 'list', ...args], { env: variable })).code).toBe(0);
  }
  expect(readdirSync(folder).sort()).toEqual(['here', 'home']);
  expect(readdirSync(at('home/ts'))).toContain('trojanscope.sqlite');
  expect(readdirSync(at('home'))).toContain('trojanscope.sqlite');
  const { stderr } = await run('cli', ['model', 'import', '~/mine.zip', '--data', at('here')], { env });
  expect(stderr).toMatch(/home\/mine\.zip cannot be read/);
});

describe('the unit of docs/operations.md', () => {
  const page = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
  const unit = /^```ini\n([\s\S]*?)^```/m.exec(page)![1]!;

  test('starts through what checks and mends, and cannot loop', () => {
    const section = (name: string) =>
      new RegExp(`^\\[${name}\\]\\n([\\s\\S]*?)(?=^\\[|$(?![\\s\\S]))`, 'm').exec(unit)![1]!;
    expect(section('Service')).toMatch(/^ExecStart=\S+ scripts\/start\.mjs$/m);
    expect(section('Service')).toMatch(/^RestartPreventExitStatus=78$/m);
    const number = (key: string) =>
      Number(new RegExp(`^${key}=(\\d+)$`, 'm').exec(section('Unit') + section('Service'))?.[1]);
    expect(section('Unit')).toMatch(/^StartLimitBurst=/m);
    // All starts fit into the time in which they are counted, each with up to a minute to fail.
    expect(number('StartLimitBurst') * (number('RestartSec') + 60)).toBeLessThan(
      number('StartLimitIntervalSec'),
    );
  });

  const analyze = spawnSync('systemd-analyze', ['--version']);
  test.runIf(analyze.status === 0)('is one that systemd understands', () => {
    const here = unit
      .replaceAll('/opt/trojanscope', root)
      .replace('/usr/bin/node', process.execPath)
      .replace(/^User=.*\n/m, '');
    writeFileSync(at('trojanscope.service'), here);
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', at('trojanscope.service')], {
      encoding: 'utf8',
    });
    expect((stdout + stderr).split('\n').filter((line) => line.includes('trojanscope.service'))).toEqual([]);
  });
});
