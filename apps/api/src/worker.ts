import { getPriority, setPriority } from 'node:os';
import path from 'node:path';
import { loadEngine, TrojanscopeError, tf } from '@trojanscope/core';
import { openDrivers } from './drivers.js';
import { createSaving, LostJobError } from './jobs/defineJob.js';
import { jobDefinitions } from './jobs/index.js';
import { giveSignsOfLife } from './processes/signsOfLife.js';
import type { FromWorker, ToWorker } from './queue/messages.js';
import { endStart } from './store/dataFolder.js';
import { onceThereIsRoom, refusalOf } from './store/diskFull.js';
import { finishJob, type Job } from './store/jobs.js';

/**
 * The process that computes: one job at a time, given to it by id. It writes its own rows, and only while the job is its
 * own. It ends with the server, whose channel it listens to.
 */
const dataFolder = process.argv[2]!;
// Where both want the processor, people who look at something come first. Before the engine: its threads inherit it.
setPriority(Math.min(19, getPriority() + 5));
const { db, blobs, fork } = await openDrivers(dataFolder).catch(endStart);
let running: { id: string; abort: AbortController } | undefined;

/** Said of anything that is no refusal. */
const FAULT = { code: 'INTERNAL', message: 'Internal error. Its cause is in the server’s log.' } as const;

const send = (message: FromWorker) => process.send?.(message);

process.on('message', (message: ToWorker) => {
  if (message.type === 'run') void run(message.job);
  else if (running?.id === message.jobId) running.abort.abort();
});
process.on('disconnect', () => process.exit(0));
// A terminal sends Ctrl-C to the whole group; the server decides when its workers stop.
process.on('SIGINT', () => {});

async function run(job: Job): Promise<void> {
  const abort = new AbortController();
  running = { id: job.id, abort };
  const changed = (
    type: Parameters<typeof createSaving>[2] extends (type: infer T, id: string) => void ? T : never,
    id: string,
  ) => send({ type: 'changed', entity: type, id });
  try {
    const definition = jobDefinitions[job.kind];
    if (!definition) throw new TrojanscopeError('INTERNAL', `This version knows no job of kind ${job.kind}.`);
    send({ type: 'engine', info: await loadEngine() });
    const { signal } = abort;
    const context = { job, db, blobs, fork, signal, changed, ...createSaving(db, job, changed) };
    await definition.run(job.payload, context);
    await onceThereIsRoom(() => finishJob(db, job, { status: 'SUCCEEDED' }));
  } catch (error) {
    if (!(error instanceof LostJobError || abort.signal.aborted)) {
      const refusal = refusalOf(error);
      if (!refusal) console.error(error);
      const { code, message: words } = refusal ?? FAULT;
      // Read by people elsewhere, to whom this machine's folders mean nothing.
      const message = words.replaceAll(`${dataFolder}${path.sep}`, '');
      await onceThereIsRoom(() => finishJob(db, job, { status: 'FAILED', code, message }));
    }
  }
  running = undefined;
  send({
    type: 'idle',
    jobId: job.id,
    residentBytes: process.memoryUsage().rss,
    tensors: tf.memory().numTensors,
  });
}

giveSignsOfLife();
send({ type: 'ready' });
