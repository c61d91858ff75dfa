import { TrojanscopeError } from '@trojanscope/core';
import { writeAudit } from '../store/audit.js';
import { forgetOldSessions, issueCredential } from '../store/credentials.js';
import type { Db } from '../store/database.js';
import { noteLogin, userByName } from '../store/users.js';
import type { Viewer } from '../viewer.js';
import type { Passwords } from './passwords.js';

export const SESSION_MS = 7 * 24 * 3_600_000;

/**
 * Opens a session for a person who knows the password.
 * @throws TrojanscopeError UNAUTHENTICATED, the same whichever of name, password and state of the account it is
 */
export async function logIn(
  db: Db,
  passwords: Passwords,
  { name, password }: { name: string; password: string },
): Promise<{ viewer: Viewer; secret: string }> {
  const user = await userByName(db, name);
  const matches = await passwords.matches(password, user?.password_hash);
  if (!user || !matches) throw wrong();
  return db.transaction().execute(async (tx) => {
    // Computing the password's hash takes a while, in which it may have been reset.
    const known = await noteLogin(tx, user.id, user.password_hash);
    if (!known) throw wrong();
    const session = await openSession(tx, known);
    await writeAudit(tx, session.viewer, 'login', [known.id]);
    return session;
  });
}

const wrong = () => new TrojanscopeError('UNAUTHENTICATED', 'Name or password is wrong.', ['name']);

/** Opens a session for a verified user. Their expired ones are removed. */
export async function openSession(
  db: Db,
  { id, name, role }: Pick<Viewer, 'id' | 'name' | 'role'>,
): Promise<{ viewer: Viewer; secret: string }> {
  await forgetOldSessions(db, id);
  const credential = await issueCredential(db, {
    kind: 'SESSION',
    userId: id,
    name: '',
    scope: 'ALL',
    lastsMs: SESSION_MS,
  });
  return {
    viewer: { id, name, role, signedInBy: 'SESSION', credentialId: credential.id },
    secret: credential.secret,
  };
}
