import { createHash } from 'node:crypto';
import { canonical, TrojanscopeError } from '@trojanscope/core';
import type { Actor } from '../viewer.js';
import { type Db, now } from './database.js';

/** A key with which somebody asked for something. */
export interface KeyUse {
  mutation: string;
  key: string;
  by: Actor;
  input: object;
}

/** Without accounts as it was before there were any. */
const stored = ({ mutation, key, by: { id } }: KeyUse) =>
  `${mutation}/${id.startsWith('usr_') ? `${id}/` : ''}${key}`;
const hashOf = ({ input }: KeyUse) => createHash('sha256').update(canonical(input)).digest('hex');

/**
 * What a key made; undefined for a new one.
 * @throws TrojanscopeError CONFLICT where the input was another
 */
export async function idsOfKey(tx: Db, use: KeyUse): Promise<string[] | undefined> {
  const known = await tx
    .selectFrom('idempotency')
    .selectAll()
    .where('key', '=', stored(use))
    .executeTakeFirst();
  // Keys from before inputs were kept have none.
  if (known && known.input_sha256 !== null && known.input_sha256 !== hashOf(use))
    throw new TrojanscopeError(
      'CONFLICT',
      'idempotencyKey: this key was used before, with another input. Use a new key for a new request.',
      ['idempotencyKey'],
    );
  return known?.entity_id.split(' ');
}

export async function rememberKey(tx: Db, use: KeyUse, ids: readonly string[]): Promise<void> {
  await tx
    .insertInto('idempotency')
    .values({ key: stored(use), entity_id: ids.join(' '), created_at: now(), input_sha256: hashOf(use) })
    .execute();
}
