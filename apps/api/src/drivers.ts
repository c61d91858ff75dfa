import type { ChildProcess } from 'node:child_process';
import { useDataFolder } from '@trojanscope/core';
import type { Blobs } from './blobs/blobs.js';
import { createFolderBlobs } from './blobs/folderBlobs.js';
import { createEvents, type Events } from './events.js';
import { type Fork, forkQuietly } from './processes/forkQuietly.js';
import { concurrency } from './queue/concurrency.js';
import type { JobQueue } from './queue/jobQueue.js';
import { createLocalQueue } from './queue/localQueue.js';
import { createMemoryLimits, type RateLimits } from './rateLimits.js';
import { type Db, openDatabase } from './store/database.js';

/**
 * What keeps rows and files, tells what changed and counts what callers take, and how processes that are to use the same
 * are started. Made once, by entry points, and passed in.
 */
export interface Drivers {
  db: Db;
  blobs: Blobs;
  events: Events;
  rateLimits: RateLimits;
  fork: Fork;
}

/** Drivers of one data folder. @throws TrojanscopeError as `openDatabase` does */
export async function openDrivers(dataFolder: string): Promise<Drivers> {
  const others = driversWithoutDatabase(dataFolder);
  return { db: await openDatabase(dataFolder), ...others };
}

/** For what looks at files alone: it makes no data folder. */
export function driversWithoutDatabase(dataFolder: string): Omit<Drivers, 'db'> {
  useDataFolder(dataFolder);
  const fork = (module: URL, args: string[] = [], env?: NodeJS.ProcessEnv): ChildProcess =>
    forkQuietly(module, [dataFolder, ...args], env);
  const [events, rateLimits] = [createEvents(), createMemoryLimits()];
  return { blobs: createFolderBlobs(dataFolder), events, rateLimits, fork };
}

/** The queue of this installation. @param jobs at a time; as many as the machine is good for where it is undefined */
export const openQueue = ({ db, fork, events }: Drivers, jobs?: number): Promise<JobQueue> =>
  createLocalQueue(db, fork, events, concurrency(jobs));

/** For a command: closes the database, whatever comes. */
export async function withDrivers<T>(dataFolder: string, use: (drivers: Drivers) => Promise<T>): Promise<T> {
  const drivers = await openDrivers(dataFolder);
  try {
    return await use(drivers);
  } finally {
    await drivers.db.destroy();
  }
}
