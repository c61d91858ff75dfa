import type { ErrorCode, ImportAnswers } from '@trojanscope/core';
import { importModel } from '../bundles/importModel.js';
import { openDrivers } from '../drivers.js';
import { limitMemory } from '../processes/memoryLimit.js';
import { endStart } from '../store/dataFolder.js';
import { refusalOf } from '../store/diskFull.js';
import type { EntityType } from '../store/ids.js';
import type { Job } from '../store/jobs.js';
import { createSaving } from './defineJob.js';

/**
 * The process that imports one bundle, told by its arguments which: the engine talks when it is loaded, and whatever a
 * hostile bundle may do to it, or take of memory, ends here. It ends with who started it.
 */
export interface ImportArguments extends ImportAnswers {
  from: string;
  origin?: string;
  name?: string;
  benignId?: string;
  measure?: boolean;
  /** The job that this is the work of, and the id that its model is to have. */
  job?: { row: Job; modelId: string };
}
export type FromImport =
  | { type: 'progress'; done: number; total: number }
  | { type: 'note'; text: string }
  | { type: 'changed'; entity: EntityType; id: string }
  | { type: 'done'; id: string }
  | { type: 'refused'; code: ErrorCode; message: string };

limitMemory(Number(process.argv[4]));
const { job, ...task } = JSON.parse(process.argv[3]!) as ImportArguments;
const stop = new AbortController();
process.on('message', () => stop.abort());
process.on('disconnect', () => process.exit(1));
// A terminal sends Ctrl-C to the whole group; who started this says when it stops.
process.on('SIGINT', () => {});

const send = (message: FromImport) =>
  new Promise((resolve) => {
    process.send!(message, resolve);
  });
const { db, blobs } = await openDrivers(process.argv[2]!).catch(endStart);
try {
  const id = await importModel({
    ...task,
    db,
    blobs,
    job: job && { id: job.row.id, modelId: job.modelId, save: saveOf(job.row) },
    onProgress: (done, total) => void send({ type: 'progress', done, total }),
    onNote: (text) => void send({ type: 'note', text }),
    signal: stop.signal,
  });
  await send({ type: 'done', id });
} catch (error) {
  const refusal = refusalOf(error);
  if (!refusal) throw error;
  await send({ type: 'refused', code: refusal.code, message: refusal.message });
} finally {
  await db.destroy();
  process.disconnect();
}

function saveOf(row: Job) {
  const { keep } = createSaving(db, row, (entity, id) => void send({ type: 'changed', entity, id }));
  return (write: Parameters<typeof keep>[1]) => keep({ stage: 'saving' }, write);
}
