import { type Kysely, sql } from 'kysely';

/**
 * Explanations are by several methods: settings name theirs, with its own parameters apart, and the margin that the
 * pointing game was scored with: none until now. What else a map was measured by beside the trigger.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table explanation add column measures text`.execute(db);
  for (const table of ['explanation', 'strip']) {
    const known = await sql<{
      settings: string;
    }>`select distinct settings from ${sql.table(table)} where settings like ${'{"copies":%'}`.execute(db);
    for (const { settings } of known.rows)
      await sql`update ${sql.table(table)} set settings = ${named(settings)} where settings = ${settings}`.execute(
        db,
      );
  }
}

function named(text: string): string {
  const { copies, noiseLevel, mode, explainedClass, seed } = JSON.parse(text);
  const parameters = { copies, noiseLevel, mode, seed };
  return JSON.stringify({ method: 'smoothGrad', parameters, explainedClass, margin: 0 });
}
