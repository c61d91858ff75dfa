import { once } from 'node:events';
import { architectureOf, type ModelSpec, type Pace, shownPartsOf, TrojanscopeError } from '@trojanscope/core';
import type { Fork } from '../processes/forkQuietly.js';
import type { Db } from '../store/database.js';
import { keepPace, paceOf } from '../store/paces.js';
import type { FromPace } from './paceProcess.js';

/** How fast this machine is with models of one network and size, measured once and kept. */

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
 * is compared within a data set (alike.ts).
 */
export const paceKey = (spec: ModelSpec): string =>
  `${spec.architecture}/${shownPartsOf(spec).shape.height}/${slowAttack(spec) ?? ''}`;

/** What is measured, for people. */
export function paceTitle(spec: ModelSpec): string {
  const { dataset } = shownPartsOf(spec);
  const architecture = architectureOf(spec);
  const slow = slowAttack(spec);
  return `${architecture.title} on ${dataset.title}${slow ? `, ${slow}` : ''}`;
}

/** The newest measurement of such models; undefined where there is none. */
export const knownPace = (db: Db, spec: ModelSpec): Promise<Pace | undefined> => paceOf(db, paceKey(spec));

/**
 * Measures a few batches, in a process of its own, and keeps what came out.
 * @throws TrojanscopeError ABORTED, INTERNAL
 */
export async function measurePaceOf(
  db: Db,
  fork: Fork,
  spec: ModelSpec,
  signal?: AbortSignal,
): Promise<Pace> {
  const subject = slowAttack(spec) ? spec : { ...spec, backdoor: undefined };
  const child = fork(new URL('./paceProcess.js', import.meta.url), [JSON.stringify(subject)]);
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
  await keepPace(db, paceKey(spec), pace);
  return pace;
}
