import { temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Db, openDatabase } from './database.js';
import { read } from './reads.js';

let data: Awaited<ReturnType<typeof temporaryData>>;
/** The server's connection, and one of another process. */
let db: Db;
let other: Db;
beforeAll(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
  other = await openDatabase(data.folder);
});
afterAll(async () => {
  await db.destroy();
  await other.destroy();
  await data.remove();
});

const keysIn = (at: Db) => read(at, at.selectFrom('idempotency').select('key').orderBy('key'));
const names = async (at: Db) => (await keysIn(at)).map(({ key }) => key);
const write = (at: Db, key: string) =>
  at.insertInto('idempotency').values({ key, entity_id: 'x', created_at: '' }).execute();

test('what was read is not read again until something is written, here or by another process', async () => {
  const first = await keysIn(db);
  expect(await keysIn(db)).toBe(first);
  await write(db, 'a');
  expect(await names(db)).toEqual(['a']);
  await write(other, 'b');
  expect(await names(db)).toEqual(['a', 'b']);
  await other.updateTable('idempotency').set({ key: 'c' }).where('key', '=', 'a').execute();
  expect(await names(db)).toEqual(['b', 'c']);
  await db.deleteFrom('idempotency').where('key', '=', 'b').execute();
  expect(await names(db)).toEqual(['c']);
  expect(await keysIn(db)).toBe(await keysIn(db));
});

test('another question is another answer', async () => {
  const keyed = (key: string) => read(db, db.selectFrom('idempotency').select('key').where('key', '=', key));
  expect(await keyed('c')).toEqual([{ key: 'c' }]);
  expect(await keyed('d')).toEqual([]);
});

test('what a transaction has written is seen in it, and not once it was taken back', async () => {
  let meanwhile: Promise<string[]> | undefined;
  const taken = db.transaction().execute(async (tx) => {
    await write(tx, 'd');
    expect(await names(tx)).toEqual(['c', 'd']);
    // Somebody else is answered when the transaction is over.
    meanwhile = names(db);
    throw new Error('taken back');
  });
  await expect(taken).rejects.toThrow('taken back');
  expect(await meanwhile).toEqual(['c']);
  expect(await names(db)).toEqual(['c']);
});

test('what is written while the answer is under way is in the next one', async () => {
  const asked = names(db);
  await write(db, 'e');
  expect(['c', 'c,e']).toContain((await asked).join());
  expect(await names(db)).toEqual(['c', 'e']);
});
