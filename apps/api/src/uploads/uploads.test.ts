import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { png } from '@trojanscope/testing/images';
import { untilJob } from '@trojanscope/testing/live';
import { type RoleName, startShared } from '@trojanscope/testing/sharedServer';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { zipOf } from '@trojanscope/testing/zip';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { openDatabase } from '../store/database.js';
import { removeStaleUploads } from './uploads.js';

/** Archives over HTTP: announced, sent once, taken in by a job. */

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const announce = (kind: string, bytes: Uint8Array) => ({
  kind,
  fileName: 'theirs.zip',
  bytes: bytes.length,
  sha256: sha256(bytes),
});
const put = async (origin: string, url: string, body: Uint8Array | ReadableStream) => {
  const response = await fetch(origin + url, { method: 'PUT', body, duplex: 'half' } as RequestInit);
  return { status: response.status, body: (await response.json()) as Refused };
};
interface Refused {
  errors: { message: string; extensions: { code: string } }[];
}
const CREATED = 'created { url upload { id receivedAt } }';
const zip = zipOf([{ name: 'a', content: 'b' }]);

const { data, server } = await smokeServer();
afterEach(() => changeRows('delete from upload'));

function changeRows(statement: string): void {
  const sqlite = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  sqlite.exec(statement);
  sqlite.close();
}
const files = () => readdir(path.join(data.folder, 'uploads'));

async function create(kind: string, bytes: Uint8Array, more = {}) {
  const input = { ...announce(kind, bytes), ...more };
  const { created, errors } = await server.mutate('createUpload', 'CreateUploadInput', input, CREATED);
  expect(errors).toEqual([]);
  return created as { url: string; upload: { id: string; receivedAt: string | null } };
}
async function send(kind: string, bytes: Uint8Array): Promise<string> {
  const { url, upload } = await create(kind, bytes);
  expect(upload.receivedAt).toBeNull();
  const { status, body } = await put(server.url, url, bytes);
  expect([status, body]).toEqual([201, { uploadId: upload.id, bytes: bytes.length, sha256: sha256(bytes) }]);
  return upload.id;
}
async function imported(name: 'importModel' | 'importDataset', input: object) {
  const type = name === 'importModel' ? 'ImportModelInput' : 'ImportDatasetInput';
  const { job, errors } = await server.mutate(name, type, input, 'job { id createdBy { id } }');
  expect(errors).toEqual([]);
  expect(job.createdBy.id).toBe('local');
  const end = await untilJob(server, job.id);
  return { ...end, jobId: job.id };
}
const NODE = `query ($id: ID!) { node(id: $id) { ... on Job {
  model { id name status kind benign { id } job { createdBy { id } } provenance { weightsSha256 } asr { numerator } } } } }`;

