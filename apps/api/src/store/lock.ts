import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import Database from 'better-sqlite3';
import { LOCK, prepareDataFolder, refusalToUse } from './dataFolder.js';

/** Where the server listens that has the lock: for who finds the folder locked. */
const ADDRESS = `${LOCK}.address`;

interface Lock {
  /** Says to others where the one is that has the folder. */
  tellAddress(address: string): void;
  release(): void;
}

const elsewhere = () => 'Stop it, or give this one a folder of its own: npm start -- --data ./other';

/**
 * Keeps a data folder to one server; two would take each other's jobs. The lock is a file's, which the system lifts
 * however the server ends.
 * @param advice what to do where another has it, which may have told where it listens
 * @throws TrojanscopeError CONFLICT, and as `prepareDataFolder` does
 */
export function lockDataFolder(
  dataFolder: string,
  advice: (address: string | undefined) => string = elsewhere,
): Lock {
  prepareDataFolder(dataFolder);
  const name = path.join(dataFolder, LOCK);
  const told = path.join(dataFolder, ADDRESS);
  try {
    const file = new Database(name, { timeout: 0 });
    file.exec('begin exclusive');
    // Of one that was killed.
    rmSync(told, { force: true });
    return {
      tellAddress(address) {
        try {
          writeFileSync(told, `${address}\n`);
        } catch {
          // A full disk keeps no server from serving.
        }
      },
      release() {
        rmSync(told, { force: true });
        file.close();
      },
    };
  } catch (error) {
    if (!String((error as { code?: string }).code).startsWith('SQLITE_BUSY'))
      throw refusalToUse(dataFolder, error, name);
    throw new TrojanscopeError(
      'CONFLICT',
      `Another server uses the data in ${dataFolder}. ${advice(addressIn(told))}`,
    );
  }
}

function addressIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
