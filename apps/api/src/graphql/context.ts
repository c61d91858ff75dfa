import DataLoader from 'dataloader';
import type { Auth } from '../auth/auth.js';
import type { Blobs } from '../blobs/blobs.js';
import type { Events } from '../events.js';
import { type Forecast, forecastQueue } from '../forecast/forecast.js';
import type { Inference } from '../inference/inference.js';
import type { JobQueue } from '../queue/jobQueue.js';
import type { RateLimits } from '../rateLimits.js';
import * as batches from '../store/batches.js';
import type { Db, Row, Shown } from '../store/database.js';
import type { Job } from '../store/jobs.js';
import type { Viewer } from '../viewer.js';
import type { Bill } from './admission.js';
import type { Deadline } from './deadline.js';

/** What every resolver is handed: the server's parts, and one request's loaders. */
export interface Context extends ServerParts {
  load: Loaders;
  /** The caller; null where nobody is signed in. Rules are checked before resolvers run, so most have one. */
  viewer: Viewer | null;
  /** The request's other half; a websocket has none. */
  http: HttpSide | null;
  /** Who is charged: an address, or whatever tells callers apart. */
  caller: string;
  /** From the moment the request is admitted. */
  bill?: Bill;
  deadline?: Deadline;
}
export interface HttpSide {
  /** Where the request comes from. */
  address: string;
  setHeader(name: string, value: string): void;
  /** Set where it asked too often: the answer is a 429. */
  retryAfterSeconds?: number;
}
export type MakeContext = (viewer: Viewer | null, address: string, http: HttpSide | null) => Context;
export interface ServerParts {
  db: Db;
  blobs: Blobs;
  queue: JobQueue;
  events: Events;
  rateLimits: RateLimits;
  inference: Inference;
  version: string;
  auth: Auth;
  /** For people to read: where the data of a demo lies. Null where this is none. */
  demoFolder: string | null;
}

type Loaders = ReturnType<typeof createLoaders>;

/** Gathers the look-ups of one request by table, so that a list costs one statement for each kind of thing it shows. */
export function createLoaders({ db, queue }: Pick<ServerParts, 'db' | 'queue'>) {
  const byId = <T extends Parameters<typeof batches.rowsById>[1]>(table: T) =>
    new DataLoader<string, Shown<T> | null>(async (ids) => {
      const found = new Map((await batches.rowsById(db, table, ids)).map((row) => [row.id, row]));
      return ids.map((id) => found.get(id) ?? null);
    });
  const grouped = <Value>(fetch: (keys: readonly string[]) => Promise<{ key: string; value: Value }[]>) =>
    new DataLoader<string, Value[]>(async (keys) => {
      const groups = new Map<string, Value[]>(keys.map((key) => [key, []]));
      for (const { key, value } of await fetch(keys)) groups.get(key)?.push(value);
      return keys.map((key) => groups.get(key)!);
    });

  let forecasts: Promise<Map<string, Forecast>> | undefined;
  return {
    model: byId('model'),
    sweep: byId('sweep'),
    point: byId('point'),
    study: byId('study'),
    largest_range: byId('largest_range'),
    detection: byId('detection'),
    explanation: byId('explanation'),
    artifact: byId('artifact'),
    user: byId('user'),
    job: byId('job'),
    pointsOfSweep: grouped<Row<'point'>>(async (ids) =>
      (await batches.pointsOfSweeps(db, ids)).map((value) => ({ key: value.sweep_id, value })),
    ),
    jobsOfStudy: grouped<Job>(async (ids) =>
      (await batches.jobsOfStudies(db, ids)).map(({ of_study, ...value }) => ({ key: of_study, value })),
    ),
    needsOfJob: grouped<Job>(async (ids) =>
      (await batches.needsOfJobs(db, ids)).map(({ needed_by, ...value }) => ({ key: needed_by, value })),
    ),
    logOfJob: grouped<Row<'job_log'>>(async (ids) =>
      (await batches.logsOfJobs(db, ids)).map((value) => ({ key: value.job_id, value })),
    ),
    historyOfModel: grouped<Row<'training_step'>>(async (ids) =>
      (await batches.trainingOfModels(db, ids)).map((value) => ({ key: value.model_id, value })),
    ),
    explanationsOfOutcome: grouped<Row<'explanation'>>(async (keys) => {
      const pointIds = new Set(keys.map((key) => key.split('/')[0]!));
      const rows = await batches.explanationsAtPoints(db, [...pointIds]);
      return rows.map((value) => ({ key: `${value.point_id}/${value.position}`, value }));
    }),
    /**
     * What is to be expected of every queued job, in the order in which they are taken. The queue is played through once
     * for all of a request.
     */
    forecasts(): Promise<Map<string, Forecast>> {
      forecasts ??= forecastQueue(db, queue);
      return forecasts;
    },
  };
}