describe('what is sent is taken in', () => {
  test('a trojaned model, compared with its benign one by its hash', async () => {
    const { models } = await server.query(
      '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id benign { id } asr { numerator } provenance { weightsSha256 } } } }',
    );
    const [original] = models.nodes;
    const file = path.join(data.folder, 'bundle.zip');
    const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
    const args = ['model', 'export', original.id, '--to', file, '--data', data.folder];
    await promisify(execFile)(process.execPath, [cli, ...args]);

    const uploadId = await send('MODEL', await readFile(file));
    const { status, jobId } = await imported('importModel', { uploadId, name: 'Theirs' });
    expect(status).toBe('SUCCEEDED');
    const { node } = await server.query(NODE, { id: jobId });
    expect(node.model).toEqual({
      ...original,
      id: expect.not.stringContaining(original.id),
      name: 'Theirs',
      status: 'SUCCEEDED',
      kind: 'TROJANED',
      job: { createdBy: { id: 'local' } },
    });
    expect(await files()).toEqual([]);

    // Told to be normalised as it is not: taken in as it was told, and doubted.
    const other = await send('MODEL', await readFile(file));
    const half = await server.mutate(
      'importModel',
      'ImportModelInput',
      { uploadId: other, mean: [5] },
      'job { id }',
    );
    expect(half.errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: ['std'] });
    const told = { uploadId: other, mean: [5], std: [0.1] };
    const { node: second } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Job { log { text } model { warnings normalization { mean std } } } } }',
      { id: (await imported('importModel', told)).jobId },
    );
    const { warnings, normalization } = second.model;
    expect(normalization).toEqual({ mean: [5], std: [0.1] });
    expect(warnings[1]).toContain('it would be');
    expect(second.log.map(({ text }: { text: string }) => text)).toEqual(expect.arrayContaining(warnings));

    const again = await server.mutate('importModel', 'ImportModelInput', { uploadId }, 'job { id }');
    expect(again.errors[0]).toMatchObject({ code: 'NOT_FOUND', field: ['uploadId'] });
  });

  test('a folder of images, packed with the folder itself as file managers do', async () => {
    const image = (value: number) => png(8, 8, Buffer.alloc(8 * 8 * 3, value));
    const bytes = zipOf([
      {
        name: 'pets/manifest.json',
        content: JSON.stringify({ title: 'Pets', size: 28, split: { testShare: 0.5 } }),
      },
      ...['cat', 'dog'].flatMap((name) =>
        [1, 2].map((i) => ({ name: `pets/${name}/${i}.png`, content: image(i * 50) })),
      ),
    ]);
    const uploadId = await send('DATASET', bytes);
    const { status } = await imported('importDataset', { uploadId, datasetId: 'pets' });
    expect(status).toBe('SUCCEEDED');
    const { catalog } = await server.query('{ catalog { datasets { id title trainCount testCount } } }');
    expect(catalog.datasets).toContainEqual({ id: 'pets', title: 'Pets', trainCount: 2, testCount: 2 });
    const recorded = JSON.parse(await readFile(path.join(data.folder, 'datasets/pets/dataset.json'), 'utf8'));
    expect(recorded.imported.files).toEqual([
      { name: 'theirs.zip', bytes: bytes.length, sha256: sha256(bytes) },
    ]);

    const second = await send('DATASET', bytes);
    const input = { uploadId: second, datasetId: 'pets' };
    const { errors } = await server.mutate('importDataset', 'ImportDatasetInput', input, 'job { id }');
    expect(errors[0]).toMatchObject({ code: 'CONFLICT', field: ['datasetId'] });
    const other = await server.mutate('importModel', 'ImportModelInput', { uploadId: second }, 'job { id }');
    expect(other.errors[0]).toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/kind MODEL/),
    });
  });

  test('what cannot be read is left out where that is asked for, and listed', async () => {
    const content = png(8, 8, Buffer.alloc(8 * 8 * 3, 9));
    const bytes = zipOf([
      {
        name: 'manifest.json',
        content: JSON.stringify({ title: 'Torn', size: 28, split: { testShare: 0.5 } }),
      },
      ...['cat', 'dog'].flatMap((name) => [1, 2].map((i) => ({ name: `${name}/${i}.png`, content }))),
      { name: 'cat/3.png', content: content.subarray(0, 50) },
    ]);
    const first = await imported('importDataset', {
      uploadId: await send('DATASET', bytes),
      datasetId: 'torn',
    });
    expect(first.job.error).toMatchObject({
      code: 'DATA_DAMAGED',
      message: expect.stringMatching(/cat\/3\.png: .*skipUnreadable/),
    });
    const input = { uploadId: await send('DATASET', bytes), datasetId: 'torn', skipUnreadable: true };
    expect((await imported('importDataset', input)).status).toBe('SUCCEEDED');
    const { dataset } = await server.query('{ dataset(id: "torn") { origin { skipped { name reason } } } }');
    expect(dataset.origin.skipped).toEqual([
      { name: 'cat/3.png', reason: expect.stringMatching(/^it cannot be decoded: /) },
    ]);
    const { errors } = await server.mutate(
      'importDataset',
      'ImportDatasetInput',
      { ...input, datasetId: 'gtsrb' },
      'job { id }',
    );
    expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: ['skipUnreadable'] });
  });

  test('what is hostile ends its job, and leaves nothing', async () => {
    const before = (await server.query('{ models(first: 1) { totalCount } }')).models.totalCount;
    const uploadId = await send('MODEL', zipOf([{ name: '../model.json', content: '{}' }]));
    const { status, job } = await imported('importModel', { uploadId });
    expect(status).toBe('FAILED');
    expect(job.error).toMatchObject({
      code: 'DATA_DAMAGED',
      message: expect.not.stringContaining(data.folder),
    });
    expect((await server.query('{ models(first: 1) { totalCount } }')).models.totalCount).toBe(before);
    const dataset = await send('DATASET', zipOf([{ name: 'x/1.png', content: 'no picture' }]));
    const { job: other } = await imported('importDataset', { uploadId: dataset, datasetId: 'odd' });
    expect(other.error).toMatchObject({
      code: 'DATA_MISSING',
      message: expect.stringMatching(/manifest\.json/),
    });
  });
});

