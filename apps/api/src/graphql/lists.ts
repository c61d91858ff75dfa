import type { DatasetId } from '@trojanscope/core';
import type { Connection, OutcomeFilter, PageArgs } from '@trojanscope/schema';
import type { SelectQueryBuilder } from 'kysely';
import type { Db, Tables } from '../store/database.js';
import { isIdOf } from '../store/ids.js';
import type { Row } from './context.js';
import { paginate } from './pages.js';
import { type PresentedOutcome, presentOutcome } from './present.js';

const TYPES = {
  model: 'Model',
  sweep: 'Sweep',
  job: 'Job',
  study: 'Study',
  explanation: 'Explanation',
  user: 'User',
  credential: 'AccessToken',
  audit: 'AuditEntry',
} as const;
type Listed = keyof typeof TYPES;

/** A table as a connection, newest first. Ids sort by age, so the id is the key. */
export function idKeyset<T extends Listed, Presented extends { id: string }>(
  db: Db,
  table: T,
  page: PageArgs,
  present: (row: Row<T>) => Presented,
  filter: (query: SelectQueryBuilder<Tables, T, object>) => SelectQueryBuilder<Tables, T, object>,
): Promise<Connection<Presented>> {
  // Kysely's types do not follow a table name that is a type parameter; all listed tables have an id.
  type Query = SelectQueryBuilder<Tables, 'model', object>;
  const base = () => filter(db.selectFrom(table as 'model') as never) as unknown as Query;
  return paginate<Presented>(
    page,
    ({ id }) => id,
    (key) => isIdOf(TYPES[table], key),
    async ({ limit, backwards, bound }) => {
      let query = base()
        .selectAll()
        .orderBy('id', backwards ? 'asc' : 'desc')
        .limit(limit);
      if (bound) query = query.where('id', backwards ? '>' : '<', bound);
      return ((await query.execute()) as unknown as Row<T>[]).map(present);
    },
    async () => {
      const { count } = await base()
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
  );
}

/** The outcomes of a point in the order of the samples. */
export function outcomesOf(
  db: Db,
  pointId: string,
  dataset: DatasetId,
  page: PageArgs,
  filter: OutcomeFilter | null,
): Promise<Connection<PresentedOutcome>> {
  const base = () => {
    const query = db.selectFrom('outcome').where('point_id', '=', pointId);
    return filter?.kind ? query.where('kind', '=', filter.kind) : query;
  };
  return paginate<PresentedOutcome>(
    page,
    ({ row }) => String(row.position),
    (key) => /^\d{1,9}$/.test(key),
    async ({ limit, backwards, bound }) => {
      let query = base()
        .selectAll()
        .orderBy('position', backwards ? 'desc' : 'asc')
        .limit(limit);
      if (bound !== undefined) query = query.where('position', backwards ? '<' : '>', Number(bound));
      return (await query.execute()).map((row) => presentOutcome(row, dataset));
    },
    async () => {
      const { count } = await base()
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
  );
}
