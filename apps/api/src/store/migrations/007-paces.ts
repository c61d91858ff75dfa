import { type Kysely, sql } from 'kysely';

/** What was measured of the machine, so that costs are known before work starts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table pace (key text primary key, pace text not null, measured_at text not null) strict`.execute(
    db,
  );
}
