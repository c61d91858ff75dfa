import { type Kysely, sql } from 'kysely';

/**
 * What both models say of the clean image under the transform of a point, and how sure the trojaned one is: it was
 * counted and thrown away. Outcomes from before have none.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table outcome add column clean_here integer`.execute(db);
  await sql`alter table outcome add column clean_confidence real`.execute(db);
  await sql`alter table outcome add column benign_here integer`.execute(db);
}
