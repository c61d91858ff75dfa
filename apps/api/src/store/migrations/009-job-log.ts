import { type Kysely, sql } from 'kysely';

/** What became of each job, line by line. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table job_log (
    job_id text not null references job on delete cascade, line integer not null, attempt integer not null,
    at text not null, text text not null, by_id text, primary key (job_id, line)
  ) strict, without rowid`.execute(db);
}
