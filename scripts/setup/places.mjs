import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive } from './lock.mjs';

/** The clone. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * npm runs a clone's scripts in the clone; the paths that people give with them are those of where they stand. Only for
 * the script that npm itself has started: what another one starts stands where it was put.
 */
export function standWhereNpmWasCalled(script) {
  const { INIT_CWD, npm_lifecycle_event } = process.env;
  if (INIT_CWD && npm_lifecycle_event === script) process.chdir(INIT_CWD);
}

/** What set-up remembers about this clone: stamps, logs, the lock. Safe to delete. */
export const state = join(root, '.setup');

/** What all clones of this user share: the engine and the compiled addons. Safe to delete. */
export const cache = cacheFolder(process.env, process.platform);

export const platform = `${process.platform}-${process.arch}`;

export function cacheFolder(env, os) {
  if (env.TROJANSCOPE_CACHE) return resolve(env.TROJANSCOPE_CACHE);
  if (os === 'darwin') return join(homedir(), 'Library', 'Caches', 'trojanscope');
  if (os === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'trojanscope', 'Cache');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'trojanscope');
}

/** The version of an npm package that the lock file pins; known before anything is installed. */
export function lockedVersion(name) {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`]
    .version;
}

/** The path of a program on PATH, or undefined. */
export function which(name, path = process.env.PATH ?? '') {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const file of names.map((each) => join(folder, each))) {
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {}
    }
  }
}

export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/**
 * An empty folder for half-done work, on the same disk as the cache so that a rename can finish it.
 * What killed starts left behind goes first: an unpacked engine is large.
 */
export function workFolder(name) {
  const folder = join(cache, 'tmp');
  mkdirSync(folder, { recursive: true });
  for (const entry of readdirSync(folder)) {
    const owner = Number(entry.split('-').at(-1));
    if (owner === process.pid ? entry.startsWith(`${name}-`) : !isAlive(owner)) {
      rmSync(join(folder, entry), { recursive: true, force: true });
    }
  }
  const mine = join(folder, `${name}-${process.pid}`);
  mkdirSync(mine);
  return mine;
}
