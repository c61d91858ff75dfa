import { type Kysely, sql } from 'kysely';

/** What a study consists of, whatever its preset says in a later version; nothing of studies from before. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table study add column document text`.execute(db);
}
