import type { LargestRangeFilter } from '@trojanscope/schema';
import type { Insertable, Updateable } from 'kysely';
import { type Db, now, type Tables } from './database.js';
import type { Filter } from './lists.js';

export const findRange = (db: Db, id: string) =>
  db.selectFrom('largest_range').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

export const insertRange = (db: Db, row: Omit<Insertable<Tables['largest_range']>, 'created_at'>) =>
  db
    .insertInto('largest_range')
    .values({ ...row, created_at: now() })
    .execute();

export async function saveRange(
  db: Db,
  id: string,
  found: Pick<Updateable<Tables['largest_range']>, 'trials' | 'last_held' | 'first_failed'>,
): Promise<void> {
  await db.updateTable('largest_range').set(found).where('id', '=', id).execute();
}

export const rangesWanted =
  (wanted: LargestRangeFilter | null): Filter<'largest_range'> =>
  (all) => {
    let query = all;
    if (wanted?.modelId) query = query.where('model_id', '=', wanted.modelId);
    if (wanted?.transform) query = query.where('transform', '=', wanted.transform);
    return query;
  };
