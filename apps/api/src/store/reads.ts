import type Database from 'better-sqlite3';
import type { Compilable } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Db } from './database.js';

/** Of a database's answers, those given last; a model's row takes some 5 kB. */
const ROWS_KEPT = 2_000;

interface Memory {
  /** Another text after every write, whoever wrote; undefined in a transaction, which may be taken back. */
  state(): string | undefined;
  answers: LRUCache<string, readonly object[]>;
}
const memories = new WeakMap<Db, Memory>();

/** Lets `read` remember what it read of this database. */
export function rememberReads(db: Db, sqlite: Database.Database): void {
  // SQLite's own counts: of commits by other connections, other processes' included, and of rows changed by this one.
  const others = sqlite.prepare('pragma data_version').pluck();
  const own = sqlite.prepare('select total_changes()').pluck();
  memories.set(db, {
    state: () => (sqlite.inTransaction ? undefined : `${others.get()} ${own.get()}`),
    answers: new LRUCache({ maxSize: ROWS_KEPT, sizeCalculation: (rows) => rows.length + 1 }),
  });
}

/**
 * What a query of nothing but tables finds. Asked again before anything is written, it is not read again: when something
 * changes, everybody's dashboard asks for the same lists at once. An answer was read after its state was seen and is
 * given only while that state lasts, so it is what the database holds.
 * @returns rows that others are given too, so nobody changes them
 */
export async function read<Row extends object>(db: Db, query: Compilable<Row>): Promise<readonly Row[]> {
  const compiled = query.compile();
  const { state, answers } = memories.get(db) ?? {};
  const now = state?.();
  if (now === undefined) return (await db.executeQuery(compiled)).rows;
  const key = JSON.stringify([now, compiled.sql, compiled.parameters]);
  const known = answers!.get(key) as readonly Row[] | undefined;
  if (known) return known;
  const { rows } = await db.executeQuery(compiled);
  answers!.set(key, rows);
  return rows;
}
