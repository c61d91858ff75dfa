import { readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { processesOf } from '@trojanscope/testing/processes';
import { raw as ask, INSIDE } from '@trojanscope/testing/raw';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';

/** The server's other addresses: pictures, health, pages; and how it refuses what it does not understand. */

const { data, server } = await smokeServer();

const raw = (address: string, options?: Parameters<typeof ask>[2]) => ask(server.url, address, options);
const expectNothingInside = (text: string) => expect(text).not.toMatch(INSIDE);

interface Image {
  url: string;
  width: number;
  height: number;
}

async function pictures(): Promise<Record<string, Image>> {
  const { explanations, models } = await server.query(`{
    explanations(first: 1) { nodes { image { ...I } saliency { ...I } overlay { ...I }
      outcome { image { ...I } sample { image { ...I } } } } }
    models(first: 1) { nodes { trigger { picture { ...I } onSample { ...I } } } }
  } fragment I on Image { url width height }`);
  const { outcome, image, saliency, overlay } = explanations.nodes[0];
  const { picture, onSample } = models.nodes[0].trigger;
  return {
    image,
    saliency,
    overlay,
    outcome: outcome.image,
    sample: outcome.sample.image,
    picture,
    onSample,
  };
}

describe('pictures', () => {
  test('are PNGs of the size they are said to have, which nobody may run or guess at', async () => {
    for (const [name, { url, width, height }] of Object.entries(await pictures())) {
      const response = await fetch(server.url + url);
      expect([name, response.status]).toEqual([name, 200]);
      expect(response.headers.get('content-type')).toBe('image/png');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('content-security-policy')).toBe(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      );
      expect(response.headers.get('cache-control')).toMatch(/immutable/);
      const png = Buffer.from(await response.arrayBuffer());
      // The signature, then the IHDR chunk: width and height; IEND at the end.
      expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
      expect(png.subarray(-8, -4).toString('latin1')).toBe('IEND');
    }
  });

  test('of the explained image and of its outcome are the same', async () => {
    const { image, outcome } = await pictures();
    const [stored, made] = await Promise.all(
      [image!, outcome!].map(async ({ url }) =>
        Buffer.from(await (await fetch(server.url + url)).arrayBuffer()),
      ),
    );
    expect(made!.equals(stored!)).toBe(true);
  });

  const nothing = '0'.repeat(64);
  test.each([
    nothing,
    nothing.toUpperCase(),
    `${nothing}.png`,
    'nothing',
    'smp_shapes_500',
    'smp_shapes_-1',
    'smp_cifar_0',
    'smp_constructor_0',
    'out_00000000000000000000000000_0',
    'constructor',
    '__proto__',
    '%2e%2e%2ftrojanscope.sqlite',
    '..%2ftrojanscope.sqlite',
    '..%2f..%2f..%2f..%2fetc%2fpasswd',
    '%2fetc%2fpasswd',
    '..%5ctrojanscope.sqlite',
    '..%252f..%252fetc%252fpasswd',
    '%2e%2e;%2ftrojanscope.sqlite',
    'x%00.png',
    `${nothing}%00`,
    'file:%2f%2f%2fetc%2fpasswd',
    '%23',
    '%3f',
    'C:%5cwindows%5cwin.ini',
    '%c0%ae%c0%ae%2fetc%2fpasswd',
    'a'.repeat(4_000),
  ])('that do not exist are a 404 in JSON: %s', async (id) => {
    const { status, headers, text } = await raw(`/artifacts/${id}`);
    // What is not even an address is a 400.
    expect([400, 404]).toContain(status);
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control'] ?? '').not.toMatch(/immutable/);
    expect(JSON.stringify(JSON.parse(text))).toMatch(/"code":"(NOT_FOUND|BAD_USER_INPUT)"/);
    expectNothingInside(text);
  });

  test.each([
    '/artifacts/../trojanscope.sqlite',
    '/artifacts/../../../../etc/passwd',
    '/artifacts/%2e%2e/trojanscope.sqlite',
    '/artifacts/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
    '/artifacts//etc/passwd',
    '/artifacts/',
    '/../server.js',
    '/..%2f..%2fpackage.json',
    '/_next/..%2f..%2fpackage.json',
    '/.git/config',
    '/%00',
    '/index.html%00',
    '//etc/passwd',
  ])('paths lead nowhere else: %s', async (address) => {
    const { status, text } = await raw(address);
    expect([400, 403, 404]).toContain(status);
    expect(text).not.toMatch(/root:|SQLite format|"workspaces"|\[core\]/);
    expectNothingInside(text);
  });

  test('whose file is gone are a 404, never kept by a browser', async () => {
    const { overlay } = await pictures();
    await rm(path.join(data.folder, 'artifacts', `${overlay!.url.split('/').at(-1)}.png`));
    const response = await fetch(server.url + overlay!.url);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('of a model that is gone are a 404 that says so, and are there again after the repair', async () => {
    const { models } = await server.query('{ models(first: 1) { nodes { id } } }');
    const folder = path.join(data.folder, 'models', models.nodes[0].id);
    const { outcome } = await pictures();
    // A process of its own keeps the models it has drawn with.
    for (const pid of processesOf('inferenceProcess.js', server.pid)) process.kill(pid, 'SIGKILL');
    await rename(folder, `${folder}.away`);
    let gone = await fetch(server.url + outcome!.url);
    // The first may still have reached the dying process.
    if (gone.status === 500) gone = await fetch(server.url + outcome!.url);
    expect([gone.status, gone.headers.get('cache-control')]).toEqual([404, 'no-store']);
    const { errors } = (await gone.json()) as { errors: unknown };
    expect(errors).toEqual([
      { message: expect.stringMatching(/no model/), extensions: { code: 'DATA_MISSING' } },
    ]);
    await rename(`${folder}.away`, folder);
    expect((await fetch(server.url + outcome!.url)).status).toBe(200);
  });

  test('come again after the process that draws them was killed, and the server lives', async () => {
    const { outcome } = await pictures();
    for (let round = 0; round < 2; round++) {
      for (const pid of processesOf('inferenceProcess.js', server.pid)) process.kill(pid, 'SIGKILL');
      // Asked at once, some while it dies: an error is an answer too, but a broken-off connection is not.
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          await new Promise((resolve) => setTimeout(resolve, i));
          return fetch(server.url + outcome!.url);
        }),
      );
      for (const { status, headers } of answers) {
        expect([200, 500]).toContain(status);
        if (status === 500) expect(headers.get('cache-control') ?? '').not.toMatch(/immutable/);
      }
    }
    const { status } = await fetch(server.url + outcome!.url);
    expect(status).toBe(200);
  });
});

