import { once } from 'node:events';
import { startShared } from '@trojanscope/testing/sharedServer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';

/** What comes the wrong way is refused in words that name the right one, and is no internal error. */

let shared: Awaited<ReturnType<typeof startShared>>;
let headers: Record<string, string>;
let token: { id: string; secret: string };

beforeAll(async () => {
  shared = await startShared();
  const id = await shared.add('ann', 'ADMIN');
  const issued = await shared.issue(id, 'TOKEN');
  token = issued;
  headers = { authorization: `Bearer ${issued.secret}` };
});
afterAll(() => shared.stop());

const ACTIVITY = 'subscription A { activity { id } }';
const TWO = `query Q { viewer { id } } ${ACTIVITY}`;

describe('over HTTP', () => {
  const send = async (method: string, body: unknown, accept = 'application/json') => {
    const address = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : '';
    const response = await fetch(`${shared.url}/graphql${address}`, {
      method,
      headers: {
        ...headers,
        accept,
        'content-type': 'application/json',
        'apollo-require-preflight': '1',
      },
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  };

  test.each<[string, string, unknown, string?]>([
    ['by POST', 'POST', { query: ACTIVITY }],
    ['by POST, among others', 'POST', { query: TWO, operationName: 'A' }],
    [
      'as a stream of parts',
      'POST',
      { query: ACTIVITY },
      'multipart/mixed;subscriptionSpec=1.0, application/json',
    ],
    ['as GraphQL’s own type', 'POST', { query: ACTIVITY }, 'application/graphql-response+json'],
  ])('a subscription %s is refused by the name of where it runs', async (_, method, body, accept) => {
    const { status, text } = await send(method, body, accept);
    expect(status).toBe(400);
    expect(JSON.parse(text).errors[0]).toMatchObject({
      message: expect.stringContaining('graphql-transport-ws'),
      extensions: { code: 'BAD_REQUEST' },
    });
  });

  test.each<[string, string, unknown, string?]>([
    ['a subscription by GET', 'GET', { query: ACTIVITY }],
    ['a mutation by GET', 'GET', { query: 'mutation { logout { errors { message } } }' }],
    ['a batch', 'POST', [{ query: ACTIVITY }]],
    ['a body that is no object', 'POST', 7],
    ['a query that is no text', 'POST', { query: { a: 1 } }],
    ['an operation that is not there', 'POST', { query: TWO, operationName: 'B' }],
    ['an operation’s name that is no text', 'POST', { query: TWO, operationName: 7 }],
    [
      'variables that are a list',
      'POST',
      { query: 'query ($a: ID!) { node(id: $a) { id } }', variables: [1] },
    ],
    ['variables that are text', 'POST', { query: 'query ($a: ID!) { node(id: $a) { id } }', variables: 'a' }],
    ['extensions that are text', 'POST', { query: TWO, operationName: 'Q', extensions: 'a' }],
    [
      'a part that is deferred',
      'POST',
      { query: '{ ... @defer { viewer { id } } }' },
      'multipart/mixed, application/json',
    ],
    ['no type that is spoken', 'POST', { query: 'query Q { viewer { id } }' }, 'text/html'],
    ['a stream of events', 'POST', { query: ACTIVITY }, 'text/event-stream'],
  ])('%s is the client’s mistake', async (_, method, body, accept) => {
    const { status, text } = await send(method, body, accept);
    expect([status >= 400 && status < 500, text]).toEqual([true, expect.not.stringContaining('INTERNAL')]);
  });

  test('and the log knows of no fault', () => {
    expect(shared.log()).not.toMatch(/internal error/);
  });
});

describe('a websocket', () => {
  /** What it is told first, or how it ends. */
  async function open(
    payload: unknown,
    handshake: Record<string, string> = {},
    protocol = 'graphql-transport-ws',
  ) {
    const socket = new WebSocket(`${shared.url.replace('http', 'ws')}/graphql`, protocol, {
      headers: handshake,
    });
    const told = once(socket, 'message').then(([data]) => JSON.parse(String(data)).type);
    const ended = once(socket, 'close').then(([code, reason]) => `${code} ${reason}`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    const first = await Promise.race([told, ended]);
    socket.close();
    return first;
  }
  const bearer = () => headers.authorization!;

  test.each<[string, () => [unknown, Record<string, string>?]]>([
    ['authorization', () => [{ authorization: bearer() }]],
    ['Authorization', () => [{ Authorization: bearer() }]],
    ['AUTHORIZATION', () => [{ AUTHORIZATION: bearer() }]],
    ['headers', () => [{ headers: { Authorization: bearer() } }]],
    ['Headers, beside something else', () => [{ other: 1, Headers: { authorization: bearer() } }]],
    ['the handshake', () => [undefined, { authorization: bearer() }]],
    ['the handshake of our own page', () => [{}, { authorization: bearer(), origin: shared.url }]],
  ])('is let in by %s', async (_, shown) => {
    expect(await open(...shown())).toBe('connection_ack');
  });

  test.each<[string, unknown, Record<string, string>, string]>([
    [
      'nothing',
      undefined,
      {},
      'Expected authorization: "Bearer ts_pat_…" in connection_init or the handshake, or a session.',
    ],
    [
      'no object',
      { headers: 7 },
      {},
      'Expected authorization: "Bearer ts_pat_…" in connection_init or the handshake, or a session.',
    ],
    [
      'a bare token',
      { authorization: 'ts_pat_x' },
      {},
      'Expected authorization: "Bearer ts_pat_…"; what came has another form.',
    ],
    [
      'a proxy’s password',
      {},
      { authorization: 'Basic YTpi' },
      'Expected authorization: "Bearer ts_pat_…"; what came has another form.',
    ],
    [
      'a wrong token',
      { Authorization: 'Bearer ts_pat_x' },
      {},
      'This access token is wrong, has expired or was revoked.',
    ],
    [
      'a wrong token of the handshake',
      {},
      { authorization: 'Bearer ts_pat_x' },
      'This access token is wrong, has expired or was revoked.',
    ],
    ['an old session', {}, { cookie: 'ts_session=ts_ses_x' }, 'The session has ended: sign in again.'],
  ])('that shows %s is told what is expected', async (_, payload, handshake, reason) => {
    expect(await open(payload, handshake)).toBe(`4403 ${reason}`);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  test('of another subprotocol is told which is spoken', async () => {
    expect(await open({}, {}, 'graphql-ws')).toBe('4406 Expected the subprotocol graphql-transport-ws.');
  });

  test('of another site is refused with the reason, token or not', async () => {
    const socket = new WebSocket(`${shared.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { ...headers, origin: 'https://evil.example' },
    });
    const [, response] = await once(socket, 'unexpected-response');
    let text = '';
    for await (const chunk of response) text += chunk;
    expect([response.statusCode, text]).toEqual([403, expect.stringContaining('https://evil.example')]);
  });

  test('whose token has ended is not let in again', async () => {
    await shared.endCredential(token.id);
    expect(await open({ authorization: bearer() })).toMatch(/^4403 This access token/);
  });
});
