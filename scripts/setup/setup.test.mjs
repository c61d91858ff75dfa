import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from './build.mjs';
import { StepError } from './child.mjs';
import { chooseEngine, discardIfDamaged, isIntact, writeManifest } from './engine.mjs';
import { identify, underLock } from './lock.mjs';
import { isInstalled } from './packages.mjs';
import { cacheFolder, root } from './places.mjs';
import { checkNode, missingMessage, missingTools } from './prerequisites.mjs';
import { runSteps } from './steps.mjs';

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trojanscope-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (path, content) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  return join(folder, path);
};

describe('prerequisites', () => {
  it('names what is missing and the command of the running system', () => {
    const message = (system) => missingMessage(['pip', 'compiler'], system);
    expect(message('debian')).toContain("python3's pip");
    expect(message('debian')).toMatch(/apt install python3-pip g\+\+$/);
    expect(message('fedora')).toMatch(/dnf install python3-pip gcc-c\+\+$/);
    expect(message('macos')).toMatch(/xcode-select --install && brew install python$/);
    for (const each of ['apt', 'dnf', 'brew']) expect(message('unknown')).toContain(`${each} install`);
    expect(missingMessage(['chromium'], 'ubuntu')).toMatch(/apt install chromium-browser$/);
  });

  it('finds nothing on an empty PATH', () => {
    const path = process.env.PATH;
    try {
      process.env.PATH = folder;
      expect(missingTools({ pip: true })).toEqual(expect.arrayContaining(['python', 'compiler', 'make']));
    } finally {
      process.env.PATH = path;
    }
  });

  it('refuses a Node that is too old', () => {
    expect(() => checkNode('18.19.1')).toThrow(/Node 18\.19\.1; .* 20\.11\.0 or newer/);
    expect(() => checkNode('20.10.0')).toThrow(StepError);
    for (const version of ['20.11.0', '22.0.0', '24.1.0']) checkNode(version);
  });
});

describe('packages', () => {
  const lock = {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-linux': {
      version: '1.0.0',
      integrity: 'sha512-l',
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
    },
    'node_modules/a-darwin': {
      version: '1.0.0',
      integrity: 'sha512-d',
      optional: true,
      os: ['darwin'],
      cpu: ['x64'],
    },
  };
  const installed = (packages, locked = lock) => {
    write('package-lock.json', { packages: locked });
    write('node_modules/.package-lock.json', { packages });
    return isInstalled(folder, 'linux', 'x64');
  };
  const { 'node_modules/a': a, 'node_modules/a-linux': linux, 'node_modules/a-darwin': darwin } = lock;

  it('are there when they are the locked ones, optional ones for other systems aside', () => {
    expect(installed({ 'node_modules/a': a, 'node_modules/a-linux': linux })).toBe(true);
  });
  it('are not there when the install was cut off', () => {
    write('package-lock.json', { packages: lock });
    write('node_modules/a/package.json', {});
    expect(isInstalled(folder)).toBe(false);
  });
  it('are not there when one is missing, another version, or another content', () => {
    expect(installed({ 'node_modules/a-linux': linux })).toBe(false);
    expect(installed({ 'node_modules/a': { ...a, version: '0.9.0' } })).toBe(false);
    expect(installed({ 'node_modules/a': { ...a, integrity: 'sha512-b' } })).toBe(false);
  });
  it('are not there when they are those of another system', () => {
    expect(installed({ 'node_modules/a': a, 'node_modules/a-darwin': darwin })).toBe(false);
  });
});

describe('engine', () => {
  const engine = async () => {
    const pins = write('pins.txt', 'tensorflow==1');
    const library = write('deps/lib/libtensorflow_cc.so.2', 'machine code');
    await writeManifest(folder, pins);
    return { pins, library };
  };

  it('is intact as unpacked, and not when another one is pinned', async () => {
    const { pins } = await engine();
    expect(isIntact(folder, pins)).toBe(true);
    write('pins.txt', 'tensorflow==2');
    expect(isIntact(folder, pins)).toBe(false);
  });
  it('is not intact when a library is missing, cut off, or written since', async () => {
    const { pins, library } = await engine();
    writeFileSync(library, 'machine');
    expect(isIntact(folder, pins)).toBe(false);
    writeFileSync(library, 'machine c0de');
    utimesSync(library, 1, 1);
    expect(isIntact(folder, pins)).toBe(false);
    rmSync(library);
    expect(isIntact(folder, pins)).toBe(false);
  });
  it('is discarded by the thorough check when its hash differs, though size and date do not', async () => {
    const { pins, library } = await engine();
    const { atime, mtime } = statSync(library);
    expect(await discardIfDamaged({}, folder)).toBeUndefined();
    writeFileSync(library, 'machine c0de');
    utimesSync(library, atime, mtime);
    expect(isIntact(folder, pins)).toBe(true);
    expect(await discardIfDamaged({}, folder)).toBe(library);
    expect(isIntact(folder, pins)).toBe(false);
  });
  it('is one of two', () => {
    expect(chooseEngine('cpu')).toBe('cpu');
    expect(() => chooseEngine('quantum')).toThrow('--engine takes cpu or gpu; it got "quantum".');
  });
});

describe('build', () => {
  it('is asked for when a source changes, appears or goes, not when a result does', () => {
    write('packages/core/src/index.ts', 'export const a = 1;');
    const before = hashOf(folder, ['packages']);
    write('packages/core/dist/index.js', 'built');
    write('packages/core/node_modules/x/index.js', 'installed');
    expect(hashOf(folder, ['packages'])).toBe(before);
    const added = write('packages/core/src/more.ts', '');
    expect(hashOf(folder, ['packages'])).not.toBe(before);
    rmSync(added);
    expect(hashOf(folder, ['packages'])).toBe(before);
    write('packages/core/src/index.ts', 'export const a = 2;');
    expect(hashOf(folder, ['packages'])).not.toBe(before);
  });
});

