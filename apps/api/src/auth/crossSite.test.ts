import { once } from 'node:events';
import { within } from '@trojanscope/testing/live';
import { type CredentialKind, PASSWORD, startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';

/** What other sites can do with a browser that is signed in, what a cookie is like, and how long a websocket lives. */

let shared: Awaited<ReturnType<typeof startShared>>;
let adminId: string;
type Headers = Record<string, string>;
const cookie = async () => {
  const { secret } = await shared.issue(adminId, 'SESSION');
  return `${shared.cookieName}=${secret}`;
};

beforeAll(async () => {
  shared = await startShared();
  adminId = await shared.add('admin', 'ADMIN');
});
afterAll(() => shared.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const MUTATION =
  'mutation { createUser(input: { name: "eve", password: "correct horse battery" }) { user { name } } }';

describe('with the cookie of an admin', () => {
  const post = async (headers: Headers, body: string | FormData = JSON.stringify({ query: MUTATION })) =>
    fetch(`${shared.url}/graphql`, { method: 'POST', headers: { cookie: await cookie(), ...headers }, body });
  const users = async () => {
    const row = await shared.db
      .selectFrom('user')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return row.count;
  };

  test.each<[string, Headers]>([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['our host on another port', { origin: 'http://127.0.0.1:1' }],
    ['an origin that is kept back', { origin: 'null' }],
    [
      'a foreign origin that calls itself same',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['no origin, from another site', { 'sec-fetch-site': 'cross-site' }],
    ['no origin, from another host of the domain', { 'sec-fetch-site': 'same-site' }],
    ['nothing that says where it comes from', {}],
  ])('a mutation from %s is a 403, and nothing is done', async (_, headers) => {
    const response = await post({ ...JSON_TYPE, ...headers });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      403,
      'application/json; charset=utf-8',
    ]);
    expect(((await response.json()) as { errors: [{ extensions: object }] }).errors[0].extensions).toEqual({
      code: 'FORBIDDEN',
    });
    expect(await users()).toBe(1);
  });

  test.each([
    ['text/plain', JSON.stringify({ query: MUTATION })],
    ['application/x-www-form-urlencoded', `query=${encodeURIComponent(MUTATION)}`],
    [
      'multipart/form-data; boundary=x',
      `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: MUTATION })}\r\n--x--\r\n`,
    ],
  ])('a form of our own page is refused too: %s', async (type, body) => {
    const response = await post({ 'content-type': type, origin: shared.url }, body);
    expect([400, 415]).toContain(response.status);
    expect(await users()).toBe(1);
  });

  test('a link is refused, with a mutation and with a query', async () => {
    for (const query of [MUTATION, '{ users(first: 1) { totalCount } }']) {
      const response = await fetch(`${shared.url}/graphql?query=${encodeURIComponent(query)}`, {
        headers: { cookie: await cookie(), 'sec-fetch-site': 'none' },
      });
      expect(response.status).toBe(400);
    }
    expect(await users()).toBe(1);
  });

  test('a picture for another site’s page is a 403', async () => {
    const headers = { cookie: await cookie(), origin: 'https://evil.example' };
    expect((await fetch(`${shared.url}/artifacts/x`, { headers })).status).toBe(403);
  });

  test.each<[string, () => Headers]>([
    ['its origin', () => ({ origin: shared.url })],
    ['its site', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])('our own page is served, by %s', async (_, headers) => {
    const query = JSON.stringify({ query: '{ users(first: 1) { totalCount } }' });
    const response = await post({ ...JSON_TYPE, ...headers() }, query);
    expect([response.status, await response.json()]).toEqual([200, { data: { users: { totalCount: 1 } } }]);
  });
});

test('another site cannot sign a browser in', async () => {
  const query = `mutation { login(input: { name: "admin", password: "${PASSWORD}" }) { viewer { name } } }`;
  const foreign = await shared.ask(query, {}, { origin: 'https://evil.example' });
  expect([foreign.status, foreign.headers.get('set-cookie')]).toEqual([403, null]);
});

test('a script with a token need not say where it comes from', async () => {
  const { headers } = await shared.issue(adminId, 'TOKEN');
  expect((await shared.ask('{ server { version } }', {}, headers)).status).toBe(200);
});

describe('without signing in', () => {
  test('health and pages are open, everything else is a 401 in JSON', async () => {
    const get = async (address: string, headers: Headers = {}) => {
      const response = await fetch(shared.url + address, { headers });
      return {
        status: response.status,
        type: response.headers.get('content-type'),
        text: await response.text(),
      };
    };
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    for (const address of [`/artifacts/${'0'.repeat(64)}`, '/artifacts/smp_shapes_0', '/anything/else.csv']) {
      const answer = await get(address);
      expect([answer.status, answer.type]).toEqual([401, 'application/json; charset=utf-8']);
      expect(JSON.parse(answer.text).errors[0].extensions).toEqual({ code: 'UNAUTHENTICATED' });
    }
    const { headers } = await shared.issue(adminId, 'TOKEN', { scope: 'READ' });
    expect((await get(`/artifacts/${'0'.repeat(64)}`, headers)).status).toBe(404);
  });

  test.each([
    '{ __schema { types { name } } }',
    '{ viewer { id } ...f } fragment f on Query { __type(name: "Job") { name } }',
  ])('the schema is not told: %s', async (query) => {
    const refused = await shared.ask(query);
    expect(refused.body.data).toBeUndefined();
    expect(refused.body.errors[0].extensions.code).toBe('UNAUTHENTICATED');
    const { headers } = await shared.issue(adminId, 'TOKEN', { scope: 'READ' });
    expect((await shared.ask(query, {}, headers)).body.errors).toBeUndefined();
  });
});

describe('behind a proxy that speaks TLS', () => {
  let behind: Awaited<ReturnType<typeof startShared>>;
  beforeAll(async () => {
    behind = await startShared({ publicUrl: 'https://lab.example' });
    await behind.add('admin', 'ADMIN');
  });
  afterAll(() => behind.stop());

  test('the cookie is bound to the host and to TLS', async () => {
    const query = `mutation { login(input: { name: "admin", password: "${PASSWORD}" }) { viewer { name } } }`;
    const { headers } = await behind.ask(query, {}, { origin: 'https://lab.example' });
    const [set] = headers.getSetCookie();
    expect(set).toMatch(
      /^__Host-ts_session=ts_ses_[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    const secret = set!.split(';')[0]!.split('=')[1]!;
    const me = async (given: string) =>
      (await behind.ask('{ viewer { name } }', {}, { cookie: given, origin: 'https://lab.example' })).body
        .data.viewer;
    expect(await me(`__Host-ts_session=${secret}`)).toEqual({ name: 'admin' });
    // Another host of the domain can set this one.
    expect(await me(`ts_session=${secret}`)).toBeNull();
  });
});

describe('a websocket', () => {
  const ACTIVITY = 'subscription { activity { id } }';
  const handshake = async (headers: Headers) => {
    const socket = new WebSocket(`${shared.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers,
    });
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
    ]);
    socket.on('error', () => {});
    socket.terminate();
    return outcome;
  };

  test('of a foreign page is a 403 at the handshake, with or without the cookie', async () => {
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
      expect(await handshake({ origin })).toBe(403);
      expect(await handshake({ origin, cookie: await cookie() })).toBe(403);
    }
    expect(await handshake({ origin: shared.url, cookie: await cookie() })).toBe(101);
  });

  test.each<[string, () => Promise<[Headers, object?]>]>([
    ['by cookie', async () => [{ cookie: await cookie(), origin: shared.url }]],
    ['by token', async () => [{}, (await shared.issue(adminId, 'TOKEN', { scope: 'READ' })).headers]],
  ])('is let in %s', async (_, shown) => {
    const [headers, parameters] = await shown();
    const live = await shared.live(headers, parameters);
    expect(await live.ask('{ viewer { name } }')).toEqual({ data: { viewer: { name: 'admin' } } });
    await live.close();
  });

  test.each<[string, object | undefined]>([
    ['nothing', undefined],
    ['a wrong token', { authorization: 'Bearer ts_pat_x' }],
    ['no token', { authorization: 7 }],
  ])('that shows %s is closed with 4403', async (_, parameters) => {
    const live = await shared.live({}, parameters);
    expect(await within(5_000, 'the refusal', () => live.closed)).toBe(4403);
  });

  test.each<[string, CredentialKind, number, (userId: string, id: string) => Promise<unknown>]>([
    [
      'its token is revoked',
      'TOKEN',
      60_000,
      (_, id) => act('revokeAccessToken', { accessTokenId: id }, 'accessToken { id }'),
    ],
    [
      'its owner’s account is closed',
      'TOKEN',
      60_000,
      (userId) => act('setUserDisabled', { userId, disabled: true }, 'user { id }'),
    ],
    [
      'its owner’s account is closed',
      'SESSION',
      60_000,
      (userId) => act('setUserDisabled', { userId, disabled: true }, 'user { id }'),
    ],
    [
      'its owner’s password is reset',
      'SESSION',
      60_000,
      (userId) => act('resetPassword', { userId, password: PASSWORD }, 'user { id }'),
    ],
    ['its session is ended by another process', 'SESSION', 60_000, (_, id) => shared.endCredential(id)],
    ['its token expires', 'TOKEN', 1_500, async () => {}],
  ])('with a subscription is closed within seconds when %s (%s)', async (_, kind, lastsMs, end) => {
    const userId = await shared.add(`user${++made}`, 'VIEWER');
    const { id, headers } = await shared.issue(userId, kind, { lastsMs });
    const live = await (kind === 'TOKEN' ? shared.live({}, headers) : shared.live(headers));
    expect(await live.ask(ACTIVITY)).toBeUndefined();
    await end(userId, id);
    expect(await within(4_000, 'the end of the websocket', () => live.closed)).toBe(4403);
  });

  test('stays open while others’ end', async () => {
    const userId = await shared.add(`user${++made}`, 'VIEWER');
    const [mine, other] = [await shared.issue(userId, 'SESSION'), await shared.issue(userId, 'SESSION')];
    const [live, ended] = [await shared.live(mine.headers), await shared.live(other.headers)];
    expect(await live.ask('{ viewer { name } }')).toMatchObject({ data: { viewer: {} } });
    expect(await ended.ask('{ viewer { name } }')).toMatchObject({ data: { viewer: {} } });
    await shared.endCredential(other.id);
    expect(await within(4_000, 'the end of the websocket', () => ended.closed)).toBe(4403);
    expect(await live.ask('{ viewer { role } }')).toEqual({ data: { viewer: { role: 'VIEWER' } } });
    await live.close();
  });

  let made = 0;
  async function act(name: string, input: object, selection: string) {
    const { headers } = await shared.issue(adminId, 'SESSION');
    expect((await shared.mutate(name, input, selection, headers)).errors).toEqual([]);
  }
});
