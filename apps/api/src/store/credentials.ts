import { TrojanscopeError } from '@trojanscope/core';
import { narrowed, type Scope, type Viewer } from '../viewer.js';
import { type Db, now, type Row } from './database.js';
import { ifThereIsRoom } from './diskFull.js';
import { newId } from './ids.js';
import type { Filter } from './lists.js';
import { hashOf, newSecret, sameHash } from './secrets.js';

/** What somebody is known by: a browser's session or an access token. Only the hash of its secret is kept. */

type Kind = Row<'credential'>['kind'];

const PREFIXES: Record<Kind, string> = { SESSION: 'ts_ses_', TOKEN: 'ts_pat_' };
const HINT_CHARACTERS = 'ts_pat_'.length + 6;
/** A request a second must not be a write a second. */
const LAST_USED_MS = 60_000;

export interface NewCredential {
  kind: Kind;
  userId: string;
  name: string;
  scope: Scope;
  lastsMs: number;
}

/** @returns its id, and the secret, which nobody can learn again */
export async function issueCredential(
  db: Db,
  { kind, userId, name, scope, lastsMs }: NewCredential,
): Promise<{ id: string; secret: string }> {
  const secret = newSecret(PREFIXES[kind]);
  const id = newId('AccessToken');
  await db
    .insertInto('credential')
    .values({
      id,
      kind,
      user_id: userId,
      name,
      scope,
      hint: secret.slice(0, HINT_CHARACTERS),
      hash: hashOf(secret),
      created_at: now(),
      expires_at: new Date(Date.now() + lastsMs).toISOString(),
    })
    .execute();
  return { id, secret };
}

const valid = (db: Db) =>
  db
    .selectFrom('credential')
    .innerJoin('user', 'user.id', 'credential.user_id')
    .where('credential.ended_at', 'is', null)
    .where('credential.expires_at', '>', now())
    .where('user.disabled_at', 'is', null);

/** Who shows this secret; null where it is wrong, has ended or expired, or the account is closed. */
export async function viewerBySecret(db: Db, kind: Kind, secret: string): Promise<Viewer | null> {
  if (!secret.startsWith(PREFIXES[kind])) return null;
  const hash = hashOf(secret);
  const candidates = await valid(db)
    .select(['credential.id', 'credential.hash', 'credential.scope', 'credential.last_used_at'])
    .select(['user.id as user_id', 'user.name', 'user.role'])
    .where('credential.kind', '=', kind)
    .where('credential.hint', '=', secret.slice(0, HINT_CHARACTERS))
    .execute();
  const row = candidates.find((candidate) => sameHash(candidate.hash, hash));
  if (!row) return null;
  if (!row.last_used_at || Date.now() - Date.parse(row.last_used_at) > LAST_USED_MS) {
    // On a full disk, people who only read can go on.
    await ifThereIsRoom(
      db.updateTable('credential').set({ last_used_at: now() }).where('id', '=', row.id).execute(),
    );
  }
  return {
    id: row.user_id,
    name: row.name,
    role: narrowed(row.role, row.scope),
    signedInBy: kind,
    credentialId: row.id,
  };
}

/** Those of these credentials that still hold. */
export async function stillValid(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await valid(db).select('credential.id').where('credential.id', 'in', ids).execute();
  return new Set(rows.map(({ id }) => id));
}

/** Deletes a user's sessions that have ended or expired. */
export async function forgetOldSessions(db: Db, userId: string): Promise<void> {
  await db
    .deleteFrom('credential')
    .where('user_id', '=', userId)
    .where('kind', '=', 'SESSION')
    .where(({ or, eb }) => or([eb('expires_at', '<', now()), eb('ended_at', 'is not', null)]))
    .execute();
}

/** Ends a user's sessions: one, all, or all but one. */
export async function endSessions(
  db: Db,
  userId: string,
  which: { only?: string; except?: string } = {},
): Promise<void> {
  let query = db
    .updateTable('credential')
    .set({ ended_at: now() })
    .where('user_id', '=', userId)
    .where('kind', '=', 'SESSION')
    .where('ended_at', 'is', null);
  if (which.only) query = query.where('id', '=', which.only);
  if (which.except) query = query.where('id', '!=', which.except);
  await query.execute();
}

/** An access token's row, an ended one's too; no session's. */
export const accessTokenRow = (db: Db, id: string): Promise<Row<'credential'> | undefined> =>
  db.selectFrom('credential').selectAll().where('id', '=', id).where('kind', '=', 'TOKEN').executeTakeFirst();

/** A user's access tokens, for `tableList`. */
export const tokensOf =
  (userId: string): Filter<'credential'> =>
  (query) =>
    query.where('user_id', '=', userId).where('kind', '=', 'TOKEN');

/**
 * Ends an access token for good; one that has ended stays as it is.
 * @throws TrojanscopeError NOT_FOUND, for one of somebody else's as for none, unless an admin asks
 */
export async function revokeAccessToken(db: Db, id: string, { id: userId, role }: Viewer): Promise<void> {
  let known = db.selectFrom('credential').select('id').where('id', '=', id).where('kind', '=', 'TOKEN');
  if (role !== 'ADMIN') known = known.where('user_id', '=', userId);
  if (!(await known.executeTakeFirst())) {
    throw new TrojanscopeError('NOT_FOUND', `There is no access token ${id} of yours.`, ['accessTokenId']);
  }
  await db
    .updateTable('credential')
    .set({ ended_at: now() })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}
