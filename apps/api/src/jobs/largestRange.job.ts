import { cleanRange, type RangeTrial } from '@trojanscope/core';
import { z } from 'zod';
import { keptModel } from '../store/models.js';
import { defineJob } from './defineJob.js';

/** Searches how far clean images can be transformed. What an earlier attempt tried is not computed again. */
export const largestRangeJob = defineJob({
  kind: 'largestRange',
  payload: z.strictObject({ rangeId: z.string() }),
  async run({ rangeId }, { db, dataFolder, signal, changed, save, keep }) {
    const row = await db
      .selectFrom('largest_range')
      .selectAll()
      .where('id', '=', rangeId)
      .executeTakeFirstOrThrow();
    const known = new Map(row.trials.map(({ value, accuracy }) => [value, accuracy]));
    await save({ stage: 'loading the model' }, async () => {});
    const model = await keptModel(db, dataFolder, row.model_id);
    const { limit, step, precision, tolerance, samples_used: samples, seed } = row;
    const search = { limit, step, precision, tolerance };
    const searching = cleanRange(model, row.transform, search, { samples, seed, known, signal });
    const trials: RangeTrial[] = [];
    let next = await searching.next();
    for (; !next.done; next = await searching.next()) {
      trials.push(next.value);
      if (known.has(next.value.value)) continue;
      await keep({ stage: 'searching', done: trials.length, unit: 'values' }, async (transaction) => {
        await transaction.updateTable('largest_range').set({ trials }).where('id', '=', rangeId).execute();
      });
      changed('LargestRange', rangeId);
    }
    const { lastHeld, firstFailed } = next.value;
    await save({ stage: 'saving' }, async (transaction) => {
      await transaction
        .updateTable('largest_range')
        .set({
          last_held: lastHeld,
          first_failed: firstFailed,
        })
        .where('id', '=', rangeId)
        .execute();
    });
    changed('LargestRange', rangeId);
  },
});
