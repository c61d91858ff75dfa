import Database from 'better-sqlite3';
import { copyDatabase } from './database.js';

/** Copies a database that others may be writing to, as it is at one moment, into one file. */
export async function takeSnapshot(source: string, to: string): Promise<void> {
  const sqlite = new Database(source, { readonly: true });
  await copyDatabase(sqlite, to).finally(() => sqlite.close());
}

/** Ids of pictures and of trained models that a snapshot knows: each has files on the disk. */
export function idsWithFiles(snapshot: string): { artifacts: string[]; models: string[] } {
  const sqlite = new Database(snapshot, { readonly: true });
  const ids = (sql: string) => sqlite.prepare(sql).pluck().all() as string[];
  const artifacts = ids('select id from artifact order by id');
  const models = ids('select id from model where record is not null order by id');
  sqlite.close();
  return { artifacts, models };
}
