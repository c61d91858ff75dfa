import {
  type AttackId,
  checkTransformValue,
  sweepParameters,
  TrojanscopeError,
  transforms,
  triggerRefusal,
} from '@trojanscope/core';
import type { RunSweepInput } from '@trojanscope/schema';
import { z } from 'zod';
import { type Db, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import type { Actor } from '../viewer.js';
import { check, modelRow, requireTrained, seedSchema } from './checks.js';
import { once } from './once.js';

export async function startSweep(db: Db, input: RunSweepInput, by: Actor): Promise<string> {
  const { transform } = input;
  const values = input.values ?? [...transforms[transform].defaultValues];
  check(z.array(z.number()).min(1).max(100), values, 'values');
  for (const [i, value] of values.entries()) checkTransformValue(transform, value, ['values', i]);
  const repeated = values.findIndex((value, i) => values.indexOf(value) !== i);
  if (repeated >= 0) {
    throw new TrojanscopeError('BAD_USER_INPUT', `values: ${values[repeated]} is there twice.`, [
      'values',
      repeated,
    ]);
  }
  check(sweepParameters.shape.samples, input.samples, 'samples');
  check(seedSchema, input.seed, 'seed');
  return once(db, 'runSweep', input, by, async (tx) => {
    const model = await modelRow(tx, input.modelId, 'modelId');
    if (model.kind === 'BENIGN' || !model.benign_id) {
      throw new TrojanscopeError('UNSUPPORTED', `“${model.name}” is benign: it has no trigger to sweep.`, [
        'modelId',
      ]);
    }
    requireTrained(model);
    const refusal = input.target === 'TRIGGER' ? triggerRefusal(model.attack as AttackId) : null;
    if (refusal) throw new TrojanscopeError('UNSUPPORTED', refusal, ['target']);
    return (await insertSweep(tx, { ...input, values }, model.benign_id, { createdBy: by.id })).id;
  });
}

export async function insertSweep(
  db: Db,
  input: Omit<RunSweepInput, 'idempotencyKey'> & { values: readonly number[] },
  benignId: string,
  options: { createdBy: string; studyId?: string; needs?: string[] },
): Promise<{ id: string; jobId: string }> {
  const id = newId('Sweep');
  const { transform, target, modelId } = input;
  const jobId = await insertJob(db, {
    kind: 'sweep',
    title: `${transforms[transform].title} of the ${target.toLowerCase()}`,
    payload: { sweepId: id },
    sweepId: id,
    modelId,
    ...options,
  });
  await db
    .insertInto('sweep')
    .values({
      id,
      model_id: modelId,
      benign_id: benignId,
      job_id: jobId,
      transform,
      target,
      values: [...input.values],
      samples: input.samples,
      seed: input.seed,
      eligibility: input.eligibility,
      created_at: now(),
    })
    .execute();
  return { id, jobId };
}