describe('an address', () => {
  test('takes a file once', async () => {
    const { url } = await create('MODEL', zip);
    expect((await put(server.url, url, zip)).status).toBe(201);
    const { status, body } = await put(server.url, url, zip);
    expect([status, body.errors[0]!.extensions.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('of two requests at the same time takes one', async () => {
    const { url } = await create('MODEL', zip);
    const both = await Promise.all([put(server.url, url, zip), put(server.url, url, zip)]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 404]);
  });

  test('needs its key, and ends', async () => {
    const { url } = await create('MODEL', zip);
    const { url: other } = await create('MODEL', zip);
    const [id, key] = [url.split('?')[0], other.split('?')[1]];
    for (const wrong of [`${id}?${key}`, `${id}?key=`, `${id}`, `${id}?key=a&key=b`, `/uploads/x?${key}`])
      expect((await put(server.url, wrong, zip)).status).toBe(404);
    changeRows(`update upload set expires_at = '2026-01-01T00:00:00.000Z'`);
    expect((await put(server.url, url, zip)).status).toBe(404);
    expect(server.log()).not.toMatch(/ts_up_/);
  });

  test('takes what was announced and nothing else', async () => {
    const cases: [Uint8Array | ReadableStream, object, RegExp][] = [
      [zip, { bytes: zip.length + 1 }, /^Expected \d+ bytes, as createUpload was told; got a request of/],
      [new Blob([zip]).stream(), { bytes: zip.length - 1 }, /more came/],
      [new Blob([zip]).stream(), { bytes: zip.length + 1 }, /bytes, as createUpload was told; got \d+\./],
      [zip, { sha256: '0'.repeat(64) }, /^Expected the SHA-256 0{64}/],
      [Buffer.from('no zip'), announce('MODEL', Buffer.from('no zip')), /^Expected a zip archive/],
    ];
    const before = await files();
    for (const [body, said, message] of cases) {
      const { url, upload } = await create('MODEL', zip, said);
      const answer = await put(server.url, url, body);
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ message: expect.stringMatching(message) }] },
      });
      expect(await files()).toEqual(before);
      const input = { uploadId: upload.id };
      const { errors } = await server.mutate('importModel', 'ImportModelInput', input, 'job { id }');
      expect(errors[0]).toMatchObject({
        code: 'CONFLICT',
        message: expect.stringMatching(/PUT its file first/),
      });
    }
  });

  test.each([
    [{ bytes: 0 }, 'bytes'],
    [{ bytes: 2 ** 30 + 1 }, 'bytes'],
    [{ sha256: 'abc' }, 'sha256'],
    [{ fileName: 'a\nb' }, 'fileName'],
    [{ fileName: '' }, 'fileName'],
  ])('is not given for %j', async (wrong, field) => {
    const input = { ...announce('MODEL', zip), ...wrong };
    const { errors } = await server.mutate('createUpload', 'CreateUploadInput', input, CREATED);
    expect(errors[0]).toMatchObject({ code: 'BAD_USER_INPUT', field: [field] });
  });

  test('is not given for more than 2 GiB or 20 files that wait', async () => {
    await create('MODEL', zip, { bytes: 2 ** 30 });
    await create('MODEL', zip, { bytes: 2 ** 30 });
    const more = { ...announce('MODEL', zip) };
    const refused = await server.mutate('createUpload', 'CreateUploadInput', more, CREATED);
    expect(refused.errors[0]).toMatchObject({ code: 'LIMIT_EXCEEDED', field: ['bytes'] });
    changeRows('delete from upload');
    for (let i = 0; i < 20; i++) await create('MODEL', zip);
    const last = await server.mutate('createUpload', 'CreateUploadInput', more, CREATED);
    expect(last.errors[0].code).toBe('LIMIT_EXCEEDED');
    // Those that expired unused wait no longer.
    changeRows(`update upload set expires_at = '2026-01-01T00:00:00.000Z'`);
    await create('MODEL', zip);
  });
});

