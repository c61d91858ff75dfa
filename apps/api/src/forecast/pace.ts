import { once } from 'node:events';
import {
  isImported,
  type ModelSpec,
  networks,
  type Pace,
  shownPartsOf,
  TrojanscopeError,
} from '@trojanscope/core';
import type { Fork } from '../processes/forkQuietly.js';
import type { Db } from '../store/database.js';
import { keepPace, paceOf } from '../store/paces.js';
import type { FromPace } from './paceProcess.js';
import type { Work } from './work.js';

/** How fast this machine is with models of one network and size, measured once and kept. */

/** A model whose pace is wanted: what it is, and where it lies if it is no network of our own. */
export type Paced = Pick<Work, 'spec' | 'modelId'>;

/** Steps of making the trigger where it is optimised; a generator that is there already takes none. */
export function triggerSteps({ backdoor }: ModelSpec): number {
  const { steps = 0, generatorFile = '' } = (backdoor?.parameters ?? {}) as {
    steps?: number;
    generatorFile?: string;
  };
  return generatorFile ? 0 : steps;
}

/** The attack that makes such a model's trigger, where that takes long. */
const slowAttack = (spec: ModelSpec) => (triggerSteps(spec) > 0 ? spec.backdoor!.attack : null);

/**
 * Models with the same key are alike in pace: for an image or a step, whatever data set it is of. What finished jobs took
 * is compared within a data set (alike.ts). An imported network is like none but itself.
 */
export const paceKey = ({ spec, modelId }: Paced): string =>
  `${spec.architecture}/${shownPartsOf(spec).shape.height}/${isImported(spec) ? modelId : (slowAttack(spec) ?? '')}`;

/** What is measured, for people. */
export function paceTitle({ spec }: Paced): string {
  const { dataset } = shownPartsOf(spec);
  const slow = slowAttack(spec);
  return `${networks[spec.architecture].title} on ${dataset.title}${slow ? `, ${slow}` : ''}`;
}

/** The newest measurement of such models; undefined where there is none. */
export const knownPace = (db: Db, subject: Paced): Promise<Pace | undefined> => paceOf(db, paceKey(subject));

/**
 * Measures a few batches, in a process of its own, and keeps what came out.
 * @throws TrojanscopeError ABORTED, INTERNAL
 */
export async function measurePaceOf(db: Db, fork: Fork, subject: Paced, signal?: AbortSignal): Promise<Pace> {
  const { spec, modelId } = subject;
  const wanted = slowAttack(spec) ? spec : { ...spec, backdoor: undefined };
  const child = fork(
    new URL('./paceProcess.js', import.meta.url),
    isImported(spec) ? ['model', modelId] : ['spec', JSON.stringify(wanted)],
  );
  const stop = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', stop);
  let pace: Pace | undefined;
  child.on('message', (message: FromPace) => {
    pace = message.pace;
  });
  const [code, killed] = await once(child, 'exit');
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted) throw new TrojanscopeError('ABORTED', 'Measuring was stopped.');
  if (!pace) {
    throw new TrojanscopeError(
      'INTERNAL',
      `Measuring this machine broke off (${killed ?? `exit ${code}`}). Too little memory is the usual cause.`,
    );
  }
  await keepPace(db, paceKey(subject), pace);
  return pace;
}
