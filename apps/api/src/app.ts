import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import { TrojanscopeError } from '@trojanscope/core';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Config } from './config.js';
import { createAdmission, PARSE_OPTIONS } from './graphql/admission.js';
import { type Context, createLoaders, type ServerParts } from './graphql/context.js';
import { withDeadline } from './graphql/deadline.js';
import { faultOfOurs, firstErrors, formatError, shortened } from './graphql/errors.js';
import { limitRule, refusal } from './graphql/limits.js';
import { createSchema } from './graphql/schema.js';
import { createHosts, hostAllowed, isForeign } from './hosts.js';
import type { Pictures } from './inference/pictures.js';
import { dropSlowReaders } from './slowReaders.js';
import { artifactFile } from './store/artifacts.js';

/** The exported pages. */
export const WEB_FOLDER = fileURLToPath(new URL('../../web/out', import.meta.url));
const BODY_LIMIT = '256kb';
const MESSAGE_LIMIT_BYTES = 64 * 1024;
const MAXIMUM_SOCKETS = 2_000;
const MAXIMUM_CONNECTIONS = 4_000;
/** On one websocket at the same time. */
const MAXIMUM_SUBSCRIPTIONS = 100;
/** A connection on which nothing moves is given up. */
const IDLE_MS = 120_000;
const SOCKET_CLOSE_MS = 2_000;
const CLOSE_MS = 9_000;

export type AppOptions = Pick<Config, 'dataFolder' | 'host' | 'allowHosts' | 'pointsPerMinute' | 'timeoutMs'>;

/** Page, API and pictures on one port. */
export async function createApp(
  parts: ServerParts,
  pictures: Pictures,
  { dataFolder, host, allowHosts, pointsPerMinute, timeoutMs }: AppOptions,
): Promise<{ server: Server; close(): Promise<void> }> {
  const app = express().disable('x-powered-by');
  const server = createServer({ connectionsCheckingInterval: 5_000 }, app);
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.timeout = IDLE_MS;
  const schema = withDeadline(await createSchema());
  const hosts = createHosts(host, allowHosts);
  const admission = createAdmission(schema, { pointsPerMinute, timeoutMs });
  const context = ({ socket }: IncomingMessage): Context => ({
    ...parts,
    load: createLoaders(parts.db),
    caller: socket.remoteAddress ?? 'unknown',
  });

  const apollo = new ApolloServer<Context>({
    schema,
    formatError,
    introspection: true,
    parseOptions: PARSE_OPTIONS,
    validationRules: [limitRule],
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    // The process closes its database itself, in order: see server.ts.
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), admission.plugin],
  });
  await apollo.start();

  const sockets = new WebSocketServer({
    noServer: true,
    path: '/graphql',
    maxPayload: MESSAGE_LIMIT_BYTES,
  });
  server.on('upgrade', (request, socket, head) => {
    const refuseSocket = (status: string) =>
      void socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    if (isForeign(hosts, request)) return refuseSocket('403 Forbidden');
    if (sockets.clients.size >= MAXIMUM_SOCKETS) return refuseSocket('503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  const stopWatching = dropSlowReaders(sockets);
  const live = useServer(
    {
      connectionInitWaitTimeout: 5_000,
      onSubscribe: ({ extra, subscriptions }, _id, message) => {
        if (Object.keys(subscriptions).length > MAXIMUM_SUBSCRIPTIONS) return [tooManySubscriptions()];
        return admission.subscribe(context(extra.request), message);
      },
      // The library would send errors as they are.
      onNext: (_context, _id, _payload, _args, { errors, ...result }) => ({
        ...result,
        ...(errors && { errors: tell(errors) }),
      }),
      onError: (_context, _id, _payload, errors) => [...tell(errors)],
    },
    sockets,
    12_000,
  );

  app.use(securityHeaders(WEB_FOLDER));
  app.use(hostAllowed(hosts));
  health(app, parts);
  app.use(
    '/graphql',
    express.json({ limit: BODY_LIMIT }),
    expressMiddleware(apollo, { context: async ({ req }) => context(req) }),
  );
  artifacts(app, pictures, dataFolder);
  app.use(express.static(WEB_FOLDER, { setHeaders: cacheFor }));
  app.use((_request, response) => {
    response.status(404).sendFile('404.html', { root: WEB_FOLDER }, (error) => {
      if (error && !response.headersSent) response.type('text').send('Not found.');
    });
  });
  app.use(refuse);

  return {
    server,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets.clients) socket.close(1001, 'The server is stopping.');
      // Whoever does not answer is not waited for; replies that are under way are.
      const forceSockets = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, SOCKET_CLOSE_MS);
      const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      // A connection that waits for its next request gets none.
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await live.dispose();
      await closed;
      stopWatching();
      clearTimeout(forceSockets);
      clearTimeout(force);
      clearInterval(idle);
      await apollo.stop();
    },
  };
}

