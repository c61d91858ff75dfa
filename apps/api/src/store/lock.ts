import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import Database from 'better-sqlite3';

/**
 * Keeps a data folder to one server; two would take each other's jobs. The lock is a file's, which the system lifts
 * however the server ends.
 * @throws TrojanscopeError CONFLICT
 */
export function lockDataFolder(dataFolder: string): { release(): void } {
  mkdirSync(dataFolder, { recursive: true });
  const file = new Database(path.join(dataFolder, 'server.lock'), { timeout: 0 });
  try {
    file.exec('begin exclusive');
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY')) throw error;
    throw new TrojanscopeError(
      'CONFLICT',
      `Another server uses the data in ${dataFolder}. Stop it, or give this one a folder of its own: npm start -- --data ./other`,
    );
  }
  return { release: () => void file.close() };
}