test('what nobody imports is removed after a day, with files that no row knows', async () => {
  const [young, old] = [await send('MODEL', zip), await send('MODEL', zip)];
  const { upload } = await create('MODEL', zip);
  await writeFile(path.join(data.folder, 'uploads', 'upl_gone.zip.part'), 'x');
  changeRows(`update upload set created_at = '2026-01-01T00:00:00.000Z', expires_at = '2026-01-01T00:15:00.000Z'
    where id in ('${old}', '${upload.id}')`);
  const db = await openDatabase(data.folder);
  await removeStaleUploads(db, createFolderBlobs(data.folder));
  const rows = await db.selectFrom('upload').select('id').execute();
  await db.destroy();
  expect(rows).toEqual([{ id: young }]);
  expect(await files()).toEqual([`${young}.zip`]);
});

describe('with accounts', () => {
  let shared: Awaited<ReturnType<typeof startShared>>;
  let users: Record<'ann' | 'bob' | 'eve' | 'admin', { id: string; headers: Record<string, string> }>;
  beforeAll(async () => {
    shared = await startShared();
    const user = async (name: string, role: RoleName) => {
      const id = await shared.add(name, role);
      return { id, headers: (await shared.issue(id, 'TOKEN')).headers as Record<string, string> };
    };
    users = {
      ann: await user('ann', 'RUNNER'),
      bob: await user('bob', 'RUNNER'),
      eve: await user('eve', 'VIEWER'),
      admin: await user('admin', 'ADMIN'),
    };
  });
  afterAll(() => shared?.stop());
  const created = async () =>
    (await shared.mutate('createUpload', announce('MODEL', zip), CREATED, users.ann.headers)).created;

  test('an address needs no other credential; what came is its sender’s, and is written down', async () => {
    const { url, upload } = await created();
    expect((await put(shared.url, url, zip)).status).toBe(201);
    const importing = (headers: Record<string, string>) =>
      shared.mutate('importModel', { uploadId: upload.id }, 'job { id createdBy { name } }', headers);
    expect((await importing(users.bob.headers)).errors[0].code).toBe('NOT_FOUND');
    const node = `query { node(id: "${upload.id}") { id } }`;
    const seenBy = async (headers: Record<string, string>) =>
      (await shared.ask(node, {}, headers)).body.data.node;
    expect(await seenBy(users.bob.headers)).toBeNull();
    expect(await seenBy(users.eve.headers)).toBeNull();
    expect(await seenBy(users.admin.headers)).toEqual({ id: upload.id });
    const { job } = await importing(users.ann.headers);
    expect(job.createdBy.name).toBe('ann');
    const busy = await importing(users.admin.headers);
    expect(busy.errors[0]).toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/imported already/),
    });
    const log = await shared.ask(
      '{ auditLog(first: 2) { nodes { action entityIds who { name } } } }',
      {},
      users.admin.headers,
    );
    expect(log.body.data.auditLog.nodes).toEqual([
      { action: 'importModel', entityIds: [job.id], who: { name: 'ann' } },
      { action: 'createUpload', entityIds: [upload.id], who: { name: 'ann' } },
    ]);
  });

  test.each([
    ['is a runner no more', { role: 'VIEWER' as const }],
    ['has no account any more', { disabled_at: '2026-01-01T00:00:00Z' }],
  ])('an address does not work for somebody who %s', async (_, change) => {
    const { url } = await created();
    await shared.db.updateTable('user').set(change).where('id', '=', users.ann.id).execute();
    expect((await put(shared.url, url, zip)).status).toBe(404);
    await shared.db
      .updateTable('user')
      .set({ role: 'RUNNER', disabled_at: null })
      .where('id', '=', users.ann.id)
      .execute();
  });
});
