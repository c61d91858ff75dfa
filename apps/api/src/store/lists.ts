import type {
  DetectionImageFilter,
  DetectionImageOrder,
  OutcomeFilter,
  OutcomeOrder,
} from '@trojanscope/schema';
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';
import { selectShown } from './batches.js';
import type { Db, Row, Shown, Status, Tables } from './database.js';
import { isIdOf } from './ids.js';
import { read } from './reads.js';

/** One page's worth of a list in the order of its keys. */
export interface PageQuery {
  limit: number;
  /** Against the list's own order: the page is the last one before `bound`. */
  backwards: boolean;
  /** Only entries behind this key, in the direction of reading. */
  bound?: string;
}

/** A list that is read page by page: an entry's key says where it stands. */
export interface List<Entry> {
  keyOf(entry: Entry): string;
  /** Whether a text is a key of this list. */
  isKey(key: string): boolean;
  /** @returns the entries of a page, at most `limit`, in the direction of reading */
  page(query: PageQuery): Promise<readonly Entry[]>;
  count(): Promise<number>;
}

const TYPES = {
  model: 'Model',
  sweep: 'Sweep',
  job: 'Job',
  study: 'Study',
  detection: 'Detection',
  explanation: 'Explanation',
  largest_range: 'LargestRange',
  saved_view: 'SavedView',
  user: 'User',
  credential: 'AccessToken',
  audit: 'AuditEntry',
} as const;
export type Listed = keyof typeof TYPES;

export type Filter<T extends Listed> = (
  query: SelectQueryBuilder<Tables, T, object>,
) => SelectQueryBuilder<Tables, T, object>;

/** What a list is ordered by: a value of its rows, or where there is none, age. */
export interface Order {
  value?: RawBuilder<unknown>;
  /** Words are compared without regard to capitals; everything else is a number. */
  text?: boolean;
  descending: boolean;
}
const NEWEST_FIRST: readonly Order[] = [{ descending: true }];

/**
 * A table as a list, newest first where there is no order. The first order decides, each further one among those
 * that are equal by then; at last age does. Ids sort by age, so an entry's key is its id, before which stand the values
 * it is ordered by.
 */
