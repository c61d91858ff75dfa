import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { datasetsIn, temporaryFolder } from '@trojanscope/testing/folder';
import { archivesOf, SMALL_COUNTS, smallGtsrb } from '@trojanscope/testing/gtsrb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderBlobs } from '../blobs/folderBlobs.js';
import { fetchGtsrb } from './fetchGtsrb.js';

const served: Record<string, Buffer> = archivesOf(smallGtsrb());
const archives = Object.entries(served).map(([name, bytes]) => ({
  name,
  md5: createHash('md5').update(bytes).digest('hex'),
}));

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let server: Server;
let url: string;
let asked: (string | undefined)[];
beforeEach(async () => {
  temporary = await temporaryFolder();
  asked = [];
  server = createServer((request, response) => {
    asked.push(request.url);
    const bytes = served[path.basename(request.url ?? '')];
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror`;
});
afterEach(async () => {
  server.close();
  await temporary.remove();
});

const fetching = (job: Partial<Parameters<typeof fetchGtsrb>[0]> = {}) =>
  fetchGtsrb({
    blobs: createFolderBlobs(temporary.folder),
    fromUrl: url,
    expected: SMALL_COUNTS,
    archives,
    ...job,
  });

test('downloads, imports, and leaves no archives', async () => {
  const names = new Set<string>();
  const imported = await fetching({ onDownload: (name) => names.add(name) });
  expect(imported.from).toMatch(new RegExp(`^Downloaded from ${url}/;`));
  expect([...names]).toEqual([
    'GTSRB_Final_Test_GT.zip',
    'GTSRB_Final_Test_Images.zip',
    'GTSRB_Final_Training_Images.zip',
  ]);
  expect(asked).toEqual([...names].map((name) => `/mirror/${name}`));
  expect(await datasetsIn(temporary.folder)).toEqual(['gtsrb']);
  expect(existsSync(path.join(temporary.folder, 'downloads/gtsrb'))).toBe(false);
});

test('keeps the archives where that is asked for, and does not download them again', async () => {
  await fetching({ keep: true });
  asked = [];
  await fetching({ replace: true });
  expect(asked).toEqual([]);
});

test('downloads nothing where the data set is there already', async () => {
  await fetching();
  asked = [];
  await expect(fetching()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(asked).toEqual([]);
});

test('imports nothing that is not the official data', async () => {
  await expect(fetching({ archives: undefined })).rejects.toThrow(
    /Test_GT\.zip: expected a file with MD5 fe31e9c9270bbcd7b84b7f21a9d9d9e5/,
  );
  expect(await datasetsIn(temporary.folder)).toEqual([]);
});

test('says which archive is not there', async () => {
  await expect(fetching({ archives: [{ name: 'x.zip', md5: '0' }, ...archives] })).rejects.toThrow(
    /\/mirror\/x\.zip: expected a file, the server answered 404/,
  );
});

test.each([
  '',
  'gtsrb',
  'file:///etc/',
  'ftp://example.org/',
  'https://name:word@example.org/',
  'http://example.org/?a=1',
])('refuses the address %j', async (fromUrl) => {
  await expect(fetching({ fromUrl })).rejects.toThrow(/Expected the http or https address/);
  expect(asked).toEqual([]);
});
