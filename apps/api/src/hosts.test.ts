import { within } from '@trojanscope/testing/live';
import { raw } from '@trojanscope/testing/raw';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { createHosts } from './hosts.js';

/** Under which names the server answers, and which pages may speak to it. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData();
  server = await startServer({
    data: data.folder,
    args: ['--no-quickstart', '--allow-host', 'scope.example', '--allow-host', 'Other.Example:8443'],
  });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const ask = (headers: Record<string, string>) =>
  raw(server.url, '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"query":"{ __typename }"}',
  });
const handshake = (headers: Record<string, string>) =>
  within(5_000, 'a handshake', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    });
    const answer = await new Promise<string>((resolve) => {
      socket.on('open', () => resolve('open'));
      socket.on('error', ({ message }) => resolve(message));
    });
    socket.close();
    return answer;
  });

const OURS = [
  'localhost',
  'localhost:4000',
  'LOCALHOST:1',
  'localhost.:80',
  '127.0.0.1',
  '127.0.0.1:65535',
  '[::1]',
  '[::1]:4000',
  'scope.example',
  'scope.example:443',
  'other.example',
  'other.example:1',
];
const FOREIGN = [
  'evil.example',
  'evil.example:4000',
  'localhost.evil.example',
  'evil.example.localhost',
  'evil-localhost',
  '127.0.0.1.evil.example:80',
  'scope.example.evil.example',
  'xscope.example',
  '10.0.0.1',
  '127.0.0.2',
  '0.0.0.0',
  '[::2]',
  '2130706433',
  'localhost@evil.example',
  'evil.example#localhost',
  'localhost:80:evil.example',
  'localhost, evil.example',
  'x',
];

describe('the name that a request is sent to', () => {
  test.each(OURS)('is ours: %s', async (host) => {
    expect((await ask({ host })).status).toBe(200);
    expect(await handshake({ host })).toBe('open');
  });

  test.each(FOREIGN)('is foreign, on every address and on a websocket: %s', async (host) => {
    const { status, headers, text } = await ask({ host });
    expect(status).toBe(403);
    expect(headers['content-type']).toMatch(/json/);
    expect(JSON.parse(text)).toEqual({
      errors: [
        {
          message: expect.stringMatching(/^This server is not “.*--allow-host/),
          extensions: { code: 'FORBIDDEN' },
        },
      ],
    });
    for (const address of ['/', '/livez', '/artifacts/x', '/no-such-page'])
      expect([address, (await raw(server.url, address, { headers: { host } })).status]).toEqual([
        address,
        403,
      ]);
    expect(await handshake({ host })).toBe('Unexpected server response: 403');
  });

  test('is taken from Host alone, whatever a client claims that a proxy saw', async () => {
    const forged = { 'x-forwarded-host': 'localhost', forwarded: 'host=localhost' };
    expect((await ask({ host: 'evil.example', ...forged })).status).toBe(403);
  });
});

describe('the page that a request comes from', () => {
  test.each([
    ['none: a program', {}],
    ['the server’s own', { host: 'localhost:4000', origin: 'http://localhost:4000' }],
    [
      'the server’s own, behind a proxy that ends TLS',
      { host: 'scope.example', origin: 'https://scope.example' },
    ],
    [
      'one of an allowed host, behind a proxy that hides it',
      { host: '127.0.0.1:4000', origin: 'https://scope.example:8443' },
    ],
  ])('may be %s', async (_, headers) => {
    expect((await ask(headers)).status).toBe(200);
    expect(await handshake(headers)).toBe('open');
  });

  test.each([
    'http://evil.example',
    'https://scope.example.evil.example',
    'http://localhost:1',
    'http://localhost',
    'null',
    'file://',
    'chrome-extension://abcdef',
    'not an origin',
  ])('may not be %s', async (origin) => {
    const { status, text } = await ask({ host: 'localhost:4000', origin });
    expect(status).toBe(403);
    expect(JSON.parse(text).errors[0].extensions).toEqual({ code: 'FORBIDDEN' });
    expect(await handshake({ host: 'localhost:4000', origin })).toBe('Unexpected server response: 403');
  });

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'cannot be foreign by sending what needs no permission: %s',
    async (type) => {
      for (const origin of [undefined, 'http://evil.example']) {
        const { status } = await ask({ 'content-type': type, ...(origin && { origin }) });
        expect([400, 403, 415]).toContain(status);
      }
    },
  );
});

describe('a server that listens on all addresses', () => {
  const hosts = createHosts('0.0.0.0', []);
  const check = (host: string) => () => hosts.check({ headers: { host } });

  test('answers under the machine’s own addresses, and is not fooled by names', () => {
    expect(check('localhost:4000')).not.toThrow();
    expect(check('127.0.0.1')).not.toThrow();
    expect(check('evil.example')).toThrow(/--allow-host evil|not “evil.example”/);
    expect(check('203.0.113.7')).toThrow(/not “203/);
  });

  test('may be given names in the environment, with commas', async () => {
    const own = await temporaryData();
    const named = await startServer({
      data: own.folder,
      env: { TROJANSCOPE_ALLOW_HOST: 'a.example,b.example' },
    });
    try {
      const status = async (host: string) => (await raw(named.url, '/livez', { headers: { host } })).status;
      expect([await status('a.example'), await status('b.example:80'), await status('c.example')]).toEqual([
        200, 200, 403,
      ]);
    } finally {
      await named.stop();
      await own.remove();
    }
  });
});