export function tableList<T extends Listed>(
  db: Db,
  table: T,
  filter: Filter<T>,
  orders: readonly Order[] = NEWEST_FIRST,
): List<Shown<T>> {
  // Kysely's types do not follow a table name that is a type parameter; all listed tables have an id.
  type Query = SelectQueryBuilder<Tables, 'model', object>;
  const base = () => filter(db.selectFrom(table as 'model') as never) as unknown as Query;
  const id = sql<string>`${sql.ref(`${table}.id`)}`;
  // Nothing is equal in age, so what stands behind an order by age decides nothing.
  const byAge = orders.findIndex(({ value }) => !value);
  const byValue = (byAge < 0 ? orders : orders.slice(0, byAge)).map(({ value, text, descending }) => {
    // What has no value comes last either way.
    const missing = text ? (descending ? '' : '\uffff') : descending ? -1 : Number.MAX_SAFE_INTEGER;
    const filled = sql<string | number>`coalesce(${value}, ${sql.lit(missing)})`;
    return { expression: text ? sql<string>`lower(${filled})` : filled, text, descending };
  });
  const ageDescending = orders[byAge]?.descending ?? orders.at(-1)!.descending;
  type Key = [...(string | number)[], string];
  const parse = (key: string): Key | undefined => {
    if (byValue.length === 0) return isIdOf(TYPES[table], key) ? [key] : undefined;
    try {
      const values = JSON.parse(key) as Key;
      const fits =
        values.length === byValue.length + 1 &&
        byValue.every(({ text }, i) => typeof values[i] === (text ? 'string' : 'number'));
      return fits && isIdOf(TYPES[table], String(values.at(-1))) ? values : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    keyOf(entry) {
      const row = entry as { id: string } & Record<string, unknown>;
      return byValue.length > 0
        ? JSON.stringify([...byValue.map((_, i) => row[`sort_${i}`]), row.id])
        : row.id;
    },
    isKey: (key) => parse(key) !== undefined,
    async page({ limit, backwards, bound }) {
      const sorted = [...byValue, { expression: id, descending: ageDescending }].map((one) => ({
        expression: one.expression,
        falling: one.descending !== backwards,
      }));
      let query = selectShown(base(), table as 'model')
        .select(byValue.map(({ expression }, i) => expression.as(`sort_${i}`)))
        .limit(limit);
      for (const { expression, falling } of sorted)
        query = query.orderBy(expression, falling ? 'desc' : 'asc');
      if (bound !== undefined) {
        const values = parse(bound)!;
        // Behind it is what comes later by one of the values and is equal by all before that one.
        const behind = sorted.map(({ expression, falling }, i) =>
          sql.join(
            [
              ...sorted.slice(0, i).map((equal, j) => sql`${equal.expression} = ${values[j]}`),
              sql`${expression} ${sql.raw(falling ? '<' : '>')} ${values[i]}`,
            ],
            sql` and `,
          ),
        );
        query = query.where(sql<boolean>`(${sql.join(behind, sql` or `)})`);
      }
      return (await read(db, query)) as unknown as Shown<T>[];
    },
    count: () => countOf(db, base()),
  };
}

/**
 * The outcomes of a point, as the samples were drawn or by confidence. An entry's key is its position, before which
 * stands its confidence where that is what they are ordered by.
 */
export function outcomeList(
  db: Db,
  pointId: string,
  filter: OutcomeFilter | null,
  { field, direction }: OutcomeOrder = { field: 'DRAWN', direction: 'ASC' },
): List<Row<'outcome'>> {
  const base = () => {
    const query = db.selectFrom('outcome').where('point_id', '=', pointId);
    return filter?.kind ? query.where('kind', '=', filter.kind) : query;
  };
  const surest = field === 'CONFIDENCE';
  return {
    keyOf: ({ confidence, position }) => (surest ? `${confidence}/${position}` : String(position)),
    isKey: (key) => (surest ? /^[\de.-]{1,30}\/\d{1,9}$/ : /^\d{1,9}$/).test(key),
    async page({ limit, backwards, bound }) {
      const falling = (direction === 'DESC') !== backwards;
      const way = falling ? 'desc' : 'asc';
      let query = base().selectAll().limit(limit);
      if (surest) query = query.orderBy('confidence', way);
      query = query.orderBy('position', way);
      if (bound !== undefined) {
        const [position, confidence] = bound.split('/').reverse().map(Number);
        const behind = falling ? '<' : '>';
        query = surest
          ? query.where(sql<boolean>`(confidence, position) ${sql.raw(behind)} (${confidence}, ${position})`)
          : query.where('position', behind, position!);
      }
      return read(db, query);
    },
    count: () => countOf(db, base()),
  };
}

/**
 * The images of a detection, by score or as the samples were drawn: then clean, other and trojaned ones lie side by side.
 * An entry's key is its position and kind, before which stands its score where that is what they are ordered by.
 */
export function detectionImageList(
  db: Db,
  detectionId: string,
  filter: DetectionImageFilter | null,
  { field, direction }: DetectionImageOrder = { field: 'SCORE', direction: 'DESC' },
): List<Row<'detection_image'>> {
  const base = () => {
    let query = db.selectFrom('detection_image').where('detection_id', '=', detectionId);
    if (filter?.kind) query = query.where('kind', '=', filter.kind);
    if (filter?.population === 'FIRED_AND_RIGHT') query = query.where('as_expected', '=', 1);
    if (filter?.atLeast != null) query = query.where('score', '>=', filter.atLeast);
    if (filter?.below != null) query = query.where('score', '<', filter.below);
    return query;
  };
  const columns = field === 'SCORE' ? ['score', 'position', 'kind'] : ['position', 'kind'];
  const key = field === 'SCORE' ? /^-?[\de.+-]{1,30} \d{1,6} [A-Z_]{5,11}$/ : /^\d{1,6} [A-Z_]{5,11}$/;
  return {
    keyOf: (row) => columns.map((column) => row[column as 'score' | 'position' | 'kind']).join(' '),
    isKey: (text) => key.test(text),
    async page({ limit, backwards, bound }) {
      const falling = (direction === 'DESC') !== backwards;
      let query = base().selectAll().limit(limit);
      for (const column of columns) query = query.orderBy(sql.ref(column), falling ? 'desc' : 'asc');
      if (bound !== undefined) {
        const values = bound.split(' ').map((part, i) => (columns[i] === 'kind' ? part : Number(part)));
        query = query.where(
          sql<boolean>`(${sql.join(columns.map((column) => sql.ref(column)))}) ${sql.raw(falling ? '<' : '>')} (${sql.join(values)})`,
        );
      }
      return read(db, query);
    },
    count: () => countOf(db, base()),
  };
}

export const countRows = (db: Db, table: Listed | 'outcome'): Promise<number> =>
  countOf(db, db.selectFrom(table as 'model'));

async function countOf<T extends keyof Tables>(
  db: Db,
  query: SelectQueryBuilder<Tables, T, object>,
): Promise<number> {
  const [counted] = await read(
    db,
    query.select(({ fn }) => fn.countAll<number>().as('count')),
  );
  return counted!.count;
}

/** What the filters of curated things have in common. */
interface CuratedFilter {
  deleted?: boolean;
  tags?: string[] | null;
  search?: string | null;
  status?: Status[] | null;
  studyId?: string | null;
}

/** Applies what the filters of models, sweeps, studies and detections have in common; the trash is a list of its own. */
export function filterCurated<T extends 'model' | 'sweep' | 'study' | 'detection'>(
  query: SelectQueryBuilder<Tables, T, object>,
  table: T,
  filter: CuratedFilter | null,
): SelectQueryBuilder<Tables, T, object> {
  type Query = SelectQueryBuilder<Tables, 'model', object>;
  const { deleted = false, tags, search, status, studyId } = filter ?? {};
  const column = (name: string) => sql.ref(`${table}.${name}`);
  let filtered = query as unknown as Query;
  filtered = filtered.where(
    sql<boolean>`${column('deleted_at')} is ${sql.raw(deleted ? 'not null' : 'null')}`,
  );
  for (const tag of tags ?? [])
    filtered = filtered.where(
      sql<boolean>`exists (select 1 from json_each(${column('tags')}) where json_each.value = ${tag})`,
    );
  if (search) {
    const places = table === 'sweep' || table === 'detection' ? ['notes'] : ['name', 'notes'];
    filtered = filtered.where(({ or }) =>
      or(places.map((name) => sql<boolean>`instr(lower(${column(name)}), lower(${search})) > 0`)),
    );
  }
  if (status || studyId)
    filtered = filtered.where(({ exists, selectFrom }) => {
      let job = selectFrom('job')
        .select('job.id')
        .where(sql<boolean>`job.id = ${column('job_id')}`);
      if (status) job = job.where('job.status', 'in', status);
      if (studyId)
        job = job.where('job.id', 'in', (query) =>
          query.selectFrom('study_job').select('job_id').where('study_id', '=', studyId),
        );
      return exists(job);
    });
  return filtered as unknown as typeof query;
}
