import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

/** What is broken in a data folder, in words: its database, pictures by their hash. */
export function faultsIn(dataFolder: string): string[] {
  const sqlite = new Database(path.join(dataFolder, 'trojanscope.sqlite'), { readonly: true });
  const faults: string[] = [];
  const integrity = sqlite.pragma('integrity_check', { simple: true });
  if (integrity !== 'ok') faults.push(`integrity_check: ${integrity}`);
  if ((sqlite.pragma('foreign_key_check') as unknown[]).length > 0)
    faults.push('foreign_key_check finds orphans.');
  for (const id of sqlite.prepare('select id from artifact').pluck().all() as string[]) {
    const file = path.join(dataFolder, 'artifacts', `${id}.png`);
    if (!existsSync(file)) faults.push(`The file of picture ${id} is gone.`);
    else if (sha256(file) !== id) faults.push(`The file of picture ${id} is damaged.`);
  }
  sqlite.close();
  return faults;
}

/** Files that were begun and not finished: kill -9 may leave one, a full disk may not. */
export const halvesIn = (dataFolder: string): string[] =>
  readdirSync(dataFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.part'));

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
