import { type ErrorCode, type ImportAnswers, TrojanscopeError } from '@trojanscope/core';
import { openDrivers } from '../drivers.js';
import { endStart } from '../store/dataFolder.js';
import { importModel } from './importModel.js';

/**
 * The process that imports one bundle, told by its arguments which: the engine talks when it is loaded, and whatever a
 * hostile bundle may do to it ends here. It ends with who started it.
 */
export interface ImportArguments extends ImportAnswers {
  from: string;
  name?: string;
  benignId?: string;
  measure?: boolean;
}
export type FromImport =
  | { type: 'progress'; done: number; total: number }
  | { type: 'note'; text: string }
  | { type: 'done'; id: string }
  | { type: 'refused'; code: ErrorCode; message: string };

const task = JSON.parse(process.argv[3]!) as ImportArguments;
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
    onProgress: (done, total) => void send({ type: 'progress', done, total }),
    onNote: (text) => void send({ type: 'note', text }),
    signal: stop.signal,
  });
  await send({ type: 'done', id });
} catch (error) {
  if (!(error instanceof TrojanscopeError)) throw error;
  await send({ type: 'refused', code: error.code, message: error.message });
} finally {
  await db.destroy();
  process.disconnect();
}
