import { type Db, now } from './database.js';

/** Keeps the hash of the one token that makes the first admin, in the place of any older one. */
export async function keepOneTimeToken(tx: Db, hash: string): Promise<void> {
  await deleteOneTimeToken(tx);
  await tx.insertInto('one_time_token').values({ place: 1, hash, created_at: now() }).execute();
}

export async function deleteOneTimeToken(tx: Db): Promise<void> {
  await tx.deleteFrom('one_time_token').execute();
}

export const oneTimeTokenHash = async (db: Db): Promise<string | undefined> =>
  (await db.selectFrom('one_time_token').select('hash').executeTakeFirst())?.hash;
