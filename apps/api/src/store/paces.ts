import type { Pace } from '@trojanscope/core';
import { type Db, now } from './database.js';

/** What was measured of this machine with models of a kind (forecast/pace.ts). */
export const paceOf = async (db: Db, key: string): Promise<Pace | undefined> =>
  (await db.selectFrom('pace').select('pace').where('key', '=', key).executeTakeFirst())?.pace;

/** In the place of an older measurement. */
export async function keepPace(db: Db, key: string, pace: Pace): Promise<void> {
  await db.replaceInto('pace').values({ key, pace, measured_at: now() }).execute();
}

/** Of data that comes from another machine: what is needed is measured anew. */
export async function forgetPaces(db: Db): Promise<void> {
  await db.deleteFrom('pace').execute();
}