describe('health', () => {
  test('is told as JSON', async () => {
    const live = await fetch(`${server.url}/livez`);
    expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
    const ready = await fetch(`${server.url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: 'ok',
      database: 'ok',
      queue: expect.any(String),
      engine: expect.any(String),
    });
  });

  test('and server agree about the queue', async () => {
    const { server: info } = await server.query(
      '{ server { version queue maximumPageSize queuedJobs runningJobs } }',
    );
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(info).toEqual({
      version,
      queue: expect.any(String),
      maximumPageSize: 100,
      queuedJobs: 0,
      runningJobs: 0,
    });
  });
});

describe('every answer', () => {
  test.each(['/', '/graphql', '/livez', '/no-such-page', '/artifacts/x'])(
    'forbids framing, sniffing and foreign scripts: %s',
    async (address) => {
      const { headers } = await fetch(server.url + address);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(
        /unsafe-eval|script-src[^;]*'unsafe-inline'|https?:/,
      );
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
    },
  );

  test('of a page that is none is a 404', async () => {
    for (const address of ['/no-such-page', '/model/x/y', '/favicon.ico'])
      expect((await fetch(server.url + address)).status).toBe(404);
  });
});

describe('a request that is not understood', () => {
  const json = { 'content-type': 'application/json' };
  const typename = JSON.stringify({ query: '{ __typename }' });
  test.each<[string, string, Record<string, string>]>([
    ['malformed JSON', '{"query": ', json],
    ['an empty body', '', json],
    ['no object', '"query"', json],
    ['null', 'null', json],
    ['no query', '{}', json],
    ['an empty query', '{"query": ""}', json],
    ['a query that is a number', '{"query": 1}', json],
    ['a list of queries', `[${typename}]`, json],
    ['variables that are a list', '{"query": "{ __typename }", "variables": []}', json],
    ['a syntax error', '{"query": "{ models("}', json],
    ['an unknown field', '{"query": "{ models(first: 1) { nodes { colour } } }"}', json],
    ['an unknown argument', '{"query": "{ models(limit: 1) { totalCount } }"}', json],
    ['an unknown operation', '{"query": "query A { __typename }", "operationName": "B"}', json],
    ['a missing variable', '{"query": "query ($id: ID!) { node(id: $id) { id } }"}', json],
    ['a form', 'query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', typename, { 'content-type': 'text/plain' }],
    ['no type', typename, {}],
    ['too long a body', JSON.stringify({ query: `{ __typename }${' '.repeat(300_000)}` }), json],
    ['an unknown encoding', typename, { ...json, 'content-encoding': 'zip' }],
  ])('is told so in JSON with a code and nothing from inside: %s', async (_, body, headers) => {
    const { status, headers: answered, text } = await raw('/graphql', { method: 'POST', headers, body });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(answered['content-type']).toMatch(/json/);
    const { errors } = JSON.parse(text);
    expect(errors[0].message).toMatch(/\w/);
    expect(errors[0].extensions.code).toMatch(/^[A-Z_]+$/);
    expect(errors[0].extensions.code).not.toBe('INTERNAL');
    expectNothingInside(text);
  });

  test('is answered by status when the client speaks graphql-response+json', async () => {
    const ask = async (query: string, variables = {}) =>
      (await server.post({ query, variables }, { accept: 'application/graphql-response+json' })).status;
    expect(await ask('{ __typename }')).toBe(200);
    expect(await ask('{ nothing }')).toBe(400);
    expect(await ask('{')).toBe(400);
    expect(await ask('query ($n: Int!) { models(first: $n) { totalCount } }', { n: 'one' })).toBe(400);
    expect(await ask('{ models(first: 0) { totalCount } }')).toBe(400);
    // Execution began, so the refusal is in the answer.
    expect(await ask('{ models(first: 1, after: "no cursor") { totalCount } }')).toBe(200);
  });

  test('may not come by a link', async () => {
    const { status, text } = await raw('/graphql?query=%7B__typename%7D', {
      headers: { accept: 'text/html' },
    });
    expect(status).toBe(400);
    expectNothingInside(text);
  });
});

test('an internal error is told by a request id, and its cause is in the log alone', async () => {
  const rows = new Database(path.join(data.folder, 'trojanscope.sqlite'));
  const spec = rows.prepare('select id, spec from model').all() as { id: string; spec: string }[];
  rows.exec(`update model set spec = '{ cut off'`);
  try {
    const { body, text } = await server.post({ query: '{ models(first: 1) { nodes { name } } }' });
    const { requestId } = body.errors[0].extensions;
    expect(body.errors[0].extensions).toEqual({
      code: 'INTERNAL',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expectNothingInside(text);
    expect(text).not.toMatch(/JSON|cut off/);
    expect(server.log()).toContain(requestId);
    expect(server.log()).toMatch(/SyntaxError/);
  } finally {
    for (const { id, spec: whole } of spec)
      rows.prepare('update model set spec = ? where id = ?').run(whole, id);
    rows.close();
  }
});
