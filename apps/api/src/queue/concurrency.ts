import { availableParallelism, totalmem } from 'node:os';

export interface Concurrency {
  /** Jobs at a time. */
  workers: number;
  /** Of each worker; undefined for all that there are, or what TROJANSCOPE_THREADS says. */
  threads?: number;
}

/** Fewer cores train one model faster than two side by side. */
const CORES_OF_A_WORKER = 8;
const BYTES_OF_A_WORKER = 4 * 2 ** 30;

/** @param asked jobs at a time; as many as the machine is good for where it is undefined */
export function concurrency(asked?: number, cores = availableParallelism(), bytes = totalmem()): Concurrency {
  const fitting = Math.floor(Math.min(cores / CORES_OF_A_WORKER, bytes / BYTES_OF_A_WORKER));
  const workers = asked ?? Math.max(1, fitting);
  return { workers, threads: workers > 1 ? Math.max(1, Math.floor(cores / workers)) : undefined };
}
