import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { EngineInfo } from '@trojanscope/core';
import type { Events } from '../events.js';
import { log } from '../log.js';
import type { Db } from '../store/database.js';
import { claimNextJob, type Job, releaseJob, requeueJob, requeueOrphans } from '../store/jobs.js';
import { forkQuietly } from './forkQuietly.js';
import type { JobQueue } from './jobQueue.js';
import type { FromWorker, ToWorker } from './messages.js';
import { watchSignsOfLife } from './signsOfLife.js';

const WORKER = new URL('../worker.js', import.meta.url);
const ABORT_MS = 1_500;
/** tfjs-node is known to grow in long runs: a worker that has grown past this is replaced between two jobs. */
const RECYCLE_BYTES = 3e9;

/** Jobs on this host: one child process, one job at a time, so that a training has the cores to itself. */
export async function createLocalQueue(db: Db, dataFolder: string, events: Events): Promise<JobQueue> {
  let worker: ChildProcess | undefined;
  let engine: EngineInfo | undefined;
  let current: Job | undefined;
  let claiming = false;
  let wakeAgain = false;
  let closed = false;
  let workerBytes = () => 0;

  await requeueOrphans(db);

  function startWorker(): ChildProcess {
    const child = forkQuietly(WORKER, [dataFolder]);
    child.on('message', (message: FromWorker) => {
      if (message.type === 'changed') events.emit(message.entity, message.id);
      if (message.type === 'engine') engine = message.info;
      if (message.type !== 'idle') return;
      log.info({ jobId: message.jobId }, 'job ended');
      if (current?.id === message.jobId) current = undefined;
      if (message.residentBytes > RECYCLE_BYTES) child.kill('SIGKILL');
      else wake();
    });
    // Stopped, or swapped out: it may come back, and must not then go on beside its successor.
    const bytes = watchSignsOfLife(child, () => {
      log.warn({ worker: child.pid }, 'the worker gives no sign of life and is replaced');
      child.kill('SIGKILL');
    });
    workerBytes = () => (worker === child ? bytes() : 0);
    child.on('exit', (code, signal) => void onExit(child, signal ?? `exit code ${code}`));
    child.on('error', (error) => log.error({ err: error }, 'the worker cannot be started'));
    return child;
  }

  async function onExit(child: ChildProcess, reason: string): Promise<void> {
    if (worker === child) worker = undefined;
    const job = current;
    current = undefined;
    if (job) {
      log.warn({ jobId: job.id, reason }, 'the worker died; its job goes back to the queue');
      await requeueJob(db, job, reason);
      events.emit('Job', job.id);
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
      if (closed || current) return;
      const job = await claimNextJob(db);
      if (!job) return;
      current = job;
      log.info({ jobId: job.id, kind: job.kind, attempt: job.attempt }, 'job started');
      events.emit('Job', job.id);
      worker ??= startWorker();
      worker.send({ type: 'run', job } satisfies ToWorker);
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
    name: 'local: one worker process',
    engine: () => engine,
    workerBytes: () => workerBytes(),
    wake,
    abort(jobId) {
      const [child, job] = [worker, current];
      if (job?.id !== jobId || !child) return;
      child.send({ type: 'abort', jobId } satisfies ToWorker);
      setTimeout(() => {
        // Not the same job's next attempt, if somebody retried it meanwhile.
        if (current === job && worker === child) child.kill('SIGKILL');
      }, ABORT_MS).unref();
    },
    async close() {
      closed = true;
      const job = current;
      current = undefined;
      if (worker) {
        // What it has saved is whole, and what it has not is done again: there is nothing to wait for.
        worker.kill('SIGKILL');
        await once(worker, 'exit');
      }
      if (job) await releaseJob(db, job);
    },
  };
}
