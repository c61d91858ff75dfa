import { once } from 'node:events';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import type { Fork } from '../processes/forkQuietly.js';
import { watchSignsOfLife } from '../processes/signsOfLife.js';
import type { EntityType } from '../store/ids.js';
import type { FromImport, ImportArguments } from './importProcess.js';

const PROCESS = new URL('./importProcess.js', import.meta.url);
const MIB = 2 ** 20;
const LIMIT = 'TROJANSCOPE_IMPORT_MEMORY';
/** A network of 512 MiB of floats takes 2.6 GB to read and measure, of half floats 4.3 GB. */
const DEFAULT_MIB = 5_120;
/** Below what a worker has to end a cancelled job. */
const STOP_MS = 1_000;

interface Told {
  onProgress?(done: number, total: number): void;
  onNote?(text: string): void;
  changed?(type: EntityType, id: string): void;
  signal?: AbortSignal;
}

/**
 * Imports a model in a process of its own, whose memory is limited.
 * @returns the new model's id
 * @throws TrojanscopeError as `importModel` does; LIMIT_EXCEEDED where it takes more memory than it may; INTERNAL where
 *   the process ended without a word
 */
export async function importInProcess(
  fork: Fork,
  task: ImportArguments,
  { onProgress, onNote, changed, signal }: Told = {},
): Promise<string> {
  const mib = Number(process.env[LIMIT] ?? DEFAULT_MIB);
  if (!(mib >= 1))
    throw new TrojanscopeError('BAD_USER_INPUT', `${LIMIT}: expected MiB, got ${process.env[LIMIT]}.`);
  // V8 has a limit of its own, which ends a process without a word.
  const env = { NODE_OPTIONS: `--max-old-space-size=${mib}` };
  const child = fork(PROCESS, [JSON.stringify(task), String(mib * MIB)], env);
  const bytes = watchSignsOfLife(child, () => {});
  let end: Extract<FromImport, { type: 'done' | 'refused' }> | undefined;
  child.on('message', (message: FromImport) => {
    if (message.type === 'progress') onProgress?.(message.done, message.total);
    else if (message.type === 'note') onNote?.(message.text);
    else if (message.type === 'changed') changed?.(message.entity, message.id);
    else end = message;
  });
  const stop = () => {
    if (child.connected) child.send('stop');
    setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref();
  };
  signal?.addEventListener('abort', stop);
  // Closed, not only ended: then all that it said has been read.
  const [code, killed] = await once(child, 'close');
  signal?.removeEventListener('abort', stop);
  if (end?.type === 'done') return end.id;
  if (end) throw new TrojanscopeError(end.code, end.message);
  if (signal?.aborted) throw new TrojanscopeError('ABORTED', 'The import was stopped; nothing was changed.');
  if (bytes() > mib * MIB)
    throw new TrojanscopeError(
      'LIMIT_EXCEEDED',
      `${task.origin ?? path.basename(task.from)}: reading and measuring it takes more than the ${mib.toLocaleString('en')} MiB of memory ` +
        `that an import may use; nothing was taken in. A smaller network takes less; ${LIMIT} (MiB), ` +
        'where the server or the command is started, allows more.',
    );
  throw new TrojanscopeError(
    'INTERNAL',
    `The import broke off (${killed ?? `exit ${code}`}); nothing was taken in. Too little memory is the usual cause.`,
  );
}