const tell = (errors: readonly GraphQLError[]) =>
  firstErrors(errors.map((error) => formatError(error.toJSON(), error)));

const tooManySubscriptions = () =>
  refusal(
    new TrojanscopeError(
      'LIMIT_EXCEEDED',
      `Expected at most ${MAXIMUM_SUBSCRIPTIONS} subscriptions on a connection.`,
    ),
    400,
  );

function health(app: Express, { db, queue }: ServerParts): void {
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const database = await db
      .selectFrom('job')
      .select('id')
      .limit(1)
      .execute()
      .then(
        () => 'ok',
        (error: Error) => error.message,
      );
    response.status(database === 'ok' ? 200 : 503).json({
      status: database === 'ok' ? 'ok' : 'unavailable',
      database,
      queue: queue.name,
      engine: queue.engine()?.engine ?? 'not loaded yet: the first job loads it',
    });
  });
}

/** Pictures by id alone: a file of the store, or one made now. Both never change. */
function artifacts(app: Express, pictures: Pictures, dataFolder: string): void {
  app.get('/artifacts/:id', async (request, response) => {
    const { id } = request.params;
    response.set({
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    });
    const file = artifactFile(dataFolder, id);
    if (file) {
      response.type('png').sendFile(file, { cacheControl: false, dotfiles: 'allow' }, (error) => {
        if (error && !response.headersSent) notFound();
      });
      return;
    }
    const png = await pictures.get(id);
    if (png) response.type('png').send(png);
    else notFound();

    function notFound() {
      response
        .set('Cache-Control', 'no-store')
        .status(404)
        .type('json')
        .json({ error: { code: 'NOT_FOUND', message: 'There is no such picture.' } });
    }
  });
}

/** Nothing from elsewhere, no framing; the inline scripts of the exported pages are allowed by their hashes. */
function securityHeaders(folder: string): express.RequestHandler {
  const policy = [
    "default-src 'self'",
    `script-src 'self' ${inlineScriptHashes(folder).join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
    });
    next();
  };
}

function inlineScriptHashes(folder: string): string[] {
  const hashes = new Set<string>();
  for (const name of pagesOf(folder)) {
    const html = readFileSync(path.join(folder, name), 'utf8');
    for (const [, script] of html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)) {
      hashes.add(`'sha256-${createHash('sha256').update(script!).digest('base64')}'`);
    }
  }
  return [...hashes];
}

function pagesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.html'),
    );
  } catch {
    return [];
  }
}

/** Next names its assets by their content; pages are asked for again. */
function cacheFor(response: express.Response, file: string): void {
  const hashed = file.includes(`${path.sep}_next${path.sep}static${path.sep}`);
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}

/** What goes wrong before a resolver runs (malformed JSON, too large a body) is told as JSON, never as a page. */
const refuse: ErrorRequestHandler = (error, _request, response, next) => {
  // A tab that was closed while it was being answered is nobody's error.
  if (['EPIPE', 'ECONNRESET', 'ECONNABORTED'].includes(error.code)) return;
  if (response.headersSent) return next(error);
  if (error instanceof TrojanscopeError) {
    const { code, message } = error;
    response
      .set('Cache-Control', 'no-store')
      .status(code === 'INTERNAL' ? 500 : code === 'FORBIDDEN' ? 403 : 404);
    response.type('json').json({ errors: [{ message, extensions: { code } }] });
    return;
  }
  const status = Number(error.status ?? error.statusCode ?? 500);
  const known = status >= 400 && status < 500;
  const { message, extensions } = known
    ? {
        message: shortened(`The request was not understood: ${error.message}`),
        extensions: { code: 'BAD_USER_INPUT' },
      }
    : faultOfOurs(error);
  response
    .set('Cache-Control', 'no-store')
    .status(known ? status : 500)
    .type('json')
    .json({ errors: [{ message, extensions }] });
};
