import { type Kysely, sql } from 'kysely';

/**
 * Accounts: users, what they are known by (browser sessions and access tokens alike: a hash, never the secret), the token
 * that makes the first admin, and who did what.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    sql`create table "user" (
      id text primary key, name text not null unique, role text not null, password_hash text not null,
      created_at text not null, last_login_at text, disabled_at text
    ) strict`,
    sql`create table credential (
      id text primary key, kind text not null, user_id text not null references "user", name text not null,
      scope text not null, hint text not null, hash text not null unique,
      created_at text not null, expires_at text not null, last_used_at text, ended_at text
    ) strict`,
    sql`create index credential_by_hint on credential (hint)`,
    sql`create index credential_by_user on credential (user_id, id)`,
    sql`create table one_time_token (
      place integer primary key check (place = 1), hash text not null, created_at text not null
    ) strict`,
    sql`create table audit (
      id text primary key, user_id text not null, credential_id text, action text not null, entity_ids text not null,
      created_at text not null
    ) strict`,
    sql`alter table job add column created_by text`,
  ];
  for (const statement of statements) await statement.execute(db);
}
