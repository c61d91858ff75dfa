import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import Database from 'better-sqlite3';
import { LOCK, prepareDataFolder, refusalToUse } from './dataFolder.js';

/**
 * Keeps a data folder to one server; two would take each other's jobs. The lock is a file's, which the system lifts
 * however the server ends.
 * @throws TrojanscopeError CONFLICT, and as `prepareDataFolder` does
 */
export function lockDataFolder(dataFolder: string): { release(): void } {
  prepareDataFolder(dataFolder);
  const name = path.join(dataFolder, LOCK);
  try {
    const file = new Database(name, { timeout: 0 });
    file.exec('begin exclusive');
    return { release: () => void file.close() };
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY'))
      throw refusalToUse(dataFolder, error, name);
    throw new TrojanscopeError(
      'CONFLICT',
      `Another server uses the data in ${dataFolder}. Stop it, or give this one a folder of its own: npm start -- --data ./other`,
    );
  }
}
