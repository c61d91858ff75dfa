import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, createLive, type Variables } from './live.js';

const SERVER = fileURLToPath(new URL('../../../apps/api/dist/server.js', import.meta.url));
const START_MS = 120_000;
const STOP_MS = 15_000;

/** A data folder of its own, empty or a copy, that `remove` deletes. */
export async function temporaryData(copyOf?: string): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trojanscope-test-'));
  if (copyOf) await cp(copyOf, folder, { recursive: true });
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** None outlives the script or test that started it, unless that is killed with SIGKILL. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// Without somebody who listens, a signal ends a process without its exit being told.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => process.exit(128 + constants.signals[signal]));

export interface ServerOptions {
  /** Null leaves it to the server. */
  data: string | null;
  port?: number;
  args?: readonly string[];
  env?: Record<string, string | undefined>;
  /** A program to start it under, and its arguments. */
  under?: readonly string[];
}

export type TestServer = Awaited<ReturnType<typeof startServer>>;

/**
 * Starts the built server as a process of its own and waits until it says where it is. `log()` is all it printed; `stop()`
 * asks it to end and gives exit code, signal and how long it took; `kill()` is kill -9.
 */
export async function startServer({
  data,
  port = 0,
  args = ['--no-quickstart'],
  env = {},
  under = [],
}: ServerOptions) {
  if (!existsSync(SERVER))
    throw new Error(`${SERVER} is not there: run \`npx turbo run build --filter=./apps/api\` first.`);
  const started = performance.now();
  const [program, ...rest] = [...under, process.execPath, SERVER];
  const child = spawn(
    program!,
    [...rest, '--port', String(port), ...(data === null ? [] : ['--data', data]), ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // As npm start does.
      env: { NODE_ENV: 'production', ...process.env, ...env },
    },
  );
  let output = '';
  running.add(child);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on('exit', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    }),
  );
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`The server did not start within ${START_MS} ms. It said:\n${output}`));
    }, START_MS);
    const read = (chunk: Buffer) => {
      output += chunk;
      const address = / is at (http:\S+)/.exec(output);
      if (!address) return;
      clearTimeout(timer);
      resolve(address[1]!);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`The server ended (${signal ?? `exit ${code}`}) before it listened:\n${output}`));
    });
  });

  const server = {
    url,
    data,
    pid: child.pid!,
    startMs: performance.now() - started,
    exited,
    log: () => output,
    /** One GraphQL request over HTTP: status, headers and the answer. */
    async post(body: string | object, headers: Record<string, string> = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parse(text) };
    },
    /** The data of a request that must succeed. */
    async query(query: string, variables: Variables = {}): Promise<Answer> {
      const { body, text } = await server.post({ query, variables });
      if (!body || body.errors)
        throw new Error(`${query}\n${text}\nThe server said:\n${output.slice(-1_500)}`);
      return body.data;
    },
    /** The payload of a mutation with one input. */
    async mutate(name: string, inputType: string, input: object, selection: string): Promise<Answer> {
      const query = `mutation ($input: ${inputType}!) { ${name}(input: $input) { ${selection} errors { code message field } } }`;
      return (await server.query(query, { input }))[name];
    },
    live: () => createLive(url),
    async stop() {
      const from = performance.now();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const end = await exited;
      clearTimeout(timer);
      return { ...end, ms: performance.now() - from };
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
  return server;
}

function parse(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
