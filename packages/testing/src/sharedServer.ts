import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createPasswords } from '@trojanscope/api/auth/passwords';
import { issueCredential } from '@trojanscope/api/store/credentials';
import { openDatabase } from '@trojanscope/api/store/database';
import { insertUser } from '@trojanscope/api/store/users';
import type { Role } from '@trojanscope/schema';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { builtFile } from './builtFile.js';
import type { Answer, Variables } from './live.js';
import { temporaryData } from './server.js';

export type RoleName = keyof typeof Role;
export type CredentialKind = Credential['kind'];
type Headers = Record<string, string>;
type Credential = Parameters<typeof issueCredential>[1];

export const PASSWORD = 'correct horse battery';

/**
 * The built app with accounts on, as a process of its own: real HTTP and websockets, but cheap passwords, and a queue
 * that starts nothing. Its database is open here too.
 */
export async function startShared({ publicUrl }: { publicUrl?: string } = {}) {
  const data = await temporaryData();
  const db = await openDatabase(data.folder);
  const passwords = createPasswords(4);
  const child = fork(
    builtFile('sharedServerProcess.js'),
    [JSON.stringify({ data: data.folder, publicUrl })],
    { silent: true },
  );
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const port = await new Promise<unknown>((resolve, reject) => {
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
    async add(name: string, role: RoleName): Promise<string> {
      return insertUser(db, { name, role, passwordHash: await passwords.hash(PASSWORD) });
    },
    /** A credential as the database has it: `{ id, secret, headers }`. */
    async issue(
      userId: string,
      kind: CredentialKind,
      { scope = 'ALL', lastsMs = 60_000 }: Partial<Pick<Credential, 'scope' | 'lastsMs'>> = {},
    ) {
      const credential = await issueCredential(db, { kind, userId, name: 'test', scope, lastsMs });
      return { ...credential, headers: headersOf(kind, credential.secret) };
    },
    async endCredential(id: string) {
      await db
        .updateTable('credential')
        .set({ ended_at: new Date().toISOString() })
        .where('id', '=', id)
        .execute();
    },
    /** One GraphQL request over HTTP. */
    async ask(query: string, variables: Variables = {}, headers: Headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as Answer };
    },
    /** A mutation’s payload. */
    async mutate(name: string, input: object, selection: string, headers?: Headers): Promise<Answer> {
      const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}Input`;
      const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} errors { code message field } } }`;
      const { body, text } = await shared.ask(query, { input }, headers);
      if (!body.data) throw new Error(text);
      return body.data[name];
    },
    /** What a browser’s page sends. */
    browser: (secret: string) => headersOf('SESSION', secret),
    live: (headers?: Headers, connectionParams?: object) => openLive(url, headers, connectionParams),
    async stop() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
      await db.destroy();
      await data.remove();
    },
  };

  function headersOf(kind: CredentialKind, secret: string): Headers {
    if (kind === 'TOKEN') return { authorization: `Bearer ${secret}` };
    return { cookie: `${cookieName}=${secret}`, origin: publicUrl ?? url };
  }
  return shared;
}

/**
 * A websocket as a browser or a script opens it. `ask` gives the first answer of an operation, or undefined where a
 * subscription has none in `quietMs`; `closed` is the close code once it is closed.
 */
export async function openLive(url: string, headers: Headers = {}, connectionParams?: object) {
  class WithHeaders extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols, { headers });
    }
  }
  let tell: (code: number) => void;
  const closed = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WithHeaders,
    lazy: false,
    retryAttempts: 0,
    connectionParams: connectionParams as Variables,
    onNonLazyError: () => {},
    on: { closed: (event) => tell((event as { code: number }).code) },
  });
  return {
    closed,
    async ask(query: string, variables: Variables = {}, quietMs = 200): Promise<Answer> {
      return new Promise((resolve) => {
        let answer: Answer;
        const unsubscribe = client.subscribe(
          { query, variables },
          {
            next: (result) => {
              answer ??= result;
            },
            error: (error) =>
              done({ errors: Array.isArray(error) ? error : [{ closed: (error as Answer).code }] }),
            complete: () => done(answer),
          },
        );
        // A subscription goes on until somebody leaves it; that completes it. Anything else answers, sooner or later.
        const timer = /^\s*subscription/.test(query) ? setTimeout(unsubscribe, quietMs) : undefined;
        function done(value: Answer) {
          clearTimeout(timer);
          resolve(value);
        }
      });
    },
    close: () => client.dispose(),
  };
}
