import { type Kysely, sql } from 'kysely';

/**
 * What a range search used beside what it was asked for; and maps that are zero everywhere, which were scored as if they
 * missed the trigger, have nothing to score.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table largest_range add column samples_used integer not null default 0`.execute(db);
  await sql`update largest_range set samples_used = samples`.execute(db);
  const likely = '%"triggerEnergy":0,%';
  const scored = await sql<{ id: string; score: string }>`
    select id, score from explanation where score like ${likely}`.execute(db);
  for (const { id, score } of scored.rows)
    await sql`update explanation set score = ${mended(score)} where id = ${id}`.execute(db);
  const strips = await sql<{ picture: string; frames: string }>`
    select picture, frames from strip where frames like ${likely}`.execute(db);
  for (const { picture, frames } of strips.rows)
    await sql`update strip set frames = ${mended(frames)} where picture = ${picture} and frames = ${frames}`.execute(
      db,
    );
}

/** Every score in a JSON text, at whatever depth. */
const mended = (text: string): string =>
  JSON.stringify(
    JSON.parse(text, (_, value) =>
      value?.triggerEnergy === 0 && value.centreEnergy === 0 && value.pointingHit === false
        ? { ...value, pointingHit: null, triggerEnergy: null, centreEnergy: null }
        : value,
    ),
  );
