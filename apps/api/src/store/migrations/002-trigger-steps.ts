import { type Kysely, sql } from 'kysely';

/** How a trigger that takes long to make came to be. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table trigger_step (
    model_id text not null references model, done integer not null, total integer not null, note text not null,
    picture text, primary key (model_id, done)
  ) strict, without rowid`.execute(db);
}