describe('lock', () => {
  const lock = () => join(folder, 'state', 'lock');
  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

  it('lets one work at a time', async () => {
    const events = [];
    const work = (name) => () =>
      underLock(
        lock(),
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, 50));
          events.push(`${name} ends`);
        },
      );
    await Promise.all([work('a')(), work('b')()]);
    expect(events).toEqual(['a begins', 'b waits', 'a ends', 'b begins', 'b ends']);
  });
  it('is free once all who held it are gone', async () => {
    write('state/lock', `${deadPid()} 1\n${deadPid()} 1\n`);
    expect(
      await underLock(
        lock(),
        () => {},
        () => 'done',
      ),
    ).toBe('done');
  });
  it('is held by a program that outlived the start it belongs to', async () => {
    write('state/lock', `${deadPid()} 1\n${identify(process.pid)}\n`);
    setTimeout(() => rmSync(lock()), 50);
    let waited = false;
    await underLock(
      lock(),
      () => (waited = true),
      () => {},
    );
    expect(waited).toBe(true);
  });
  it.runIf(process.platform === 'linux')(
    'is not held by another process with a number used again',
    async () => {
      write('state/lock', `${process.pid} 1\n`);
      expect(
        await underLock(
          lock(),
          () => {},
          () => 'done',
        ),
      ).toBe('done');
    },
  );
});

describe('steps', () => {
  const out = () => {
    const written = [];
    return { write: (text) => written.push(text), text: () => written.join('') };
  };
  const step = (name, log, { done = false, fails = false } = {}) => ({
    title: () => name,
    isDone: () => done,
    async run() {
      log.push(name);
      if (fails) throw new StepError(`${name} went wrong`);
    },
  });

  it('run in the order of their needs, and only those that are not done', async () => {
    const log = [];
    const [a, b, c] = [step('a', log), step('b', log, { done: true }), step('c', log)];
    const shown = out();
    await runSteps(
      new Map([
        [c, [a, b]],
        [b, [a]],
        [a, []],
      ]),
      {},
      shown,
    );
    expect(log).toEqual(['a', 'c']);
    expect(shown.text()).toMatch(/✓ a · 0 s\n.*\n?✓ c · 0 s/);
    expect(shown.text()).not.toContain('b ·');
  });
  it('stop after a failure, with its reason and what to do', async () => {
    const log = [];
    const [a, b] = [step('a', log, { fails: true }), step('b', log)];
    const shown = out();
    await expect(
      runSteps(
        new Map([
          [a, []],
          [b, [a]],
        ]),
        {},
        shown,
      ),
    ).rejects.toThrow(/run the same command again/);
    expect(log).toEqual(['a']);
    expect(shown.text()).toContain('✗ a');
    expect(shown.text()).toContain('a went wrong');
  });
});

it('SQLite leaves out the hook that aborts Node 24.19 and newer when statements are collected', () => {
  const addon = join(root, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  expect(readFileSync(addon).includes('RemoveEnvironmentCleanupHook')).toBe(false);
});

it('the cache is where each system keeps caches, or where it is told to be', () => {
  expect(cacheFolder({ TROJANSCOPE_CACHE: '/c' }, 'linux')).toBe('/c');
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux')).toBe(join('/x', 'trojanscope'));
  expect(cacheFolder({}, 'linux')).toMatch(/\.cache.trojanscope$/);
  expect(cacheFolder({}, 'darwin')).toMatch(/Library.Caches.trojanscope$/);
});

it('each pinned wheel has a hash', () => {
  for (const variant of ['cpu-linux-x64', 'cpu-linux-arm64', 'gpu-linux-x64']) {
    const pins = readFileSync(new URL(`engine/${variant}.txt`, import.meta.url), 'utf8');
    for (const line of pins
      .trim()
      .split('\n')
      .filter((each) => !each.startsWith('#'))) {
      expect(line).toMatch(/^[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}$/);
    }
  }
});

it('stands where npm was called, not in the clone; only in the script that npm started', () => {
  const places = new URL('places.mjs', import.meta.url).href;
  write(
    'clone/say.mjs',
    `import { standWhereNpmWasCalled } from ${JSON.stringify(places)};
    standWhereNpmWasCalled('start');
    console.log(process.cwd());`,
  );
  write('clone/package.json', { scripts: { start: 'node say.mjs', other: 'node say.mjs' } });
  const here = realpathSync(dirname(write('here/mine.zip', '')));
  const npm = (...args) =>
    spawnSync('npm', ['--prefix', join(folder, 'clone'), '--silent', ...args], {
      cwd: here,
      encoding: 'utf8',
    });
  expect(npm('start').stdout).toBe(`${here}\n`);
  expect(npm('run', 'other').stdout).toBe(`${join(realpathSync(folder), 'clone')}\n`);
});

it('an SQLite addon of another Node’s modules counts as not placed', () => {
  const module = new URL('betterSqlite3.mjs', import.meta.url).href;
  const doneWith = (modules) =>
    spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, modules: '${modules}' } });
         console.log((await import(${JSON.stringify(module)})).betterSqlite3.isDone());`,
      ],
      { encoding: 'utf8' },
    ).stdout.trim();
  expect(doneWith(process.versions.modules)).toBe('true');
  expect(doneWith('1')).toBe('false');
});
