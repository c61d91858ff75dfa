import type { EngineInfo } from '@trojanscope/core';

/**
 * Gets queued jobs done. Which there are and how they stand is in the database: a job is queued by its row, in the
 * transaction of what it is about, and a `wake` after that. Who takes which job, how a dead worker is noticed and what
 * becomes of its job is the driver's own.
 */
export interface JobQueue {
  /** The kind, for people. */
  readonly name: string;
  /** Jobs at a time. */
  readonly workers: number;
  /** What computes, once a worker told. */
  engine(): EngineInfo | undefined;
  /** For how long a job has been running; 0 where it is not. Setting the machine’s clock does not change it. */
  secondsRunning(jobId: string): number;
  /** Memory of the processes that compute; 0 where there are none. */
  workerBytes(): number;
  /** There may be something new to do. */
  wake(): void;
  /** Stops a job that the database already says is cancelled: within two seconds, by force if need be. */
  abort(jobId: string): void;
  /** Stops taking jobs and ends the worker; the job it was at goes back to the queue. */
  close(): Promise<void>;
}

/** Who only looks takes no jobs. */
export const NO_QUEUE: JobQueue = {
  name: 'none',
  workers: 1,
  engine: () => undefined,
  secondsRunning: () => 0,
  workerBytes: () => 0,
  wake() {},
  abort() {},
  close: async () => {},
};
