import { type Kysely, sql } from 'kysely';

/** What people bring and keep: uploads, saved views, ranges; whose turn it is in the queue. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table upload (
      id text primary key, created_by text not null, kind text not null, file_name text not null,
      bytes integer not null, sha256 text not null, secret_hash text not null unique,
      created_at text not null, expires_at text not null, used_at text, received_at text
    ) strict`,
    sql`create index upload_by_user on upload (created_by)`,
    sql`create table largest_range (
      id text primary key, model_id text not null references model, job_id text not null references job,
      transform text not null, "limit" real not null, step real not null, "precision" real not null,
      tolerance real not null, samples integer not null, seed integer not null, trials text not null default '[]',
      last_held text, first_failed text, created_at text not null
    ) strict`,
    sql`create index largest_range_by_model on largest_range (model_id, id)`,
    sql`create table saved_view (
      id text primary key, created_by text not null, name text not null, address text not null,
      shared integer not null default 0, created_at text not null, changed_at text not null
    ) strict`,
    sql`create index saved_view_by_user on saved_view (created_by, id)`,
    sql`alter table job add column priority integer not null default 0`,
    // The count of starts so far, noted at each start: who started last waits longest.
    sql`alter table job add column turn integer not null default 0`,
    sql`create index job_by_turn on job (created_by, turn)`,
    // Whether a worker lives is seen by its process; nothing ever read this.
    sql`alter table job drop column heartbeat_at`,
  ];
  for (const statement of statements) await statement.execute(db);
}
