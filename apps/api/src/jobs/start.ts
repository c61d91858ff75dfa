import { parseParameters, TrojanscopeError, withoutNulls } from '@trojanscope/core';
import type { z } from 'zod';
import type { Events } from '../events.js';
import type { JobQueue } from '../queue/jobQueue.js';
import { writeAudit } from '../store/audit.js';
import type { Db } from '../store/database.js';
import { idsOfKey, rememberKey } from '../store/idempotency.js';
import type { EntityType } from '../store/ids.js';
import { countQueued } from '../store/jobs.js';
import { type Actor, viewerOf } from '../viewer.js';

/** Something that people may start. */
export interface Starter<Request extends z.ZodType, By extends Actor = Actor> {
  /** The mutation, by whose name the audit log and idempotency keys know it. */
  mutation: string;
  request: Request;
  /** What its ids are of. */
  makes: EntityType;
  /**
   * Checks what can be checked before anything is written.
   * @returns what then writes rows and jobs, in one transaction: what it refuses has left no trace. Its result: ids
   */
  check(input: z.output<Request>, by: By, db: Db): Promise<Write> | Write;
}
type Write = (tx: Db) => Promise<string[]>;

/** By whom and where: a request’s context, or a command’s database, whose queue looks for itself. */
export interface Starting<By extends Actor = Actor> {
  db: Db;
  viewer: By | null;
  queue?: Pick<JobQueue, 'wake'>;
  events?: Pick<Events, 'emit'>;
}

/** As `startAll`, where one thing is made. @returns its id */
export const start = async <Request extends z.ZodType, By extends Actor>(
  starter: Starter<Request, By>,
  given: z.input<Request>,
  starting: Starting<By>,
): Promise<string> => (await startAll(starter, given, starting))[0]!;

/**
 * Starts something, once for each key of a caller: the same key with the same input again gives the ids of the first
 * time. It is written into the audit log, and the queue and all who listen are told.
 * @param given what left-out fields are null in, too
 * @throws TrojanscopeError BAD_USER_INPUT, and as the starter; CONFLICT where the key came with another input before;
 * LIMIT_EXCEEDED
 */
export async function startAll<Request extends z.ZodType, By extends Actor>(
  starter: Starter<Request, By>,
  given: z.input<Request>,
  { db, viewer, queue, events }: Starting<By>,
): Promise<string[]> {
  const by = viewerOf({ viewer });
  const { idempotencyKey: key, ...asked } = given as { idempotencyKey?: string | null };
  const write = await starter.check(parseParameters(starter.request, withoutNulls(given as object)), by, db);
  const use = key == null ? undefined : { mutation: starter.mutation, key, by, input: asked };
  const ids = await db.transaction().execute(async (tx) => {
    const known = use && (await idsOfKey(tx, use));
    if (known) return known;
    const made = await write(tx);
    await checkQueue(tx, by);
    await writeAudit(tx, by, starter.mutation, made);
    if (use) await rememberKey(tx, use, made);
    return made;
  });
  queue?.wake();
  for (const id of ids) events?.emit(starter.makes, id);
  return ids;
}

/** What one person may have waiting. */
const MAXIMUM_QUEUED = 1_000;

/**
 * @param more that are not written yet
 * @throws TrojanscopeError LIMIT_EXCEEDED
 */
export async function checkQueue(db: Db, by: Actor, more = 0): Promise<void> {
  const queued = (await countQueued(db, by.id)) + more;
  if (queued <= MAXIMUM_QUEUED) return;
  throw new TrojanscopeError(
    'LIMIT_EXCEEDED',
    `Expected at most ${MAXIMUM_QUEUED} queued jobs of yours; with this there would be ${queued}. Wait for some, or cancel some.`,
  );
}
