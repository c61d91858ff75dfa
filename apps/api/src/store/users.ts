import { TrojanscopeError } from '@trojanscope/core';
import type { Role } from '../viewer.js';
import { endSessions } from './credentials.js';
import { type Db, now, type Row } from './database.js';
import { newId } from './ids.js';

export type UserRow = Row<'user'>;

export const userByName = (db: Db, name: string): Promise<UserRow | undefined> =>
  db.selectFrom('user').selectAll().where('name', '=', name.trim().toLowerCase()).executeTakeFirst();

export const allUsers = (db: Db): Promise<UserRow[]> =>
  db.selectFrom('user').selectAll().orderBy('id').execute();

export const findUser = (db: Db, id: string): Promise<UserRow | undefined> =>
  db.selectFrom('user').selectAll().where('id', '=', id).executeTakeFirst();

/** @throws TrojanscopeError NOT_FOUND */
export async function userById(db: Db, id: string): Promise<UserRow> {
  const row = await findUser(db, id);
  if (!row) throw new TrojanscopeError('NOT_FOUND', `There is no user ${id}.`, ['userId']);
  return row;
}

/** @throws TrojanscopeError CONFLICT where the name is taken */
export async function insertUser(
  db: Db,
  { name, role, passwordHash }: { name: string; role: Role; passwordHash: string },
): Promise<string> {
  if (await userByName(db, name)) {
    throw new TrojanscopeError('CONFLICT', `There is a user ${name} already.`, ['name']);
  }
  const id = newId('User');
  await db
    .insertInto('user')
    .values({ id, name, role, password_hash: passwordHash, created_at: now() })
    .execute();
  return id;
}

/** @throws TrojanscopeError NOT_FOUND; CONFLICT where no admin would be left */
export async function setUserRole(db: Db, id: string, role: Role): Promise<void> {
  if ((await userById(db, id)).role === 'ADMIN' && role !== 'ADMIN') await expectAnotherAdmin(db, id);
  await db.updateTable('user').set({ role }).where('id', '=', id).execute();
}

/**
 * Closes an account, which ends its sessions, or opens it again. Its access tokens rest while it is closed.
 * @throws TrojanscopeError NOT_FOUND; CONFLICT where no admin would be left
 */
export async function setUserDisabled(db: Db, id: string, disabled: boolean): Promise<void> {
  const { role } = await userById(db, id);
  if (disabled) {
    if (role === 'ADMIN') await expectAnotherAdmin(db, id);
    await endSessions(db, id);
  }
  await db
    .updateTable('user')
    .set({ disabled_at: disabled ? now() : null })
    .where('id', '=', id)
    .execute();
}

/**
 * A new password; sessions end, but for the one that asks.
 * @throws TrojanscopeError NOT_FOUND
 */
export async function setPassword(db: Db, id: string, passwordHash: string, except?: string): Promise<void> {
  await userById(db, id);
  await db.updateTable('user').set({ password_hash: passwordHash }).where('id', '=', id).execute();
  await endSessions(db, id, { except });
}

/**
 * Notes that somebody signs in who showed this password's hash to be theirs.
 * @returns who; undefined where the password has changed since or the account is closed
 */
export const noteLogin = (db: Db, id: string, passwordHash: string): Promise<UserRow | undefined> =>
  db
    .updateTable('user')
    .set({ last_login_at: now() })
    .where('id', '=', id)
    .where('password_hash', '=', passwordHash)
    .where('disabled_at', 'is', null)
    .returningAll()
    .executeTakeFirst();

const admins = (db: Db) =>
  db.selectFrom('user').select('id').where('role', '=', 'ADMIN').where('disabled_at', 'is', null);

export const hasAdmin = async (db: Db) => (await admins(db).limit(1).executeTakeFirst()) !== undefined;

async function expectAnotherAdmin(db: Db, id: string): Promise<void> {
  if (await admins(db).where('id', '!=', id).limit(1).executeTakeFirst()) return;
  throw new TrojanscopeError('CONFLICT', 'This is the only admin. Make another one first.', ['userId']);
}
