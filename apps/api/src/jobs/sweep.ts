import {
  type AttackId,
  checkEligibility,
  checkTransformValue,
  notesOf,
  type SweepSpec,
  runSweep as sweeping,
  TrojanscopeError,
  transformOf,
  triggerRefusal,
} from '@trojanscope/core';
import { runSweepRequest } from '@trojanscope/schema';
import { z } from 'zod';
import type { Db } from '../store/database.js';
import { newId } from '../store/ids.js';
import type { NewJob } from '../store/jobs.js';
import { keptModel } from '../store/models.js';
import { findSweep, insertPoint, insertSweepRow, savedPositions, sweepSpecOf } from '../store/sweeps.js';
import { modelRow, requireTrained } from './checks.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/** How much a sweep computes. @param beside whether a benign model is asked as well */
export function sweepAmount({ samples, values, target }: SweepSpec, beside: boolean) {
  const points = values.length;
  // At the identity trojaned, clean by the trojaned model, clean by the benign one; as often at every point of images.
  const each = beside ? 3 : 2;
  const classified = samples * (each + (points - 1) * (target === 'IMAGE' ? each : 1));
  return { classified, outcomes: samples * points };
}

/** Runs a sweep. Points that exist are not computed again. */
export const sweepJob = defineJob({
  kind: 'sweep',
  title: ({ transform, target }: Pick<SweepSpec, 'transform' | 'target'>) =>
    `${transformOf(transform).title} of the ${target.toLowerCase()}`,
  payload: z.strictObject({ sweepId: z.string() }),
  async workOf(db, { sweep_id }) {
    const row = await findSweep(db, sweep_id!);
    return sweepAmount(sweepSpecOf(row), row.benign_id !== null);
  },
  async run({ sweepId }, { db, blobs, signal, changed, save, keep }) {
    const sweep = await findSweep(db, sweepId);
    const spec = sweepSpecOf(sweep);
    const skip = new Set(await savedPositions(db, sweepId));
    const total = spec.values.length;
    let done = skip.size;
    await save({ stage: 'loading models', done, total, unit: 'points' }, async () => {});
    const trojaned = await keptModel(db, blobs, sweep.model_id);
    const benign = sweep.benign_id ? await keptModel(db, blobs, sweep.benign_id) : null;
    const { targetLabel } = trojaned.record.spec.backdoor!;
    for await (const point of sweeping(trojaned, benign, spec, { signal, skip })) {
      done++;
      await keep({ stage: 'sweeping', done, total, unit: 'points' }, (transaction) =>
        insertPoint(transaction, sweepId, point, targetLabel),
      );
      changed('Sweep', sweepId);
    }
  },
});

export const runSweep: Starter<typeof runSweepRequest> = {
  mutation: 'runSweep',
  request: runSweepRequest,
  makes: 'Sweep',
  check({ modelId, idempotencyKey: _, ...spec }, by) {
    const { transform } = spec;
    const values = spec.values ?? [...transformOf(transform).defaultValues];
    for (const [i, value] of values.entries()) checkTransformValue(transform, value, ['values', i]);
    const repeated = values.findIndex((value, i) => values.indexOf(value) !== i);
    if (repeated >= 0) {
      throw new TrojanscopeError('BAD_USER_INPUT', `values: ${values[repeated]} is there twice.`, [
        'values',
        repeated,
      ]);
    }
    return async (tx) => {
      const model = await modelRow(tx, modelId, 'modelId');
      if (model.kind === 'BENIGN') {
        throw new TrojanscopeError('UNSUPPORTED', `“${model.name}” is benign: it has no trigger to sweep.`, [
          'modelId',
        ]);
      }
      requireTrained(model);
      if (!model.benign_id) checkEligibility(spec.eligibility);
      const refusal = spec.target === 'TRIGGER' ? triggerRefusal(model.attack as AttackId) : null;
      if (refusal) throw new TrojanscopeError('UNSUPPORTED', refusal, ['target']);
      const sweep = { ...spec, values, modelId, benignId: model.benign_id };
      return [(await insertSweep(tx, sweep, { createdBy: by.id })).id];
    };
  },
};

/** A new sweep with its job. */
export async function insertSweep(
  db: Db,
  { modelId, benignId, ...spec }: SweepSpec & { modelId: string; benignId: string | null },
  options: Pick<NewJob, 'createdBy' | 'studyId' | 'needs'>,
): Promise<{ id: string; jobId: string }> {
  const id = newId('Sweep');
  const plugins = notesOf([['transforms', spec.transform]]);
  const jobId = await sweepJob.queue(
    db,
    spec,
    { sweepId: id },
    { sweepId: id, modelId, plugins, ...options },
  );
  const { transform, target, values, samples, seed, eligibility } = spec;
  await insertSweepRow(db, {
    id,
    model_id: modelId,
    benign_id: benignId,
    job_id: jobId,
    transform,
    target,
    values: [...values],
    samples,
    seed,
    eligibility,
  });
  return { id, jobId };
}
