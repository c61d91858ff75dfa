import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { planStudy, studyPresets, withOptions } from '@trojanscope/core';
import { temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Db, openDatabase } from './database.js';

let data: Awaited<ReturnType<typeof temporaryData>>;
let db: Db;
beforeEach(async () => {
  data = await temporaryData();
  db = await openDatabase(data.folder);
});
afterEach(async () => {
  await db.destroy();
  await data.remove();
});

const row = (key: string) => ({ key, entity_id: 'x', created_at: '' });

test('a transaction that reads before it writes is not refused as locked when another process writes meanwhile', async () => {
  const other = new Database(path.join(data.folder, 'trojanscope.sqlite'), { timeout: 0 });
  const write = () =>
    other.prepare(`insert into idempotency (key, entity_id, created_at) values ('other', 'x', '')`).run();
  await db.transaction().execute(async (transaction) => {
    await transaction.selectFrom('idempotency').selectAll().execute();
    // The other has to wait; before, it went ahead, and this transaction could never write again.
    expect(write).toThrow(/locked/);
    await transaction.insertInto('idempotency').values(row('own')).execute();
  });
  write();
  const keys = (await db.selectFrom('idempotency').select('key').orderBy('key').execute()).map(
    ({ key }) => key,
  );
  expect(keys).toEqual(['other', 'own']);
  other.close();
});

/** The database as a version that knew fewer migrations left it, or one that knew more. */
async function changed(sql: string): Promise<void> {
  await db.destroy();
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  sqlite.exec(sql);
  sqlite.close();
}
const backups = () => readdir(path.join(data.folder, 'backups')).catch(() => []);
/** Undoes what is younger than any of those that the tests do again. */
const WITHOUT_NEWER = `drop table detection_image; drop table detection;
  alter table explanation drop column measures; alter table study drop column document;
  ${['clean_here', 'clean_confidence', 'benign_here'].map((column) => `alter table outcome drop column ${column};`).join('\n')}`;
const OLDER = `
  ${WITHOUT_NEWER}
  drop table job_log;
  drop index model_shown; drop index sweep_shown; drop index study_shown;
  drop table pace; drop table upload; drop table largest_range; drop table saved_view; drop index job_by_turn;
  alter table job drop column turn; alter table job drop column priority; alter table job add column heartbeat_at text;
  drop table study_job; drop table strip; alter table study drop column options;
  alter table model drop column asr; alter table model drop column clean_accuracy;
  alter table idempotency drop column input_sha256;
  ${['model', 'sweep', 'study'].flatMap((table) => ['notes', 'tags', 'locked', 'deleted_at'].map((column) => `alter table ${table} drop column ${column};`)).join('\n')}
  delete from kysely_migration where name >= '004';
  insert into study (id, name, preset, seed, created_at) values ('stu_1', 'old', 'smoke', 1, '');`;

test('a database of an older version is brought up to date, a copy of it taken first', async () => {
  await changed(OLDER);
  db = await openDatabase(data.folder);
  const { name, tags } = await db.selectFrom('study').selectAll().executeTakeFirstOrThrow();
  expect([name, tags]).toEqual(['old', []]);
  const [copy, ...others] = await backups();
  expect([copy, others]).toEqual([expect.stringMatching(/^\d{4}-.*-before-004-curation\.sqlite$/), []]);
  const old = new Database(path.join(data.folder, 'backups', copy!), { readonly: true });
  expect(old.prepare('select name from study').pluck().get()).toBe('old');
  expect(() => old.prepare('select tags from study')).toThrow(/no such column/);
  old.close();
  await db.destroy();
  db = await openDatabase(data.folder);
  expect(await backups()).toHaveLength(1);
});

