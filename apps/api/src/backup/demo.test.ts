import { existsSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { readStudyDocument, studyPresets } from '@trojanscope/core';
import { untilJob } from '@trojanscope/testing/live';
import { startServer, type TestServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_ARCHIVE, DEMO_PRESET } from './demo.js';

/** The archive of the repository, opened by the server of the day. */

let own: Awaited<ReturnType<typeof temporaryData>>;
let temporary: string;
let server: TestServer;
/** Where one's own data would be, by the environment: no demo looks there. */
const mine = () => path.join(own.folder, 'mine');
const start = () =>
  startServer({
    data: null,
    args: ['--demo'],
    env: { TMPDIR: temporary, TROJANSCOPE_DATA: mine() },
  });
const demoOf = async (one: TestServer): Promise<string> =>
  (await one.query('{ server { demoFolder } }')).server.demoFolder;
/** The folder in the temporary one. */
const rootOf = async (one: TestServer) => path.basename(path.dirname(await demoOf(one)));

beforeAll(async () => {
  own = await temporaryData();
  temporary = path.join(own.folder, 'tmp');
  await mkdir(temporary);
  server = await start();
});
afterAll(async () => {
  await server?.stop();
  await own?.remove();
});

test('the archive has at most 5 MB', async () => {
  expect((await stat(DEMO_ARCHIVE)).size).toBeLessThanOrEqual(5_000_000);
});

test('it says what it is, where its data lies and how one starts for real', async () => {
  const folder = await demoOf(server);
  expect(path.dirname(path.dirname(folder))).toBe(temporary);
  expect(existsSync(path.join(folder, 'trojanscope.sqlite'))).toBe(true);
  expect(server.log()).toContain(`data in ${folder};`);
  expect(server.log()).toMatch(/This is the demo: .*paper-mnist.*npm start\n/s);
  expect(existsSync(mine())).toBe(false);
});

test('the preset ran as it stands today, and nothing is left to do', async () => {
  const sqlite = new Database(path.join(await demoOf(server), 'trojanscope.sqlite'), { readonly: true });
  const value = (sql: string) => sqlite.prepare(sql).pluck().get();
  const counts = {
    studies: value('select count(*) from study'),
    models: value('select count(*) from model where record is not null'),
    sweeps: value('select count(*) from sweep'),
    points: value('select count(*) from point'),
    outcomes: value('select count(*) from outcome'),
    unfinished: value(`select count(*) from job where status <> 'SUCCEEDED'`),
    // Measurements of another machine, and what people have.
    others: value('select (select count(*) from pace) + (select count(*) from user)'),
  };
  const document = readStudyDocument(String(value('select document from study'))).document;
  sqlite.close();
  // Three attacks, each under three transforms of trigger and of image: at 4, 3 and 7 values, 1,000 samples at each.
  expect(counts).toEqual({
    studies: 1,
    models: 4,
    sweeps: 18,
    points: 84,
    outcomes: 84_000,
    unfinished: 0,
    others: 0,
  });
  // If not: npm run build && npm run make-demo
  const what = ({ title, description, ...rest }: typeof document) => rest;
  expect(what(document)).toEqual(what(studyPresets[DEMO_PRESET]));
});

test('its numbers are about the paper’s', async () => {
  const { models } = await server.query(
    '{ models(first: 10) { nodes { attack { id } cleanAccuracy { value denominator } asr { value denominator } } } }',
  );
  const of = (attack?: string) =>
    models.nodes.find((model: { attack: { id: string } | null }) => model.attack?.id === attack);
  // Its Table 2 says 99.13 %, and 99.17 and 99.95 % for BadNets; of 10,000 test images 980 show the target, a 0.
  expect(of().cleanAccuracy.denominator).toBe(10_000);
  expect(Math.abs(of().cleanAccuracy.value - 0.9913)).toBeLessThan(0.005);
  expect(Math.abs(of('badnets').cleanAccuracy.value - 0.9917)).toBeLessThan(0.005);
  expect(of('badnets').asr.denominator).toBe(9_020);
  expect(Math.abs(of('badnets').asr.value - 0.9995)).toBeLessThan(0.005);
});

test('pictures, maps and the report are served', async () => {
  const { explanations, robustnessCurves, studies } = await server.query(`{
    explanations(first: 1) { nodes { saliency { url } overlay { url } } totalCount }
    robustnessCurves(filter: {}) { points { outcomes(first: 1) { nodes { image { url } sample { image { url } } } } } }
    studies(first: 1) { nodes { id } }
  }`);
  // 50 and 10 that the scores are made of, and three samples of each attack.
  expect(explanations.totalCount).toBeGreaterThan(60);
  const [map] = explanations.nodes;
  const [outcome] = robustnessCurves[0].points[0].outcomes.nodes;
  for (const { url } of [map.saliency, map.overlay, outcome.image, outcome.sample.image]) {
    const response = await fetch(server.url + url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  }
  const report = await fetch(`${server.url}/downloads/studies/${studies.nodes[0].id}/report.html`);
  expect(report.status).toBe(200);
  expect(await report.text()).toContain('The paper’s statements');
});

test('it is a server like any: jobs run, and what is changed is seen', async () => {
  const { models } = await server.query('{ models(first: 1, filter: { kind: TROJANED }) { nodes { id } } }');
  const [{ id }] = models.nodes;
  const { items } = await server.mutate(
    'annotate',
    'AnnotateInput',
    { ids: [id], notes: 'mine' },
    'items { id }',
  );
  expect(items).toEqual([{ id }]);
  const input = { modelId: id, transform: 'brightness', target: 'IMAGE', values: [1], samples: 10 };
  const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { job { id } }');
  expect(await untilJob(server, sweep.job.id)).toMatchObject({ status: 'SUCCEEDED' });
});

test('each start is as good as the first, killed or stopped before, and leaves nothing behind', async () => {
  const changed =
    '{ models(first: 10, filter: { search: "mine" }) { totalCount } sweeps: jobs(first: 1) { totalCount } }';
  expect((await server.query(changed)).models.totalCount).toBe(1);
  const beside = await start();
  const [killed, lives] = [await rootOf(server), await rootOf(beside)];
  expect((await readdir(temporary)).sort()).toEqual([killed, lives].sort());
  await server.kill();
  expect(await readdir(temporary)).toContain(killed);

  server = await start();
  expect(await server.query(changed)).toEqual({ models: { totalCount: 0 }, sweeps: { totalCount: 25 } });
  // The killed one's is gone, that of the one that lives is not.
  expect((await readdir(temporary)).sort()).toEqual([await rootOf(server), lives].sort());
  expect(await beside.query(changed)).toMatchObject({ sweeps: { totalCount: 25 } });

  expect(await beside.stop()).toMatchObject({ code: 0 });
  expect(beside.log()).toContain('The demo’s data is removed.');
  expect(await readdir(temporary)).toEqual([await rootOf(server)]);
  expect(existsSync(mine())).toBe(false);
}, 120_000);

test('--data is refused beside it, with what to do instead', async () => {
  const refused = startServer({ data: mine(), args: ['--demo'], env: { TMPDIR: temporary } });
  await expect(refused).rejects.toThrow(/exit 78.*leave --data out.*restore --data DIR --from/s);
  expect(existsSync(mine())).toBe(false);
});
