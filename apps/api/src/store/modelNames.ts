import path from 'node:path';
import Database from 'better-sqlite3';
import { DATABASE } from './dataFolder.js';

const MOST = 200;

/**
 * Ids and names of the newest models, only looking: no folder is made, no migration made up for. For what has to be quick
 * and may find nothing.
 */
export function modelNames(dataFolder: string): { id: string; name: string }[] {
  try {
    const db = new Database(path.join(dataFolder, DATABASE), { readonly: true, fileMustExist: true });
    try {
      const rows = db.prepare('select id, name from model where deleted_at is null order by id desc limit ?');
      return rows.all(MOST) as { id: string; name: string }[];
    } finally {
      db.close();
    }
  } catch {
    return [];
  }
}
