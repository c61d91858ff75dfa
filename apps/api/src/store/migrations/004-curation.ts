import { type Kysely, sql } from 'kysely';

/** Notes, tags, lock and trash; measures as columns to order by; what an idempotency key was used for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['model', 'sweep', 'study']) {
    const change = sql`alter table ${sql.table(table)} add column`;
    await sql`${change} notes text not null default ''`.execute(db);
    await sql`${change} tags text not null default '[]'`.execute(db);
    await sql`${change} locked integer not null default 0`.execute(db);
    await sql`${change} deleted_at text`.execute(db);
  }
  for (const [column, count] of [
    ['clean_accuracy', 'clean'],
    ['asr', 'asr'],
  ]) {
    const [hits, total] = ['hits', 'total'].map((part) => sql.lit(`$.${count}.${part}`));
    await sql`alter table model add column ${sql.ref(column!)} real
      as (json_extract(record, ${hits}) * 1.0 / json_extract(record, ${total})) virtual`.execute(db);
  }
  await sql`alter table idempotency add column input_sha256 text`.execute(db);
}
