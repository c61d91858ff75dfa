import { type Kysely, sql } from 'kysely';

/** What is not in the trash is found and counted without reading the rows, which are long. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['model', 'sweep', 'study'])
    await sql`create index ${sql.ref(`${table}_shown`)} on ${sql.table(table)} (deleted_at, id)`.execute(db);
}
