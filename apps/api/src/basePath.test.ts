import { createHash } from 'node:crypto';
import { freePort, isInstalled, PROXIES, startProxy } from '@trojanscope/testing/proxies';
import { raw } from '@trojanscope/testing/raw';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { PASSWORD, startShared } from '@trojanscope/testing/sharedServer';
import { zipOf } from '@trojanscope/testing/zip';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import WebSocket from 'ws';

/** A server under a path of its host: behind real proxies, that pass the path on or take it off, and at its own address. */

const BASE = '/user/me@lab/proxy/4000';
let port: number;
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;

beforeAll(async () => {
  port = await freePort();
  data = await temporaryData(inject('smoke').data);
  const args = ['--no-quickstart', '--public-url', `http://127.0.0.1:${port}${BASE}/`];
  server = await startServer({ data: data.folder, args });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

describe.each(PROXIES)('behind %s (takes the path off: %j)', (name, strips) => {
  test.skipIf(!isInstalled(name))(
    `pages, assets, answers, downloads, uploads and websockets are there${isInstalled(name) ? '' : `: ${name} is not installed`}`,
    async () => {
      const stop = await startProxy(name, { port, upstream: server.url, basePath: BASE, strips });
      try {
        await expectWhole(`http://127.0.0.1:${port}`);
      } finally {
        await stop();
      }
    },
  );
});

test('at its own address, with the path and without', async () => {
  await expectWhole(server.url);
  expect((await fetch(`${server.url}/models/`)).status).toBe(200);
  expect(await (await fetch(`${server.url}/livez`)).json()).toEqual({ status: 'ok' });
  // What only begins alike is not below it.
  expect((await fetch(`${server.url}${BASE}0/livez`)).status).toBe(404);
});

interface Answered {
  explanations: { nodes: { image: { url: string; thumbnailUrl: string } }[] };
  sweeps: { nodes: { id: string }[] };
  createUpload: { created: { url: string }; errors: object[] };
}

async function expectWhole(origin: string): Promise<void> {
  const ask = async (query: string, variables = {}) => {
    const response = await fetch(`${origin}${BASE}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ query, variables }),
    });
    return ((await response.json()) as { data: Answered }).data;
  };
  for (const page of ['/', '/models/', '/graphiql/']) {
    const response = await fetch(`${origin}${BASE}${page}`);
    const html = await response.text();
    expect(response.status).toBe(200);
    const addresses = [...html.matchAll(/ (?:src|href)="([^"#]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(10);
    expect(html).not.toContain('__base_path__');
    for (const address of new Set(addresses)) {
      expect(address.startsWith(`${BASE}/`), address).toBe(true);
      const { status } = await fetch(origin + address, { redirect: 'manual' });
      expect([200, 308], address).toContain(status);
    }
    // Every script of the page is one that its policy lets run.
    const policy = response.headers.get('content-security-policy')!;
    const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)];
    for (const [, script] of inline)
      expect(policy).toContain(createHash('sha256').update(script!).digest('base64'));
    const etag = response.headers.get('etag')!;
    const again = await raw(origin, `${BASE}${page}`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  }
  const bare = await fetch(`${origin}${BASE}/models?q=a`, { redirect: 'manual' });
  expect([bare.status, bare.headers.get('location')!.replace(origin, '')]).toEqual([
    301,
    `${BASE}/models/?q=a`,
  ]);
  expect((await fetch(`${origin}${BASE}`)).status).toBe(200);
  expect((await fetch(`${origin}${BASE}/nothing`)).status).toBe(404);

  const { explanations, sweeps } = await ask(
    '{ explanations(first: 1) { nodes { image { url thumbnailUrl } } } sweeps(first: 1) { nodes { id } } }',
  );
  const { url, thumbnailUrl } = explanations.nodes[0]!.image;
  for (const picture of [url, thumbnailUrl]) {
    expect(picture.startsWith(`${BASE}/artifacts/`)).toBe(true);
    expect((await fetch(origin + picture)).headers.get('content-type')).toMatch(/^image\//);
  }
  const csv = await fetch(`${origin}${BASE}/downloads/curves.csv`);
  expect([csv.status, (await csv.text()).split('\n').length > 2]).toEqual([200, true]);

  const bytes = zipOf([{ name: 'a', content: 'b'.repeat(2_000_000) }]);
  const { createUpload } = await ask(
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { created { url } errors { message } } }',
    {
      input: {
        kind: 'MODEL',
        fileName: 'theirs.zip',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      },
    },
  );
  expect(createUpload.errors).toEqual([]);
  const sent = await fetch(origin + createUpload.created.url, { method: 'PUT', body: bytes });
  expect(sent.status).toBe(201);

  const client = createClient({
    url: `${origin.replace('http', 'ws')}${BASE}/graphql`,
    webSocketImpl: class extends WebSocket {
      constructor(address: string, protocols: string) {
        super(address, protocols, { origin });
      }
    },
    retryAttempts: 0,
  });
  const points = client.iterate({
    query: 'subscription ($id: ID!) { sweepProgress(sweepId: $id) { __typename } }',
    variables: { id: sweeps.nodes[0]!.id },
  });
  expect(await points.next()).toMatchObject({
    value: { data: { sweepProgress: { __typename: expect.any(String) } } },
  });
  await points.return?.();
  await client.dispose();
}

test.each([
  ['https://lab.example', /^__Host-ts_session=\S+; Max-Age=\d+; Path=\/; HttpOnly; Secure/],
  [
    'https://lab.example/trojanscope/',
    /^__Secure-ts_session=\S+; Max-Age=\d+; Path=\/trojanscope; HttpOnly; Secure/,
  ],
])('the session of %s is bound to it, and opens a websocket', async (publicUrl, expected) => {
  const shared = await startShared({ publicUrl });
  try {
    await shared.add('ann', 'ADMIN');
    const login = 'mutation ($input: LoginInput!) { login(input: $input) { errors { message } } }';
    const origin = new URL(publicUrl).origin;
    const { headers } = await shared.ask(login, { input: { name: 'ann', password: PASSWORD } }, { origin });
    const cookie = headers.get('set-cookie')!;
    expect(cookie).toMatch(expected);
    const live = await shared.live({ origin, cookie: cookie.split(';')[0]! }, undefined);
    expect(await live.ask('{ viewer { name } }')).toEqual({ data: { viewer: { name: 'ann' } } });
    await live.close();
  } finally {
    await shared.stop();
  }
});
