import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** What goes over the wire is compressed where the client takes it. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder, args: ['--no-quickstart'] });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

/** By hand, because `fetch` unpacks what comes. */
function get(
  path: string,
  encoding: string,
  init: { method?: string; body?: string; headers?: object } = {},
) {
  return new Promise<{ status: number; headers: Record<string, string>; body: Buffer }>((resolve, reject) => {
    const asked = request(
      server.url + path,
      { method: init.method ?? 'GET', headers: { 'accept-encoding': encoding, ...init.headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            headers: response.headers as Record<string, string>,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(init.body);
  });
}
const unpack = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

/** The same content in each encoding, smaller than as it is, told apart by caches. */
async function expectCompressed(path: string, init: Parameters<typeof get>[2] = {}) {
  const plain = await get(path, 'identity', init);
  expect(plain.headers['content-encoding']).toBeUndefined();
  const etags = new Set([plain.headers.etag]);
  for (const encoding of ['br', 'gzip'] as const) {
    const answer = await get(path, `${encoding}, deflate;q=0.1`, init);
    expect([path, answer.status, answer.headers['content-encoding']]).toEqual([path, 200, encoding]);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(answer.body.length).toBeLessThan(0.8 * plain.body.length);
    expect(unpack[encoding](answer.body).equals(plain.body)).toBe(true);
    expect(answer.headers['content-type']!.toLowerCase()).toBe(plain.headers['content-type']!.toLowerCase());
    expect(answer.headers['cache-control']).toBe(plain.headers['cache-control']);
    etags.add(answer.headers.etag);
    if (!answer.headers.etag) continue;
    const headers = { ...init.headers, 'if-none-match': answer.headers.etag };
    const again = await get(path, encoding, { ...init, headers });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  }
  return { plain, etags };
}

test('scripts and styles, which were compressed when they were built', async () => {
  const { body } = await get('/models/', 'identity');
  const assets = [...body.toString().matchAll(/"(\/_next\/static\/[^"?]+\.(?:js|css))"/g)].map(
    ([, path]) => path!,
  );
  const large: string[] = [];
  for (const path of new Set(assets)) {
    if ((await get(path, 'identity')).body.length < 1024) continue;
    const { plain, etags } = await expectCompressed(path);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    if (etags.size === 3) large.push(path);
  }
  // A strong or weak ETag of its own for each form that lies there.
  expect(large.length).toBeGreaterThan(3);
});

test('pages, answers and downloads, as they are made', async () => {
  await expectCompressed('/models/');
  await expectCompressed('/downloads/curves.csv');
  await expectCompressed('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __schema { types { name description } } }' }),
  });
});

test('not pictures, nor what says that nobody may change it, nor what is small', async () => {
  const { body } = await get('/graphql', 'identity', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ explanations(first: 1) { nodes { image { url } } } }' }),
  });
  const [, picture] = body.toString().match(/"url":"([^"]+)"/)!;
  for (const path of [picture!, '/livez']) {
    const answer = await get(path, 'br, gzip');
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, undefined]);
  }
});
