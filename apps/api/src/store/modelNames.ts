import Database from 'better-sqlite3';

const MOST = 200;

/**
 * Ids and names of the newest models, only looking: no folder is made, no migration made up for. For what has to be quick
 * and may find nothing.
 */
export function modelNames(database: string): { id: string; name: string }[] {
  try {
    const db = new Database(database, { readonly: true, fileMustExist: true });
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
