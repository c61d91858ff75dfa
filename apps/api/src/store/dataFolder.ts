import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { type ErrorCode, TrojanscopeError } from '@trojanscope/core';
import { isDiskFull, refusalOf } from './diskFull.js';

/** The exit status of a wrong configuration (EX_CONFIG of sysexits.h): the same start would fail again. */
export const EXIT_CONFIG = 78;

/** A refusal that stays the same until somebody changes an option, a folder or the installation. */
export class ConfigurationError extends TrojanscopeError {}

export const DATABASE = 'trojanscope.sqlite';
export const LOCK = 'server.lock';

const OTHER = 'name another with --data (TROJANSCOPE_DATA)';
const user = () => process.getuid?.() ?? 'this user';
const WHY: Record<string, (at: string) => string> = {
  EEXIST: (at) => `${at} is a file, not a folder; ${OTHER}`,
  ENOTDIR: (at) => `${at} is a file, not a folder; ${OTHER}`,
  EISDIR: (at) => `${at} is a folder, not a file; move it away, or ${OTHER}`,
  EACCES: (at) => `user ${user()} may not read and write ${at}; give it the right, or ${OTHER}`,
  EPERM: (at) => `the system does not allow to write ${at}; ${OTHER}`,
  EROFS: (at) => `${at} is on a file system that is mounted read-only; mount it writable, or ${OTHER}`,
  ENAMETOOLONG: () => `the path is longer than the system takes; ${OTHER}`,
  ELOOP: (at) => `the links at ${at} lead round in a circle; ${OTHER}`,
  ENOENT: (at) => `${at} cannot be made there; ${OTHER}`,
  SQLITE_NOTADB: (at) => `${at} is not a SQLite database; put a backup in its place, or ${OTHER}`,
  SQLITE_CORRUPT: (at) => `${at} is damaged; put a backup in its place, or ${OTHER}`,
  SQLITE_CANTOPEN: (at) => `${at} cannot be opened; ${OTHER}`,
  SQLITE_READONLY: (at) => `${at} cannot be written to; give the right to, or ${OTHER}`,
  SQLITE_IOERR: (at) =>
    `${at} cannot be read and written (SQLite’s I/O error); look at its disk, or ${OTHER}`,
  SQLITE_BUSY: (at) => `another program holds ${at}; end it`,
};

/**
 * Makes a data folder that is not there, and looks whether all that a server writes in it can be written.
 * @throws TrojanscopeError ConfigurationError where that is not so, DISK_FULL
 */
export function prepareDataFolder(dataFolder: string): void {
  makeFolder(dataFolder);
  try {
    accessSync(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const name of [LOCK, DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`]) {
      const file = path.join(dataFolder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR', path: file });
      if (stat) accessSync(file, constants.R_OK | constants.W_OK);
    }
  } catch (error) {
    throw refusalToUse(dataFolder, error);
  }
}

/** Whether there is anything to look at. Looking makes no data folder. @throws TrojanscopeError as `prepareDataFolder` does */
export function hasDatabase(dataFolder: string): boolean {
  if (!lstatSync(dataFolder, { throwIfNoEntry: false })) return false;
  prepareDataFolder(dataFolder);
  return existsSync(path.join(dataFolder, DATABASE));
}

/** Prints a known refusal in words and ends the process; rethrows an internal error. */
export function endStart(error: unknown): never {
  const refusal = refusalOf(error);
  if (!refusal) throw error;
  console.error(refusal.message);
  // With room on the disk the same start succeeds.
  process.exit(refusal.code === 'DISK_FULL' ? 1 : EXIT_CONFIG);
}

/** Makes a folder of the data with those it is in. @throws TrojanscopeError as `prepareDataFolder` does */
export function makeFolder(folder: string): void {
  try {
    makeWithParents(folder);
  } catch (error) {
    throw refusalToUse(folder, error);
  }
}

/** Not by mkdir's `recursive`, which on Node 20 never returns where a system's folder such as /proc says ENOENT. */
function makeWithParents(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  if (path.dirname(folder) !== folder) makeWithParents(path.dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** What the system, SQLite or the loader of addons said when a data folder was opened, in one line with what to do. */
export function refusalToUse(
  dataFolder: string,
  error: unknown,
  file = path.join(dataFolder, DATABASE),
): unknown {
  if (!(error instanceof Error) || error instanceof TrojanscopeError) return error;
  const { code = '', path: at } = error as NodeJS.ErrnoException;
  if (/ERR_DLOPEN_FAILED|MODULE_NOT_FOUND/.test(code) || /bindings file/.test(error.message))
    return addonMissing(error);
  const start = `The data folder ${dataFolder} cannot be used: `;
  if (isDiskFull(error))
    return new TrojanscopeError('DISK_FULL', `${start}its disk is full. Make room there, then start again.`);
  // SQLite's codes go on with what exactly it is, such as SQLITE_IOERR_SHMMAP.
  const why = WHY[code] ?? WHY[code.split('_').slice(0, 2).join('_')];
  if (!why) return error;
  const damaged = /NOTADB|CORRUPT/.test(code);
  const place = at ?? (code.startsWith('SQLITE') ? file : dataFolder);
  return configurationError(
    damaged ? 'DATA_DAMAGED' : 'CONFLICT',
    start + (danglingLink(place) ?? why(place)),
  );
}

const configurationError = (code: ErrorCode, message: string) => new ConfigurationError(code, `${message}.`);

function danglingLink(at: string): string | undefined {
  try {
    if (!lstatSync(at).isSymbolicLink() || statSync(at, { throwIfNoEntry: false })) return undefined;
    return `${at} is a link to ${readlinkSync(at)}, which is not there; make that folder, or ${OTHER}`;
  } catch {
    return undefined;
  }
}

function addonMissing({ message }: Error): ConfigurationError {
  const [built, needed] = [...message.matchAll(/NODE_MODULE_VERSION (\d+)/g)].map(([, version]) => version);
  const why =
    built && needed
      ? `was compiled for another Node (module version ${built}; this is Node ${process.versions.node}, ${needed})`
      : `does not load (${message.split('\n')[0]})`;
  return configurationError(
    'ENGINE_UNAVAILABLE',
    `SQLite (better-sqlite3) ${why}. Run \`npm start\` with this Node, which compiles it anew, or start with the Node of before`,
  );
}
