import { createRequire } from 'node:module';
import path from 'node:path';
import { dashboardDocuments } from '@trojanscope/testing/documents';
import { addCopies } from '@trojanscope/testing/modelCopies';
import { temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import type * as graphql from 'graphql';
import { Kysely, SqliteDialect } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createLoaders } from './graphql/context.js';
import { createSchema } from './graphql/schema.js';
import { jsonColumns, type Tables } from './store/database.js';
import { LOCAL } from './viewer.js';

/** Much costs as many statements as one of it. */

const { execute, parse }: typeof graphql = createRequire(import.meta.url)('graphql');

const MODELS = 300;
let data: Awaited<ReturnType<typeof temporaryData>>;
let sqlite: Database.Database;
let db: Kysely<Tables>;
let statements = 0;
let copies: string[];
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: sqlite }),
    plugins: [jsonColumns],
    log: () => {
      statements++;
    },
  });
  copies = await addCopies(data.folder, MODELS);
  // As if all were of the study, so that they have one to look up.
  sqlite.exec('update job set study_id = (select id from study)');
});
afterAll(async () => {
  await db?.destroy();
  await data?.remove();
});

/** @returns what a root field found, and how many statements that took */
async function ask(request: string, variableValues = {}) {
  statements = 0;
  const queue = { workers: 1, secondsRunning: () => 0 } as never;
  const { data: found, errors } = await execute({
    schema: await createSchema(),
    document: parse(request),
    variableValues,
    contextValue: { db, queue, viewer: LOCAL, load: createLoaders({ db, queue }) },
  });
  expect(errors).toBeUndefined();
  return { found: Object.values(found!)[0], statements };
}

test('the curves of 300 models take no more statements than that of one', async () => {
  const curves = async (filter: string) => {
    const { found, ...rest } = await ask(
      `{ robustnessCurves(filter: ${filter}) { model { id name benign { name } job { status } }
         sweep { id status samples } unit points { value asr { value low high } benignAccuracy { value } pValue } } }`,
    );
    return { curves: found as { points: object[] }[], ...rest };
  };
  const one = await curves(`{ modelIds: ["${copies[0]}"] }`);
  expect(one.curves).toHaveLength(6);
  const all = await curves('{}');
  expect(all.curves).toHaveLength(6 * (MODELS + 1));
  for (const { points } of all.curves) expect(points.length).toBeGreaterThan(0);
  expect(all.statements).toBe(one.statements);
  // Curves, models, benign models, points, jobs of both: none of them once for each curve.
  expect(all.statements).toBeLessThanOrEqual(6);
});

test.each([
  ['models', 'status benign { name } job { status progress { done } study { name } createdBy { name } }'],
  ['sweeps', 'status model { name benign { name } } job { study { name } } curve { points { value } }'],
])('100 %s take no more statements than one', async (list, fields) => {
  const page = (first: number) => ask(`{ ${list}(first: ${first}) { totalCount nodes { id ${fields} } } }`);
  const [one, hundred] = [await page(1), await page(100)];
  expect((hundred.found as { nodes: object[] }).nodes).toHaveLength(100);
  expect(hundred.statements).toBe(one.statements);
});

test('the queue is played through once for all of a list', async () => {
  const ofOriginal = db.updateTable('job').where('kind', '=', 'sweep').where('model_id', 'not in', copies);
  await ofOriginal.set({ status: 'QUEUED' }).execute();
  const jobs = 'nodes { queuePosition startsInSeconds takesSeconds waitsFor { id } model { name } }';
  const { found, statements } = await ask(`{ jobs(first: 100, orderBy: { direction: ASC }) { ${jobs} } }`);
  const places = (found as { nodes: { queuePosition: number | null }[] }).nodes.map(
    (job) => job.queuePosition,
  );
  expect(places.filter(Boolean).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  // Jobs, what they wait for, their models, and of the queue what waits, what was measured, turns and needs.
  expect(statements).toBe(7);
});

test('the dashboard’s list of models takes two statements', async () => {
  const { text } = dashboardDocuments().find(({ name }) => name === 'Models')!;
  expect((await ask(text, { first: 100 })).statements).toBe(2);
});
