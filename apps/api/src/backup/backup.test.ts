import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
let data: Awaited<ReturnType<typeof temporaryData>>;
let other: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  other = await temporaryData();
  server = await startServer({ data: data.folder });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
  await other?.remove();
});

const at = (name: string) => path.join(other.folder, name);
const run = (...args: string[]): Promise<{ code: number; out: string; error: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (failure, out, error) =>
      resolve({ code: failure ? Number(failure.code) : 0, out, error }),
    );
  });
const sha256 = async (file: string) =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
const filesIn = async (folder: string) =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !/^(trojanscope\.sqlite|server\.lock|backups)/.test(name))
    .sort();

test('saved while the server writes, restored elsewhere: every row, every file, and it serves', async () => {
  let writes = 0;
  let saving = true;
  const { models } = await server.query('{ models(first: 1) { nodes { id } } }');
  const writing = (async () => {
    for (; saving; writes++)
      await server.mutate(
        'annotate',
        'AnnotateInput',
        { ids: [models.nodes[0].id], notes: `${writes}` },
        'items { id }',
      );
  })();
  const saved = await run('backup', '--data', data.folder, '--to', at('all.zip'));
  saving = false;
  await writing;
  expect(saved).toMatchObject({
    code: 0,
    out: expect.stringMatching(/is backed up in .*all\.zip, \d+\.\d MB/),
  });
  expect(writes).toBeGreaterThan(5);
  expect((await stat(at('all.zip'))).mode & 0o777).toBe(0o600);

  const restored = await run('restore', '--data', at('restored'), '--from', at('all.zip'));
  expect(restored).toMatchObject({
    code: 0,
    out: expect.stringMatching(/as it was at .* files, each with its hash/),
  });
  const sqlite = new Database(at('restored/trojanscope.sqlite'));
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(sqlite.prepare(`select count(*) from job where status = 'SUCCEEDED'`).pluck().get()).toBe(10);
  sqlite.close();
  const names = await filesIn(data.folder);
  expect(names.length).toBeGreaterThan(10);
  expect(await filesIn(at('restored'))).toEqual(names);
  for (const name of names)
    expect([name, await sha256(at(`restored/${name}`))]).toEqual([
      name,
      await sha256(path.join(data.folder, name)),
    ]);

  const second = await startServer({ data: at('restored') });
  const query = '{ robustnessCurves(filter: {}) { points { value asr { numerator } } } }';
  expect(await second.query(query)).toEqual(await server.query(query));
  await second.stop();
}, 120_000);

test('refused: over a file, into a folder with something in it, from nothing or something else', async () => {
  const refused = async (args: string[], says: RegExp) => {
    const { code, error } = await run(...args);
    expect([code, error]).toEqual([1, expect.stringMatching(says)]);
  };
  await refused(['backup', '--data', data.folder, '--to', at('all.zip')], /there already.*--replace/);
  await refused(['backup', '--data', at('nothing'), '--to', at('b.zip')], /nothing to back up/);
  await refused(['restore', '--data', at('restored'), '--from', at('all.zip')], /not empty/);
  await refused(['restore', '--data', at('new'), '--from', at('nothing.zip')], /cannot be read \(ENOENT\)/);
  await writeFile(at('text.zip'), 'not a zip');
  await refused(['restore', '--data', at('new'), '--from', at('text.zip')], /text\.zip: /);
  // A byte of a picture in the middle: its hash, or zip's own checksum, tells.
  const bytes = await readFile(at('all.zip'));
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = bytes[middle]! ^ 0xff;
  await writeFile(at('damaged.zip'), bytes);
  await refused(['restore', '--data', at('new'), '--from', at('damaged.zip')], /damaged\.zip/);
  expect((await readdir(other.folder)).sort()).toEqual(['all.zip', 'damaged.zip', 'restored', 'text.zip']);
}, 60_000);
