import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { temporaryData } from './server.mjs';

const PROCESS = fileURLToPath(new URL('./sharedServerProcess.mjs', import.meta.url));
const built = (name) => import(new URL(`../../dist/${name}`, import.meta.url).href);

export const PASSWORD = 'correct horse battery';

/**
 * The built app with accounts on, as a process of its own: real HTTP and websockets, but cheap passwords, and a queue
 * that starts nothing. Its database is open here too.
 * @param {{ publicUrl?: string }} [options]
 */
export async function startShared({ publicUrl } = {}) {
  const { openDatabase } = await built('store/database.js');
  const { createPasswords } = await built('auth/passwords.js');
  const { issueCredential } = await built('store/credentials.js');
  const { insertUser } = await built('store/users.js');

  const data = await temporaryData();
  /** @type {import('../store/database.js').Db} */
  const db = await openDatabase(data.folder);
  const passwords = createPasswords(4);
  const child = fork(PROCESS, [JSON.stringify({ data: data.folder, publicUrl })], { silent: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const port = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error(output)));
  });
  const url = `http://127.0.0.1:${port}`;
  const cookieName = publicUrl?.startsWith('https:') ? '__Host-ts_session' : 'ts_session';

  const shared = {
    url,
    data,
    db,
    log: () => output,
    cookieName,
    /** @returns the user's id */
    async add(name, role) {
      return insertUser(db, { name, role, passwordHash: await passwords.hash(PASSWORD) });
    },
    /** A credential as the database has it: `{ id, secret, headers }`. */
    async issue(userId, kind, { scope = 'ALL', lastsMs = 60_000 } = {}) {
      const credential = await issueCredential(db, { kind, userId, name: 'test', scope, lastsMs });
      return { ...credential, headers: headersOf(kind, credential.secret) };
    },
    async endCredential(id) {
      await db
        .updateTable('credential')
        .set({ ended_at: new Date().toISOString() })
        .where('id', '=', id)
        .execute();
    },
    /** One GraphQL request over HTTP. */
    async ask(query, variables = {}, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
    },
    /** A mutation’s payload. */
    async mutate(name, input, selection, headers) {
      const type = `${name[0].toUpperCase()}${name.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} errors { code message field } } }`;
      const { body, text } = await shared.ask(query, { input }, headers);
      if (!body.data) throw new Error(text);
      return body.data[name];
    },
    /** What a browser’s page sends. */
    browser: (secret) => headersOf('SESSION', secret),
    live: (headers, connectionParams) => openLive(url, headers, connectionParams),
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
      await db.destroy();
      await data.remove();
    },
  };

  function headersOf(kind, secret) {
    if (kind === 'TOKEN') return { authorization: `Bearer ${secret}` };
    return { cookie: `${cookieName}=${secret}`, origin: publicUrl ?? url };
  }
  return shared;
}

/**
 * A websocket as a browser or a script opens it. `ask` gives the first answer of an operation, or undefined where a
 * subscription has none in `quietMs`; `closed` is the close code once it is closed.
 */
export async function openLive(url, headers = {}, connectionParams = undefined) {
  class WithHeaders extends WebSocket {
    constructor(address, protocols) {
      super(address, protocols, { headers });
    }
  }
  let tell;
  const closed = new Promise((resolve) => {
    tell = resolve;
  });
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithHeaders,
    lazy: false,
    retryAttempts: 0,
    connectionParams,
    onNonLazyError: () => {},
    on: { closed: (event) => tell(event.code) },
  });
  return {
    closed,
    async ask(query, variables = {}, quietMs = 200) {
      return new Promise((resolve) => {
        let answer;
        const unsubscribe = client.subscribe(
          { query, variables },
          {
            next: (result) => {
              answer ??= result;
            },
            error: (error) => done({ errors: Array.isArray(error) ? error : [{ closed: error.code }] }),
            complete: () => done(answer),
          },
        );
        // A subscription goes on until somebody leaves it; that completes it. Anything else answers, sooner or later.
        const timer = /^\s*subscription/.test(query) ? setTimeout(unsubscribe, quietMs) : undefined;
        function done(value) {
          clearTimeout(timer);
          resolve(value);
        }
      });
    },
    close: () => client.dispose(),
  };
}
