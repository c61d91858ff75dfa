import {
  checkTransformValue,
  cleanRange,
  datasetOf,
  notesOf,
  type RangeTrial,
  type TransformId,
  TrojanscopeError,
  transformOf,
} from '@trojanscope/core';
import { findLargestRangeRequest } from '@trojanscope/schema';
import { z } from 'zod';
import { newId } from '../store/ids.js';
import { keptModel } from '../store/models.js';
import { findRange, insertRange, saveRange } from '../store/ranges.js';
import { check, modelRow, requireTrained } from './checks.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';

/** Searches how far clean images can be transformed. What an earlier attempt tried is not computed again. */
export const largestRangeJob = defineJob({
  kind: 'largestRange',
  title: (transform: TransformId) => `Largest range of ${transformOf(transform).title.toLowerCase()}`,
  payload: z.strictObject({ rangeId: z.string() }),
  async run({ rangeId }, { db, blobs, signal, changed, save, keep }) {
    const row = await findRange(db, rangeId);
    const known = new Map(row.trials.map(({ value, accuracy }) => [value, accuracy]));
    await save({ stage: 'loading the model' }, async () => {});
    const model = await keptModel(db, blobs, row.model_id);
    const { limit, step, precision, tolerance, samples_used: samples, seed } = row;
    const search = { limit, step, precision, tolerance };
    const searching = cleanRange(model, row.transform, search, { samples, seed, known, signal });
    const trials: RangeTrial[] = [];
    let next = await searching.next();
    for (; !next.done; next = await searching.next()) {
      trials.push(next.value);
      if (known.has(next.value.value)) continue;
      await keep({ stage: 'searching', done: trials.length, unit: 'values' }, (transaction) =>
        saveRange(transaction, rangeId, { trials }),
      );
      changed('LargestRange', rangeId);
    }
    const { lastHeld, firstFailed } = next.value;
    await save({ stage: 'saving' }, (transaction) =>
      saveRange(transaction, rangeId, { last_held: lastHeld, first_failed: firstFailed }),
    );
    changed('LargestRange', rangeId);
  },
});

/** A step finer than that is a mistake, or an attempt to keep the server busy. */
const MAXIMUM_STEPS = 1_000;

export const findLargestRange: Starter<typeof findLargestRangeRequest> = {
  mutation: 'findLargestRange',
  request: findLargestRangeRequest,
  makes: 'LargestRange',
  check({ modelId, transform, tolerance, samples, seed, ...input }, by) {
    const { identity, minimum, maximum } = transformOf(transform);
    const limit = input.limit ?? (maximum === identity ? minimum : maximum);
    checkTransformValue(transform, limit, ['limit']);
    const way = Math.abs(limit - identity);
    if (way === 0)
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        `limit: expected another value than the identity, ${identity}.`,
        ['limit'],
      );
    const within = (most: number) =>
      z
        .number()
        .min(most / MAXIMUM_STEPS)
        .max(most);
    const step = check(within(way), input.step ?? way / 20, 'step');
    const precision = check(within(step), input.precision ?? step / 10, 'precision');
    return async (tx) => {
      const model = await modelRow(tx, modelId, 'modelId');
      requireTrained(model);
      const id = newId('LargestRange');
      const jobId = await largestRangeJob.queue(
        tx,
        transform,
        { rangeId: id },
        { modelId, createdBy: by.id, plugins: notesOf([['transforms', transform]]) },
      );
      const samples_used = Math.min(samples, datasetOf(model.dataset).counts.test);
      const search = { transform, limit, step, precision, tolerance, samples, samples_used, seed };
      await insertRange(tx, { id, model_id: modelId, job_id: jobId, ...search });
      return [id];
    };
  },
};
