import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import { type ErrorCode, TrojanscopeError } from '@trojanscope/core';
import express, { type ErrorRequestHandler, type Express } from 'express';
import { type GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { authenticate, onlySignedIn } from './auth/authenticate.js';
import { addressOf, isForeign } from './auth/origins.js';
import { createSocketDoor } from './auth/webSockets.js';
import { downloads } from './downloads/routes.js';
import { anonymousIntrospection, tooManyRequests } from './graphql/accountPlugins.js';
import { type Context, createLoaders, type ServerParts } from './graphql/context.js';
import { faultOfOurs, formatError } from './graphql/errors.js';
import { createSchema } from './graphql/schema.js';
import { logRequests } from './log.js';
import { createMetrics } from './metrics.js';
import { artifactFile } from './store/artifacts.js';

/** The exported pages. */
export const WEB_FOLDER = fileURLToPath(new URL('../../web/out', import.meta.url));
const BODY_LIMIT = '256kb';
const MESSAGE_LIMIT_BYTES = 64 * 1024;
const CLOSE_MS = 2_000;

/** Page, API and pictures on one port. */
export async function createApp(
  parts: ServerParts,
  dataFolder: string,
): Promise<{ server: Server; close(): Promise<void> }> {
  const app = express().disable('x-powered-by');
  const server = createServer(app);
  const schema = await createSchema();
  const { db, auth } = parts;
  const door = createSocketDoor(db, auth);
  const context = (viewer: Context['viewer'], http: Context['http']): Context => ({
    ...parts,
    load: createLoaders(db),
    viewer,
    http,
  });

  const apollo = new ApolloServer<Context>({
    schema,
    formatError,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    // The process closes its database itself, in order: see server.ts.
    stopOnTerminationSignals: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), tooManyRequests, anonymousIntrospection],
  });
  await apollo.start();

  const sockets = new WebSocketServer({
    noServer: true,
    path: '/graphql',
    maxPayload: MESSAGE_LIMIT_BYTES,
  });
  server.on('upgrade', (request, socket, head) => {
    if (isForeign(request.headers, auth.publicUrl))
      return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
  });
  const live = useServer(
    {
      schema,
      onConnect: (connection) => door.opened(connection),
      context: async (connection) => context(await door.viewer(connection), null),
      connectionInitWaitTimeout: 5_000,
      // A query that cannot be read is that subscription's error; left to the library it would end the connection.
      onSubscribe: (_context, _id, { query }) => {
        try {
          parse(query);
        } catch (error) {
          return [error as GraphQLError];
        }
      },
      onError: (_context, _id, _payload, errors) => errors.map((error) => formatError(error.toJSON(), error)),
      // What goes wrong while an operation runs comes beside its data.
      onNext: (_context, _id, _payload, _args, { errors, ...result }) =>
        errors && { ...result, errors: errors.map((error) => formatError(error.toJSON(), error)) as never },
    },
    sockets,
    12_000,
  );

  const metrics = createMetrics(parts, () => sockets.clients.size);
  app.use(logRequests, metrics.measure, securityHeaders(WEB_FOLDER));
  health(app, parts);
  app.use(authenticate(db, auth));
  app.use(
    '/graphql',
    express.json({ limit: BODY_LIMIT }),
    expressMiddleware(apollo, {
      context: async ({ req, res }) =>
        context(req.viewer, {
          address: addressOf(req, auth.publicUrl),
          setHeader: (name, value) => void res.setHeader(name, value),
        }),
    }),
  );
  app.use(express.static(WEB_FOLDER, { setHeaders: cacheFor }));
  // The pages hold no data and let people sign in. What comes after them is for those who have.
  app.use(onlySignedIn);
  artifacts(app, parts, dataFolder);
  downloads(app, parts.db);
  metrics.serve(app);
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
      // Whoever does not answer is not waited for.
      const force = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
        server.closeAllConnections();
      }, CLOSE_MS);
      door.close();
      await live.dispose();
      await closed;
      clearTimeout(force);
      await apollo.stop();
    },
  };
}

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
function artifacts(app: Express, { inference }: ServerParts, dataFolder: string): void {
  app.get('/artifacts/:id', async (request, response) => {
    const { id } = request.params;
    response.set({
      'Cache-Control': 'private, max-age=31536000, immutable',
      'Content-Security-Policy': 'sandbox',
    });
    const file = artifactFile(dataFolder, id);
    if (file) {
      response.type('png').sendFile(file, { cacheControl: false, dotfiles: 'allow' }, (error) => {
        if (error && !response.headersSent) notFound();
      });
      return;
    }
    const png = await inference.picture(id);
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

/** Of our own refusals outside of GraphQL. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_USER_INPUT: 400,
  NOT_FOUND: 404,
  DATA_MISSING: 404,
  DATA_DAMAGED: 404,
  CONFLICT: 409,
  ENGINE_UNAVAILABLE: 503,
};

/** What goes wrong before a resolver runs (malformed JSON, too large a body) is told as JSON, never as a page. */
const refuse: ErrorRequestHandler = (error, _request, response, next) => {
  // A tab that was closed while it was being answered is nobody's error.
  if (['EPIPE', 'ECONNRESET', 'ECONNABORTED'].includes(error.code)) return;
  if (response.headersSent) return next(error);
  if (error instanceof TrojanscopeError) {
    const { code, message } = error;
    response.set('Cache-Control', 'no-store').status(STATUS[code] ?? 500);
    response.type('json').json({ errors: [{ message, extensions: { code } }] });
    return;
  }
  const status = Number(error.status ?? error.statusCode ?? 500);
  const known = status >= 400 && status < 500;
  const { message, extensions } = known
    ? {
        message: `The request was not understood: ${error.message}`,
        extensions: { code: 'BAD_USER_INPUT' },
      }
    : faultOfOurs(error);
  response
    .set('Cache-Control', 'no-store')
    .status(known ? status : 500)
    .type('json')
    .json({ errors: [{ message, extensions }] });
};
