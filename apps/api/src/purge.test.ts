import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { type RoleName, startShared } from '@trojanscope/testing/sharedServer';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';

/** What is in the trash is deleted for good, with everything that hangs on it and nothing else. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let benign: string;
let trojaned: string;
let sweep: string;
beforeEach(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models, sweeps } = await server.query(
    '{ models(first: 10) { nodes { id kind } } sweeps(first: 1) { nodes { id } } }',
  );
  const find = (kind: string) => models.nodes.find((model: { kind: string }) => model.kind === kind).id;
  [benign, trojaned, sweep] = [find('BENIGN'), find('TROJANED'), sweeps.nodes[0].id];
});
afterEach(async () => {
  await server?.stop();
  await data?.remove();
});

const remove = (...ids: string[]) =>
  server.mutate('deleteItems', 'DeleteItemsInput', { ids }, 'items { id }');
const purge = async (olderThanDays: number): Promise<string[]> => {
  const { purged, errors } = await server.mutate(
    'purgeTrash',
    'PurgeTrashInput',
    { olderThanDays },
    'purged { ids }',
  );
  expect(errors).toEqual([]);
  return purged.ids;
};
/** Rows of every table that models and sweeps have. */
function counts(): Record<string, number> {
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'), { readonly: true });
  const tables = [
    'study',
    'model',
    'sweep',
    'point',
    'outcome',
    'explanation',
    'job',
    'training_step',
    'artifact',
  ];
  const rows = tables.map((table) => [table, sqlite.prepare(`select count(*) from ${table}`).pluck().get()]);
  expect(sqlite.pragma('foreign_key_check')).toEqual([]);
  sqlite.close();
  return Object.fromEntries(rows);
}

test('a sweep goes with its points, outcomes, explanations and job; the model stays', async () => {
  const before = counts();
  await remove(sweep);
  expect(await purge(1)).toEqual([]);
  expect(counts()).toEqual(before);
  expect(await purge(0)).toEqual([sweep]);
  const after = counts();
  expect(after).toMatchObject({ model: before.model, sweep: before.sweep! - 1, job: before.job! - 1 });
  expect(after.point).toBeLessThan(before.point!);
  expect(after.outcome).toBeLessThan(before.outcome!);
  const { node } = await server.query('query ($id: ID!) { node(id: $id) { id } }', { id: sweep });
  expect(node).toBeNull();
  const { auditLog } = await server.query('{ auditLog(first: 1) { nodes { action entityIds who { id } } } }');
  expect(auditLog.nodes).toEqual([{ action: 'purgeTrash', entityIds: [sweep], who: { id: 'local' } }]);
});

test('models go with all they have, a benign one not before the trojaned one', async () => {
  await remove(benign);
  expect(await purge(0)).toEqual([]);
  await remove(trojaned, inject('smoke').studyId);
  expect(await purge(0)).toEqual([inject('smoke').studyId, trojaned, benign]);
  expect(Object.values(counts())).toEqual(Object.values(counts()).map(() => 0));
  for (const id of [benign, trojaned]) expect(existsSync(path.join(data.folder, 'models', id))).toBe(false);
  expect(await readdir(path.join(data.folder, 'artifacts'))).toEqual([]);
});

test('what has been there for longer than --trash-days goes by itself', async () => {
  await remove(sweep, trojaned);
  await server.stop();
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  const long = new Date(Date.now() - 31 * 24 * 3_600_000).toISOString();
  sqlite.prepare('update sweep set deleted_at = ? where id = ?').run(long, sweep);
  sqlite.close();
  server = await startServer({ data: data.folder, args: ['--no-quickstart', '--trash-days', '0'] });
  const there = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
  expect((await server.query(there, { ids: [sweep] })).nodes).toEqual([{ id: sweep }]);
  await server.stop();
  server = await startServer({ data: data.folder });
  const { nodes } = await server.query(there, { ids: [sweep, trojaned] });
  expect(nodes).toEqual([null, { id: trojaned }]);
  const { auditLog } = await server.query('{ auditLog(first: 1) { nodes { action who { id } } } }');
  expect(auditLog.nodes).toEqual([{ action: 'purgeTrash', who: { id: 'server' } }]);
});

describe('files on the server are named by admins only, where there are accounts', () => {
  const attacks = [
    ['badnets', 'pictureFile'],
    ['blend', 'pictureFile'],
    ['refool', 'pictureFile'],
    ['dfst', 'styleFolder'],
    ['dfst', 'generatorFile'],
  ] as const;
  test.each(attacks)('%s: %s', async (attack, parameter) => {
    const shared = await startShared();
    try {
      const start = async (role: RoleName) => {
        const { headers } = await shared.issue(await shared.add(role.toLowerCase(), role), 'TOKEN');
        const input = {
          dataset: 'shapes',
          architecture: 'lenet',
          attack: { [attack]: { [parameter]: '/nowhere' } },
        };
        return (
          await shared.mutate('implantBackdoor', input, 'model { id }', headers as Record<string, string>)
        ).errors;
      };
      expect(await start('RUNNER')).toEqual([
        {
          code: 'FORBIDDEN',
          message: `${parameter}: only an admin may name files on the server. Ask one, or leave it out.`,
          field: ['attack', attack, parameter],
        },
      ]);
      expect(await start('ADMIN')).not.toContainEqual(expect.objectContaining({ code: 'FORBIDDEN' }));
    } finally {
      await shared.stop();
    }
  });

  test.each(['styleFolder', 'generatorFile', 'pictureFile'])('a study’s %s', async (option) => {
    const shared = await startShared();
    try {
      const { headers } = await shared.issue(await shared.add('runner', 'RUNNER'), 'TOKEN');
      const input = { preset: 'smoke', [option]: '/nowhere' };
      const { study, errors } = await shared.mutate(
        'runStudy',
        input,
        'study { id }',
        headers as Record<string, string>,
      );
      expect(study).toBeNull();
      expect(errors).toMatchObject([{ code: 'FORBIDDEN', field: [option] }]);
    } finally {
      await shared.stop();
    }
  });
});
