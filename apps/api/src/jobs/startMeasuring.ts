import { type ModelSpec, TrojanscopeError } from '@trojanscope/core';
import type { MeasureStudyInput } from '@trojanscope/schema';
import { paceKey } from '../forecast/pace.js';
import type { Db } from '../store/database.js';
import { insertJob } from '../store/jobs.js';
import type { Actor } from '../viewer.js';
import { once } from './once.js';
import { rehearseStudy } from './startStudy.js';

/**
 * Queues a measurement of what a study would compute. @returns the job's id
 * @throws TrojanscopeError as `rehearseStudy`; CONFLICT where there is nothing left to compute
 */
export async function startMeasuring(db: Db, input: MeasureStudyInput, by: Actor): Promise<string> {
  const { work } = await rehearseStudy(db, input, by);
  const specs = new Map<string, ModelSpec>(work.map(({ spec }) => [paceKey(spec), spec]));
  if (specs.size === 0)
    throw new TrojanscopeError('CONFLICT', 'preset: everything in it is done; there is nothing to measure.', [
      'preset',
    ]);
  return once(db, 'measureStudy', input, by, (tx) =>
    insertJob(tx, {
      kind: 'measure',
      title: 'Measure this machine',
      payload: { specs: [...specs.values()] },
      createdBy: by.id,
    }),
  );
}
