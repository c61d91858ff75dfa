import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import { rememberNotes } from '@trojanscope/core';
import compression from 'compression';
import express, { type Express } from 'express';
import { authenticate, onlySignedIn } from './auth/authenticate.js';
import { addressOf, basePathOf } from './auth/origins.js';
import { underBasePath } from './basePath.js';
import type { Config } from './config.js';
import { anonymousIntrospection, tooManyRequests } from './graphql/accountPlugins.js';
import { createAdmission, PARSE_OPTIONS } from './graphql/admission.js';
import { type Context, createLoaders, type MakeContext, type ServerParts } from './graphql/context.js';
import { withDeadline } from './graphql/deadline.js';
import { formatError } from './graphql/errors.js';
import { limitRule } from './graphql/limits.js';
import { createLiveApi } from './graphql/liveApi.js';
import { createSchema } from './graphql/schema.js';
import { createHosts, hostAllowed } from './hosts.js';
import { artifacts } from './http/artifacts.js';
import { downloads } from './http/downloadRoutes.js';
import { onePerTick } from './http/onePerTick.js';
import { createPages } from './http/pages.js';
import { refuse } from './http/refuse.js';
import { uploads } from './http/uploadRoutes.js';
import { logRequests } from './log.js';
import { createMetrics } from './metrics.js';
import { hasJobs } from './store/jobs.js';
import { idsInUse, notesInUse } from './store/plugins.js';

const BODY_LIMIT = '256kb';
const MAXIMUM_CONNECTIONS = 4_000;
/**
 * A connection on which nothing moves is given up. Not sooner than clients and proxies do it themselves, or one that has
 * just used it again finds it closed: Node's own 5 s is that soon.
 */
const IDLE_MS = 120_000;
/** The longest a request may take to come in: an upload. */
const REQUEST_MS = 15 * 60_000;
const CLOSE_MS = 9_000;

export type AppOptions = Pick<Config, 'host' | 'allowHosts' | 'pointsPerMinute' | 'timeoutMs'>;

/** Page, API and pictures on one port. */
export async function createApp(
  parts: ServerParts,
  { host, allowHosts, pointsPerMinute, timeoutMs }: AppOptions,
): Promise<{ server: Server; close(): Promise<void> }> {
  const { db, auth } = parts;
  const app = express().disable('x-powered-by').disable('etag');
  const server = createServer({ connectionsCheckingInterval: 5_000, requestTimeout: REQUEST_MS }, app);
  server.maxConnections = MAXIMUM_CONNECTIONS;
  server.timeout = IDLE_MS;
  server.keepAliveTimeout = IDLE_MS;

  const basePath = basePathOf(auth.publicUrl);
  // Words and units of what is not here any longer come from what was noted of it.
  rememberNotes(await notesInUse(db));
  const schema = withDeadline(await createSchema(basePath, await idsInUse(db)));
  const hosts = createHosts(host, auth.publicUrl ? [...allowHosts, auth.publicUrl.host] : allowHosts);
  const admission = createAdmission(schema, parts.rateLimits, { pointsPerMinute, timeoutMs });
  const context: MakeContext = (viewer, address, http) => ({
    ...parts,
    load: createLoaders(parts),
    viewer,
    http,
    // People behind one address do not share their points, nor does one of them have more at another.
    caller: auth.on && viewer ? viewer.id : address,
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
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // Nothing says how long it may be cached, and to look for it costs at each field.
      ApolloServerPluginCacheControlDisabled(),
      tooManyRequests,
      anonymousIntrospection,
      admission.plugin,
    ],
  });
  await apollo.start();
  const live = createLiveApi(server, parts, { hosts, admission, context });
  const metrics = createMetrics(parts, live.connections);
  const pages = createPages(basePath);

  app.use(underBasePath(basePath), logRequests, metrics.measure, pages.securityHeaders, hostAllowed(hosts));
  health(app, parts);
  // Nothing secret is in two answers: tokens are made anew for the one that has them, so lengths tell nothing (BREACH).
  app.use(compression());
  app.use(authenticate(db, auth));
  app.use(
    '/graphql',
    express.json({ limit: BODY_LIMIT }),
    onePerTick(),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => {
        const address = addressOf(req, auth.publicUrl);
        return context(req.viewer, address, {
          address,
          setHeader: (name, value) => void res.setHeader(name, value),
        });
      },
    }),
  );
  uploads(app, parts);
  app.use(pages.serve);
  // The pages hold no data and let people sign in. What comes after them is for those who have.
  app.use(onlySignedIn);
  artifacts(app, parts);
  downloads(app, parts);
  metrics.serve(app);
  app.use(pages.notFound);
  app.use(refuse);

  return {
    server,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Replies that are under way are waited for, not for ever; a connection that waits for its next request gets none.
      const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
      const idle = setInterval(() => server.closeIdleConnections(), 50);
      await live.close();
      await closed;
      clearTimeout(force);
      clearInterval(idle);
      await apollo.stop();
    },
  };
}

function health(app: Express, { db, queue, inference }: ServerParts): void {
  app.get('/livez', (_request, response) => void response.json({ status: 'ok' }));
  app.get('/readyz', async (_request, response) => {
    const database = await hasJobs(db).then(
      () => 'ok',
      (error: Error) => error.message,
    );
    response.status(database === 'ok' ? 200 : 503).json({
      status: database === 'ok' ? 'ok' : 'unavailable',
      database,
      queue: queue.name,
      engine:
        (queue.engine() ?? inference.engine())?.engine ?? 'not loaded yet: the first job or probe loads it',
    });
  });
}
