import { type Kysely, sql } from 'kysely';

/** A sweep may have no benign model beside it: its column was one that has to be filled. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table sweep add column beside text references model`.execute(db);
  await sql`update sweep set beside = benign_id`.execute(db);
  await sql`alter table sweep drop column benign_id`.execute(db);
  await sql`alter table sweep rename column beside to benign_id`.execute(db);
}
