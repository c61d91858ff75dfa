import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { EngineInfo } from '@trojanscope/core';
import { type Events, emitJob } from '../events.js';
import { log } from '../log.js';
import type { Fork } from '../processes/forkQuietly.js';
import { watchSignsOfLife } from '../processes/signsOfLife.js';
import type { Db } from '../store/database.js';
import { ifThereIsRoom, onceThereIsRoom } from '../store/diskFull.js';
import { claimNextJob, type Job, releaseJob, requeueJob, requeueOrphans } from '../store/jobs.js';
import type { Concurrency } from './concurrency.js';
import type { JobQueue } from './jobQueue.js';
import type { FromWorker, ToWorker } from './messages.js';

const WORKER = new URL('../worker.js', import.meta.url);
const ABORT_MS = 1_500;
/** tfjs-node is known to grow in long runs: a worker that has grown past this is replaced between two jobs. */
const RECYCLE_BYTES = 3e9;

interface Slot {
  worker?: ChildProcess;
  current?: Job;
  /** When it was given its job, on the clock of `performance.now()`. */
  since: number;
  bytes(): number;
}

/**
 * Jobs on this host: `workers` child processes, each with one job at a time. Long for one function: what starts, feeds and
 * ends workers shares the state of its slots, which nobody else is to see.
 */
export async function createLocalQueue(
  db: Db,
  fork: Fork,
  events: Events,
  { workers, threads }: Concurrency,
): Promise<JobQueue> {
  const slots = Array.from({ length: workers }, (): Slot => ({ since: 0, bytes: () => 0 }));
  let engine: EngineInfo | undefined;
  let claiming = false;
  let wakeAgain = false;
  let closed = false;

  await requeueOrphans(db);

  function startWorker(slot: Slot): ChildProcess {
    const child = fork(WORKER, [], threads ? { TROJANSCOPE_THREADS: String(threads) } : {});
    child.on('message', (message: FromWorker) => {
      if (message.type === 'changed')
        events.emit(message.entity, message.id, isAbout(slot.current, message.id));
      if (message.type === 'engine') engine = message.info;
      if (message.type !== 'idle') return;
      const { jobId, tensors } = message;
      log.info({ jobId, tensors }, 'job ended');
      if (slot.current?.id === jobId) {
        emitJob(events, slot.current);
        slot.current = undefined;
      }
      if (message.residentBytes > RECYCLE_BYTES) child.kill('SIGKILL');
      else wake();
    });
    // Stopped, or swapped out: it may come back, and must not then go on beside its successor.
    slot.bytes = watchSignsOfLife(child, () => {
      log.warn({ worker: child.pid }, 'the worker gives no sign of life and is replaced');
      child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => void onExit(slot, child, signal ?? `exit code ${code}`));
    child.on('error', (error) => log.error({ err: error }, 'the worker cannot be started'));
    return child;
  }

  async function onExit(slot: Slot, child: ChildProcess, reason: string): Promise<void> {
    if (slot.worker === child) slot.worker = undefined;
    slot.bytes = () => 0;
    const job = slot.current;
    slot.current = undefined;
    if (job) {
      log.warn({ jobId: job.id, reason }, 'the worker died; its job goes back to the queue');
      await onceThereIsRoom(() => requeueJob(db, job, reason));
      emitJob(events, job);
    }
    if (!closed) wake();
  }

  function wake(): void {
    if (claiming) wakeAgain = true;
    else void claim();
  }

  async function claim(): Promise<void> {
    claiming = true;
    try {
      for (const slot of slots) {
        if (closed) return;
        if (slot.current) continue;
        const job = await onceThereIsRoom(() => claimNextJob(db));
        if (!job) return;
        slot.current = job;
        slot.since = performance.now();
        log.info({ jobId: job.id, kind: job.kind, attempt: job.attempt }, 'job started');
        emitJob(events, job);
        slot.worker ??= startWorker(slot);
        slot.worker.send({ type: 'run', job } satisfies ToWorker);
      }
    } finally {
      claiming = false;
      if (wakeAgain) {
        wakeAgain = false;
        wake();
      }
    }
  }

  wake();
  return {
    name: workers === 1 ? 'local: one worker process' : `local: ${workers} worker processes`,
    workers,
    engine: () => engine,
    secondsRunning(jobId) {
      const slot = slots.find(({ current }) => current?.id === jobId);
      return slot ? (performance.now() - slot.since) / 1000 : 0;
    },
    workerBytes: () => slots.reduce((sum, { bytes }) => sum + bytes(), 0),
    wake,
    abort(jobId) {
      const slot = slots.find(({ current }) => current?.id === jobId);
      const [child, job] = [slot?.worker, slot?.current];
      if (!slot || !child) return;
      child.send({ type: 'abort', jobId } satisfies ToWorker);
      setTimeout(() => {
        // Not the same job's next attempt, if somebody retried it meanwhile.
        if (slot.current === job && slot.worker === child) child.kill('SIGKILL');
      }, ABORT_MS).unref();
    },
    async close() {
      closed = true;
      const jobs = slots.map(({ current }) => current);
      for (const slot of slots) {
        slot.current = undefined;
        if (!slot.worker) continue;
        // What it has saved is whole, and what it has not is done again: there is nothing to wait for.
        slot.worker.kill('SIGKILL');
        await once(slot.worker, 'exit');
      }
      // If the disk has no room for it, the next start writes it.
      for (const job of jobs) if (job) await ifThereIsRoom(releaseJob(db, job));
    },
  };
}

/** What a job is about gets on while the job runs; when it starts and ends is told here. */
const isAbout = (job: Job | undefined, id: string) =>
  job !== undefined && [job.id, job.model_id, job.sweep_id].includes(id);
