import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryData } from '../testing/server.mjs';
import type * as database from './database.js';

const { openDatabase }: typeof database = await import('../../dist/store/database.js' as string);

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: database.Db;
beforeEach(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
});
afterEach(async () => {
  await db.destroy();
  await data.remove();
});

const row = (key: string) => ({ key, entity_id: 'x', created_at: '' });

test('a transaction that reads before it writes is not refused as locked when another process writes meanwhile', async () => {
  const other = new Database(path.join(data.folder, 'trojanscope.sqlite'), { timeout: 0 });
  const write = () => other.prepare(`insert into idempotency values ('other', 'x', '')`).run();
  await db.transaction().execute(async (transaction) => {
    await transaction.selectFrom('idempotency').selectAll().execute();
    // The other has to wait; before, it went ahead, and this transaction could never write again.
    expect(write).toThrow(/locked/);
    await transaction.insertInto('idempotency').values(row('own')).execute();
  });
  write();
  const keys = (await db.selectFrom('idempotency').select('key').orderBy('key').execute()).map(
    ({ key }) => key,
  );
  expect(keys).toEqual(['other', 'own']);
  other.close();
});
