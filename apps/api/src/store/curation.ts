import { parseParameters, TrojanscopeError, withoutNulls } from '@trojanscope/core';
import { type AnnotateInput, annotateRequest, itemsRequest } from '@trojanscope/schema';
import { sql } from 'kysely';
import { type Db, now } from './database.js';
import { typeOfId } from './ids.js';

/**
 * What people do with models, sweeps, studies and detections to keep them in order. Each of these is called in a transaction, so that
 * it does all of its items, or none.
 */

const TABLES = { Model: 'model', Sweep: 'sweep', Study: 'study', Detection: 'detection' } as const;
type CuratedTable = (typeof TABLES)[keyof typeof TABLES];

const MAXIMUM_TAGS = 50;

/** Kysely does not follow a table name that is a union; all of them have the columns of `Curation`. */
const asModel = (table: CuratedTable) => table as 'model';

/** @throws TrojanscopeError NOT_FOUND naming the one that is missing */
async function find(db: Db, ids: readonly string[]) {
  parseParameters(itemsRequest.shape.ids, ids, ['ids']);
  return Promise.all(
    [...new Set(ids)].map(async (id) => {
      const field = ['ids', ids.indexOf(id)];
      const table = TABLES[typeOfId(id) as keyof typeof TABLES] as CuratedTable | undefined;
      const row =
        table &&
        (await db
          .selectFrom(asModel(table))
          .select(['id', 'tags', 'locked', 'deleted_at'])
          .where('id', '=', id)
          .executeTakeFirst());
      if (!row)
        throw new TrojanscopeError('NOT_FOUND', `There is no model, sweep, study or detection ${id}.`, field);
      return { ...row, table, field };
    }),
  );
}
type Found = Awaited<ReturnType<typeof find>>[number];

const update = (db: Db, { id, table }: Found, values: object) =>
  db.updateTable(asModel(table)).set(values).where('id', '=', id).execute();

/** @throws TrojanscopeError NOT_FOUND, BAD_USER_INPUT */
export async function annotate(tx: Db, { ids, ...given }: AnnotateInput): Promise<void> {
  const { name, notes, addTags, removeTags } = parseParameters(
    annotateRequest.omit({ ids: true }),
    withoutNulls(given),
  );
  const found = await find(tx, ids);
  if (name != null && (found.length > 1 || !['model', 'study'].includes(found[0]!.table)))
    throw new TrojanscopeError('BAD_USER_INPUT', 'name: expected one model or one study to name.', ['name']);
  for (const item of found) {
    const kept = item.tags.filter((tag) => !removeTags?.includes(tag));
    const tags = [...new Set([...kept, ...(addTags ?? [])])].sort();
    if (tags.length > MAXIMUM_TAGS)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `addTags: expected at most ${MAXIMUM_TAGS} tags on one thing; ${item.id} would have ${tags.length}.`,
        ['addTags'],
      );
    await update(tx, item, {
      tags,
      ...(name != null && { name }),
      ...(notes != null && { notes }),
    });
  }
}

/** @throws TrojanscopeError NOT_FOUND */
export async function setLock(tx: Db, ids: readonly string[], locked: boolean): Promise<void> {
  for (const item of await find(tx, ids)) await update(tx, item, { locked: Number(locked) });
}

/**
 * Moves to the trash: out of the lists and curves, with nothing lost.
 * @throws TrojanscopeError NOT_FOUND; CONFLICT for what is locked, or has work queued or running
 */
export async function moveToTrash(tx: Db, ids: readonly string[]): Promise<void> {
  for (const item of await find(tx, ids)) {
    if (item.locked)
      throw new TrojanscopeError('CONFLICT', `${item.id} is locked. Unlock it to delete it.`, item.field);
    const busy = await tx
      .selectFrom('job')
      .select('title')
      .where(jobsOf(item))
      .where('status', 'in', ['QUEUED', 'RUNNING'])
      .executeTakeFirst();
    if (busy)
      throw new TrojanscopeError(
        'CONFLICT',
        `${item.id} has work to be done (“${busy.title}”). Cancel that first.`,
        item.field,
      );
    if (!item.deleted_at) await update(tx, item, { deleted_at: now() });
  }
}

const jobsOf = ({ table, id }: Found) =>
  table === 'detection'
    ? sql<boolean>`id = (select job_id from detection where detection.id = ${id})`
    : sql<boolean>`${sql.ref(`${table}_id`)} = ${id}`;

/** @throws TrojanscopeError NOT_FOUND */
export async function restoreFromTrash(tx: Db, ids: readonly string[]): Promise<void> {
  for (const item of await find(tx, ids)) await update(tx, item, { deleted_at: null });
}

/** Every tag in use, in alphabetical order. */
export async function tagsInUse(db: Db, most: number): Promise<string[]> {
  const { rows } = await sql<{ tag: string }>`
    select distinct tag.value as tag from (
      select tags from model where tags <> '[]' union all select tags from sweep where tags <> '[]'
      union all select tags from study where tags <> '[]'
      union all select tags from detection where tags <> '[]'
    ) as curated, json_each(curated.tags) as tag order by tag limit ${most}`.execute(db);
  return rows.map(({ tag }) => tag);
}
