import type { ModelSpec, PluginKind, PluginNote } from '@trojanscope/core';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from './database.js';

const kept = (notes: readonly PluginNote[] | undefined) => (notes ? JSON.stringify(notes) : null);

/** The plugins that the joined job was queued with, as they are kept. */
export const pluginsOfJob = sql<string | null>`job.payload ->> '$.plugins'`;
/** Whether what is kept are these plugins, and no others. */
export const isMadeWith = (plugins: string | null, notes: readonly PluginNote[] | undefined): boolean =>
  plugins === kept(notes);
/** The same, asked of the database. */
export const madeWith = (notes: readonly PluginNote[] | undefined): RawBuilder<boolean> =>
  sql<boolean>`${pluginsOfJob} is ${kept(notes)}`;

/** The plugins that a sweep was queued with. */
export async function pluginsOfSweep(db: Db, sweepId: string): Promise<PluginNote[] | undefined> {
  const row = await db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .select('job.payload')
    .where('sweep.id', '=', sweepId)
    .executeTakeFirst();
  return row?.payload.plugins as PluginNote[] | undefined;
}

/** Ids of definitions that results were made with, whether or not they are here still. */
export async function idsInUse(
  db: Db,
): Promise<Record<Exclude<PluginKind, 'datasets' | 'explainers'>, string[]>> {
  const [attacks, sweeps, ranges, detections] = [
    await db.selectFrom('model').select('attack as id').distinct().where('attack', 'is not', null).execute(),
    await db.selectFrom('sweep').select('transform as id').distinct().execute(),
    await db.selectFrom('largest_range').select('transform as id').distinct().execute(),
    await db.selectFrom('detection').select('detector as id').distinct().execute(),
  ];
  const notes = await notesInUse(db);
  const of = (kind: PluginKind, rows: { id: string | null }[]) => [
    ...new Set([
      ...rows.map(({ id }) => id!),
      // Transforms at training, and those that a detector asks under.
      ...notes.filter((note) => note.kind === kind).map(({ id }) => id),
    ]),
  ];
  return {
    attacks: of('attacks', attacks),
    transforms: of('transforms', [...sweeps, ...ranges]),
    detectors: of('detectors', detections),
  };
}

/** What was noted of plugins with models, jobs and explanations, the newest last. */
export async function notesInUse(db: Db): Promise<PluginNote[]> {
  const jobs = await db
    .selectFrom('job')
    .select(sql<string>`payload ->> '$.plugins'`.as('notes'))
    .distinct()
    .where(sql`payload ->> '$.plugins'`, 'is not', null)
    .execute();
  const explanations = await db
    .selectFrom('explanation')
    .select(sql<string>`settings ->> '$.plugins'`.as('notes'))
    .distinct()
    .where(sql`settings ->> '$.plugins'`, 'is not', null)
    .execute();
  const models = await db
    .selectFrom('model')
    .select('spec')
    .where(sql<boolean>`spec ->> '$.plugins' is not null or spec ->> '$.backdoor.plugins' is not null`)
    .orderBy('id')
    .execute();
  return [
    ...[...explanations, ...jobs].flatMap(({ notes }) => JSON.parse(notes) as PluginNote[]),
    ...models.flatMap(({ spec }) => notesOf(spec)),
  ];
}

const notesOf = ({ plugins = [], backdoor }: ModelSpec) => [...plugins, ...(backdoor?.plugins ?? [])];