test('what was scored of maps that are zero everywhere has nothing to score any more', async () => {
  const zero = { pointingHit: false, triggerEnergy: 0, chanceEnergy: 0.1, centreEnergy: 0 };
  const missed = { ...zero, centreEnergy: 0.5 };
  const nothing = { ...zero, pointingHit: null, triggerEnergy: null, centreEnergy: null };
  await changed(`
    pragma foreign_keys = off;
    ${WITHOUT_NEWER}
    alter table largest_range drop column samples_used;
    delete from kysely_migration where name >= '013';
    insert into explanation (id, model_id, job_id, point_id, position, settings, score, created_at) values
      ('exp_1', 'm', 'j', 'p', 0, '', '${JSON.stringify({ ...zero, controls: { benign: zero, untrained: null } })}', ''),
      ('exp_2', 'm', 'j', 'p', 1, '', '${JSON.stringify(missed)}', ''), ('exp_3', 'm', 'j', 'p', 2, '', 'null', '');
    insert into strip (model_id, sample_index, job_id, settings, picture, frames, created_at) values
      ('m', 0, 'j', '', 'art_1', '${JSON.stringify([{ score: null }, { score: zero }])}', '');`);
  db = await openDatabase(data.folder);
  const scores = await db.selectFrom('explanation').select('score').orderBy('id').execute();
  expect(scores.map(({ score }) => score)).toEqual([
    { ...nothing, controls: { benign: nothing, untrained: null } },
    missed,
    null,
  ]);
  const { frames } = await db.selectFrom('strip').select('frames').executeTakeFirstOrThrow();
  expect(frames).toEqual([{ score: null }, { score: nothing }]);
});

test('sweeps keep their benign models and points, and may have no benign model from then on', async () => {
  const model = (id: string) =>
    `insert into model (id, name, kind, dataset, spec, job_id, created_at) values ('${id}', '', '', '', '{}', 'j', '');`;
  await changed(`
    pragma foreign_keys = off;
    ${WITHOUT_NEWER}
    alter table sweep drop column benign_id;
    alter table sweep add column benign_id text not null references model default '';
    delete from kysely_migration where name >= '014';
    insert into job (id, kind, title, status, payload, created_at) values ('j', 'sweep', '', 'SUCCEEDED', '{}', '');
    ${['m', 'b'].map(model).join('')}
    insert into sweep (id, model_id, benign_id, job_id, transform, target, "values", samples, seed, eligibility, created_at)
      values ('s', 'm', 'b', 'j', 'scaling', 'IMAGE', '[1]', 1, 1, 'TRUE_LABEL', '');
    insert into point (id, sweep_id, position, value, counts, created_at) values ('p', 's', 0, 1, '{}', '');`);
  db = await openDatabase(data.folder);
  const row = () =>
    db
      .selectFrom('sweep')
      .innerJoin('point', 'sweep_id', 'sweep.id')
      .selectAll('sweep')
      .executeTakeFirstOrThrow();
  expect(await row()).toMatchObject({ id: 's', model_id: 'm', benign_id: 'b' });
  await db.updateTable('sweep').set({ benign_id: null }).execute();
  expect(await row()).toMatchObject({ id: 's', benign_id: null });
});

test('outcomes from before both models were asked about the clean image say that they have none', async () => {
  await changed(`
    pragma foreign_keys = off;
    ${WITHOUT_NEWER}
    delete from kysely_migration where name >= '015';
    insert into outcome values ('p', 0, 7, 1, 0, 0.5, 'TARGET', 1, 'TARGET', 1, '{}');`);
  db = await openDatabase(data.folder);
  expect(await db.selectFrom('outcome').selectAll().executeTakeFirstOrThrow()).toMatchObject({
    sample_index: 7,
    clean_here: null,
    clean_confidence: null,
    benign_here: null,
  });
});

