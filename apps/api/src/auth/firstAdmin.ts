import { TrojanscopeError } from '@trojanscope/core';
import type { Db } from '../store/database.js';
import { deleteOneTimeToken, keepOneTimeToken, oneTimeTokenHash } from '../store/oneTimeToken.js';
import { hashOf, newSecret, sameHash } from '../store/secrets.js';
import { hasAdmin, insertUser } from '../store/users.js';
import { checkName, checkPassword } from './checks.js';
import type { Passwords } from './passwords.js';

/**
 * A new token with which the first admin is made, in the place of any older one. Its hash is kept.
 * @returns null where there is an admin
 */
export async function renewOneTimeToken(db: Db): Promise<string | null> {
  return db.transaction().execute(async (tx) => {
    if (await hasAdmin(tx)) {
      await deleteOneTimeToken(tx);
      return null;
    }
    const secret = newSecret('ts_setup_');
    await keepOneTimeToken(tx, hashOf(secret));
    return secret;
  });
}

/**
 * Makes the first admin, for a person who has read the token in the server's output. It works once.
 * @param then goes into the same transaction
 * @throws TrojanscopeError UNAUTHENTICATED where the token is wrong or used, or there is an admin; BAD_USER_INPUT
 */
export async function createFirstAdmin(
  db: Db,
  passwords: Passwords,
  input: { oneTimeToken: string; name: string; password: string },
  then: (tx: Db, userId: string) => Promise<void>,
): Promise<string> {
  // Before the password's hash is computed, which is a second's work; and again when it is used.
  await expectToken(db, input.oneTimeToken);
  const name = checkName(input.name);
  const passwordHash = await passwords.hash(checkPassword(input.password));
  return db.transaction().execute(async (tx) => {
    await expectToken(tx, input.oneTimeToken);
    await deleteOneTimeToken(tx);
    const id = await insertUser(tx, { name, role: 'ADMIN', passwordHash });
    await then(tx, id);
    return id;
  });
}

async function expectToken(db: Db, secret: string): Promise<void> {
  const stored = await oneTimeTokenHash(db);
  if (stored && sameHash(stored, hashOf(secret)) && !(await hasAdmin(db))) return;
  throw new TrojanscopeError(
    'UNAUTHENTICATED',
    'This token does not make an admin. The server prints a new one when it starts, as long as there is no admin.',
    ['oneTimeToken'],
  );
}
