import { createHash } from 'node:crypto';
import { TrojanscopeError, withoutNulls } from '@trojanscope/core';
import { z } from 'zod';
import { writeAudit } from '../store/audit.js';
import { type Db, now } from '../store/database.js';
import type { Actor } from '../viewer.js';
import { check } from './checks.js';

/** Everything that starts work writes rows and jobs in one transaction: what is refused has left no trace. */

/**
 * Runs `start` once for a key of whoever asks: the same key with the same input again gives the entities of the first
 * time. What was started is written into the audit log.
 * @returns ids with blanks between
 * @throws TrojanscopeError BAD_USER_INPUT where the key is empty or too long, CONFLICT where the input is another
 */
export async function once(
  db: Db,
  mutation: string,
  { idempotencyKey: key, ...input }: { idempotencyKey?: string | null },
  by: Actor,
  start: (db: Db) => Promise<string>,
): Promise<string> {
  const startAndTell = async (transaction: Db) => {
    const ids = await start(transaction);
    await checkQueue(transaction, by);
    await writeAudit(transaction, by, mutation, ids.split(' '));
    return ids;
  };
  if (key == null) return db.transaction().execute(startAndTell);
  check(z.string().min(1).max(200), key, 'idempotencyKey');
  const input_sha256 = createHash('sha256').update(canonical(input)).digest('hex');
  return db.transaction().execute(async (transaction) => {
    // Without accounts as it was before there were any.
    const owner = by.id.startsWith('usr_') ? `${by.id}/` : '';
    const stored = `${mutation}/${owner}${key}`;
    const known = await transaction
      .selectFrom('idempotency')
      .selectAll()
      .where('key', '=', stored)
      .executeTakeFirst();
    if (known) {
      // Keys from before inputs were kept have none.
      if (known.input_sha256 === null || known.input_sha256 === input_sha256) return known.entity_id;
      throw new TrojanscopeError(
        'CONFLICT',
        'idempotencyKey: this key was used before, with another input. Use a new key for a new request.',
        ['idempotencyKey'],
      );
    }
    const entity_id = await startAndTell(transaction);
    await transaction
      .insertInto('idempotency')
      .values({ key: stored, entity_id, created_at: now(), input_sha256 })
      .execute();
    return entity_id;
  });
}

/** What one person may have waiting. */
const MAXIMUM_QUEUED = 1_000;

/** @throws TrojanscopeError LIMIT_EXCEEDED */
async function checkQueue(db: Db, by: Actor): Promise<void> {
  const { queued } = await db
    .selectFrom('job')
    .select(({ fn }) => fn.countAll<number>().as('queued'))
    .where('status', '=', 'QUEUED')
    .where('created_by', '=', by.id)
    .executeTakeFirstOrThrow();
  if (queued <= MAXIMUM_QUEUED) return;
  throw new TrojanscopeError(
    'LIMIT_EXCEEDED',
    `Expected at most ${MAXIMUM_QUEUED} queued jobs of yours; with this there would be ${queued}. Wait for some, or cancel some.`,
  );
}

/** The same text for the same input, whatever the order in which a client names its fields, and whether or not it says null. */
export const canonical = (input: object): string =>
  JSON.stringify(withoutNulls(input), (_, value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