test('studies from before documents have that of their preset as it then was', async () => {
  const insert = (id: string, preset: string, seed: number, options: object) =>
    `insert into study (id, name, preset, seed, options, created_at)
       values ('${id}', '', '${preset}', ${seed}, '${JSON.stringify(options)}', '');`;
  const chosen = { seeds: [3, 4], sizePx: 48, styleFolder: '/paintings', pictureFile: '/apple.png' };
  const withGenerator = { seeds: [1], generatorFile: '/generator.safetensors' };
  const same = ['quickstart', 'paper-mnist', 'paper', 'smoke'] as const;
  const defences = ['defences-mnist', 'defences-gtsrb'] as const;
  await changed(`
    pragma foreign_keys = off;
    delete from kysely_migration where name >= '019';
    ${[...same, ...defences].map((preset) => insert(`stu_${preset}`, preset, 2, {})).join('')}
    ${insert('stu_chosen', 'paper', 3, chosen)} ${insert('stu_generator', 'paper', 1, withGenerator)}
    ${insert('stu_first_smoke', 'smoke', 1, {})} ${insert('stu_unknown', 'gone', 1, {})}
    insert into job (id, kind, title, status, payload, created_at) values ('j', 'detect', '', 'SUCCEEDED', '{}', '');
    insert into study_job (study_id, place, job_id) values ('stu_smoke', 1, 'j');`);
  db = await openDatabase(data.folder);
  const rows = await db.selectFrom('study').selectAll().execute();
  const documents = new Map(rows.map(({ id, document }) => [id, document]));
  // Of these nothing has changed since: a study that was begun before is what the preset asks for today.
  for (const id of same)
    expect(documents.get(`stu_${id}`), id).toEqual(withOptions(studyPresets[id], { seeds: [2] }));
  expect(documents.get('stu_chosen')).toEqual(withOptions(studyPresets.paper, chosen));
  expect(documents.get('stu_generator')).toEqual(withOptions(studyPresets.paper, withGenerator));
  const { smoke } = studyPresets;
  expect(documents.get('stu_first_smoke')).toEqual({ ...smoke, detectors: [] });
  expect(documents.get('stu_unknown')).toBeNull();
  // What made them is as it was to the bit: by the hashes that plan.test.ts had of it at 343db0e.
  for (const [i, hash] of OLD_DEFENCES.entries()) {
    const document = documents.get(`stu_${defences[i]}`)!;
    expect(document).not.toEqual(withOptions(studyPresets[defences[i]!], { seeds: [2] }));
    // But for what came later: places in the document, and words for lists.
    const groups = planStudy({ ...document, seeds: [1] }).map(({ benign, trojaned }) => ({
      benign,
      trojaned: trojaned.map(({ at: _, variant: __, ...one }) => one),
    }));
    const text = JSON.stringify(inOrder(groups));
    expect(createHash('sha256').update(text).digest('hex')).toBe(hash);
  }
});

/** Of what `defences-mnist` and `defences-gtsrb` planned when documents came. */
const OLD_DEFENCES = [
  'c546856cf92f4e523a5c1a58ab57c38a0577c80ab1b4743b904e4c2e7848b422',
  '40e844c8f4f8777616dacd714f7e5ed8d3c9e0cbd061560330fe78f6b7ffba50',
];

/** Keys in order, what is undefined left out. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, own]) => own !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, own]) => [key, inOrder(own)]),
  );
}

test('a migration that fails leaves the database as it was', async () => {
  // The last thing it does is in its way, so everything before was done.
  await changed(`${OLDER} alter table idempotency add column input_sha256 text;`);
  await expect(openDatabase(data.folder)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  expect(() => sqlite.prepare('select tags from study')).toThrow(/no such column/);
  expect(sqlite.prepare('select name from study').pluck().get()).toBe('old');
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  sqlite.exec('alter table idempotency drop column input_sha256');
  sqlite.close();
  db = await openDatabase(data.folder);
  expect(await db.selectFrom('study').select('tags').execute()).toEqual([{ tags: [] }]);
});

test('a database of a newer version is refused in words, and left alone', async () => {
  await changed(`insert into kysely_migration values ('999-tomorrow', '2030-01-01T00:00:00Z')`);
  await expect(openDatabase(data.folder)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringMatching(/newer trojanscope .*999-tomorrow.*Update trojanscope/),
  });
  expect(await backups()).toEqual([]);
  await changed(`delete from kysely_migration where name = '999-tomorrow'`);
  db = await openDatabase(data.folder);
});
