import type { Express, RequestHandler } from 'express';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ServerParts } from './graphql/context.js';
import { countJobs } from './store/jobs.js';

/** Metrics for Prometheus, and the two handlers that collect them. */
export function createMetrics({ db, queue }: ServerParts, connections: () => number) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const seconds = new Histogram({
    name: 'trojanscope_http_request_seconds',
    help: 'Time to answer a request, by the first part of its path.',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  new Gauge({
    name: 'trojanscope_jobs',
    help: 'Jobs by status.',
    labelNames: ['status'],
    registers,
    async collect() {
      this.reset();
      for (const status of ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED']) this.set({ status }, 0);
      for (const [status, count] of await countJobs(db)) this.set({ status }, count);
    },
  });
  new Gauge({
    name: 'trojanscope_worker_resident_bytes',
    help: 'Memory of the worker process; 0 where there is none.',
    registers,
    collect() {
      this.set(queue.workerBytes());
    },
  });
  new Gauge({
    name: 'trojanscope_websocket_connections',
    help: 'Open websockets.',
    registers,
    collect() {
      this.set(connections());
    },
  });

  const measure: RequestHandler = (request, response, next) => {
    const end = seconds.startTimer();
    response.on('close', () => {
      const [, first = ''] = request.path.split('/');
      const route = KNOWN.has(first) ? first : 'pages';
      end({ route, method: request.method, status: response.statusCode });
    });
    next();
  };
  return {
    measure,
    serve: (app: Express) =>
      app.get('/metrics', async (_request, response) => {
        response
          .set('Cache-Control', 'no-store')
          .type(registry.contentType)
          .send(await registry.metrics());
      }),
  };
}

/** Everything else is a page or a part of one: labels must not grow with what strangers ask for. */
const KNOWN = new Set(['graphql', 'artifacts', 'downloads', 'metrics', 'livez', 'readyz', 'uploads']);
