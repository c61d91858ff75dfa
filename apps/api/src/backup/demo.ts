import { existsSync, lstatSync, rmSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../store/database.js';
import { ConfigurationError, LOCK } from '../store/dataFolder.js';
import { lockDataFolder } from '../store/lock.js';
import { forgetPaces } from '../store/paces.js';
import { restore } from './restore.js';

/** What the preset came to, as `backup` writes it; `npm run make-demo` makes it anew. */
export const DEMO_PRESET = 'paper-mnist';
export const DEMO_ARCHIVE = fileURLToPath(new URL(`../../demo/${DEMO_PRESET}.zip`, import.meta.url));

const PREFIX = 'trojanscope-demo-';
/** A folder without a lock is being made, unless it is older. */
const MAKING_MS = 60_000;

/**
 * Unpacks the demo into a temporary folder, which is gone when this process ends; what a kill left of another is removed
 * first.
 * @returns the data folder, of the day's format
 * @throws TrojanscopeError ConfigurationError where the folder cannot be made, and as `restore` and `openDatabase` do
 */
export async function openDemo(): Promise<string> {
  await removeLeftovers();
  const folder = await mkdtemp(path.join(os.tmpdir(), PREFIX)).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(
      'CONFLICT',
      `No folder for the demo can be made in ${os.tmpdir()} (${error.code}). Name another place for temporary files: TMPDIR=/elsewhere npm start -- --demo`,
    );
  });
  // Others see by it that this process lives.
  let lock: ReturnType<typeof lockDataFolder> | undefined;
  process.once('exit', () => {
    lock?.release();
    remove(folder);
  });
  lock = lockDataFolder(folder);
  const dataFolder = path.join(folder, 'data');
  await restore({ from: DEMO_ARCHIVE, dataFolder, lasting: false });
  const db = await openDatabase(dataFolder);
  // They are another machine's.
  await forgetPaces(db);
  await db.destroy();
  return dataFolder;
}

/** Folders whose server was killed: nobody holds their lock. Others' are theirs. */
async function removeLeftovers(): Promise<void> {
  const names = await readdir(os.tmpdir()).catch(() => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const folder = path.join(os.tmpdir(), name);
    try {
      const { uid, mtimeMs } = lstatSync(folder);
      if (uid !== process.getuid?.()) continue;
      if (!existsSync(path.join(folder, LOCK)) && Date.now() - mtimeMs < MAKING_MS) continue;
      lockDataFolder(folder).release();
      remove(folder);
    } catch {
      // Somebody's who is at work, or gone already.
    }
  }
}

/** A process that is being ended may still write. */
const remove = (folder: string) =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
