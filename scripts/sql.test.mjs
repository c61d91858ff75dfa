import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** SQL and the parsing of columns stand in `store/`; a unit of work may begin elsewhere with `db.transaction()`. */

const source = join(root, 'apps', 'api', 'src');
/** What only whoever writes statements says. Types of kysely's may stand anywhere. */
const SIGNS = [
  /\.(selectFrom|insertInto|updateTable|deleteFrom|replaceInto|mergeInto)\(/,
  // Conditions and orders that are added to a statement from elsewhere.
  /\.(where|whereRef|orderBy|innerJoin|leftJoin)\(/,
  /\bsql(<[^>]+>)?`/,
  /import (?!type\b)(?:[^;]*\bfrom )?['"](kysely|better-sqlite3)['"]/,
  // A column's text: `JSON.parse(row.spec)`.
  /JSON\.parse\(\s*(row|job|model|sweep|study|point|outcome|explanation|strip)s?\b/,
];

const asksTheDatabase = (text) => SIGNS.some((sign) => sign.test(text));
const outside = readdirSync(source, { recursive: true })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|^(store|testing)\//.test(file));

test('only the store asks the database', () => {
  const asking = outside.filter((file) => asksTheDatabase(readFileSync(join(source, file), 'utf8')));
  expect(asking.sort()).toEqual([]);
});

test.each([
  "db.selectFrom('job')",
  "tx\n      .deleteFrom('job')",
  "query.where('user_id', '=', id)",
  'sql<number>`count(*)`',
  "import { type Selectable, sql } from 'kysely';",
  "import {\n  type Selectable,\n  sql,\n} from 'kysely';",
  'JSON.parse(row.spec)',
])('%j is seen', (text) => expect(asksTheDatabase(text)).toBe(true));

test.each([
  "import type { Selectable } from 'kysely';",
  'db.transaction().execute(async (tx) => {})',
  'JSON.parse(process.argv[3])',
  'new Map(rows.map((row) => [row.id, row]))',
])('%j is none', (text) => expect(asksTheDatabase(text)).toBe(false));
