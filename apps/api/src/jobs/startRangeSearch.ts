import {
  checkTransformValue,
  datasetOf,
  sweepParameters,
  TrojanscopeError,
  transforms,
} from '@trojanscope/core';
import type { FindLargestRangeInput } from '@trojanscope/schema';
import { z } from 'zod';
import { type Db, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import type { Actor } from '../viewer.js';
import { check, modelRow, requireTrained, seedSchema } from './checks.js';
import { once } from './once.js';

/** A step finer than that is a mistake, or an attempt to keep the server busy. */
const MAXIMUM_STEPS = 1_000;

export async function startRangeSearch(db: Db, input: FindLargestRangeInput, by: Actor): Promise<string> {
  const { transform } = input;
  const { identity, minimum, maximum } = transforms[transform];
  const limit = input.limit ?? (maximum === identity ? minimum : maximum);
  checkTransformValue(transform, limit, ['limit']);
  const way = Math.abs(limit - identity);
  if (way === 0)
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `limit: expected another value than the identity, ${identity}.`,
      ['limit'],
    );
  const step = check(
    z
      .number()
      .min(way / MAXIMUM_STEPS)
      .max(way),
    input.step ?? way / 20,
    'step',
  );
  const precision = check(
    z
      .number()
      .min(step / MAXIMUM_STEPS)
      .max(step),
    input.precision ?? step / 10,
    'precision',
  );
  const tolerance = check(z.number().min(0).max(1), input.tolerance, 'tolerance');
  const samples = check(sweepParameters.shape.samples, input.samples, 'samples');
  const seed = check(seedSchema, input.seed, 'seed');
  return once(db, 'findLargestRange', input, by, async (tx) => {
    const model = await modelRow(tx, input.modelId, 'modelId');
    requireTrained(model);
    const id = newId('LargestRange');
    const jobId = await insertJob(tx, {
      kind: 'largestRange',
      title: `Largest range of ${transforms[transform].title.toLowerCase()}`,
      payload: { rangeId: id },
      modelId: model.id,
      createdBy: by.id,
    });
    await tx
      .insertInto('largest_range')
      .values({
        id,
        model_id: model.id,
        job_id: jobId,
        transform,
        limit,
        step,
        precision,
        tolerance,
        samples,
        samples_used: Math.min(samples, datasetOf(model.dataset).counts.test),
        seed,
        created_at: now(),
      })
      .execute();
    return id;
  });
}
