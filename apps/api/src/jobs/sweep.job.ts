import { type OutcomeKind, outcomeKind, runSweep, type SweepPoint } from '@trojanscope/core';
import { sql } from 'kysely';
import { z } from 'zod';
import { type Db, now } from '../store/database.js';
import { newId } from '../store/ids.js';
import { keptModel } from '../store/models.js';
import { sweepSpecOf } from '../store/sweeps.js';
import { defineJob } from './defineJob.js';

/** Runs a sweep. Points that exist are not computed again. */
export const sweepJob = defineJob({
  kind: 'sweep',
  payload: z.strictObject({ sweepId: z.string() }),
  async run({ sweepId }, { db, dataFolder, signal, changed, save, keep }) {
    const sweep = await db
      .selectFrom('sweep')
      .selectAll()
      .where('id', '=', sweepId)
      .executeTakeFirstOrThrow();
    const spec = sweepSpecOf(sweep);
    const saved = await db.selectFrom('point').select('position').where('sweep_id', '=', sweepId).execute();
    const skip = new Set(saved.map(({ position }) => position));
    const total = spec.values.length;
    let done = skip.size;
    await save({ stage: 'loading models', done, total, unit: 'points' }, async () => {});
    const trojaned = await keptModel(db, dataFolder, sweep.model_id);
    const benign = await keptModel(db, dataFolder, sweep.benign_id);
    const { targetLabel } = trojaned.record.spec.backdoor!;
    for await (const point of runSweep(trojaned, benign, spec, { signal, skip })) {
      done++;
      await keep({ stage: 'sweeping', done, total, unit: 'points' }, (transaction) =>
        insertPoint(transaction, sweepId, point, targetLabel),
      );
      changed('Sweep', sweepId);
    }
  },
});

async function insertPoint(db: Db, sweepId: string, point: SweepPoint, targetLabel: number): Promise<void> {
  const id = newId('Point');
  const { position, value, samples, outcomes, counts } = point;
  await db
    .insertInto('point')
    .values({ id, sweep_id: sweepId, position, value, counts, created_at: now() })
    .execute();
  const kind = (predicted: number, i: number): OutcomeKind =>
    outcomeKind(predicted, samples.trueLabels[i]!, targetLabel);
  const rows = Array.from(samples.indices, (sampleIndex, i) => [
    i,
    sampleIndex,
    samples.trueLabels[i],
    outcomes.predicted[i],
    outcomes.confidences[i],
    kind(outcomes.predicted[i]!, i),
    samples.cleanPredictions[i],
    kind(samples.identityPredictions[i]!, i),
    outcomes.visibleTrigger[i],
    outcomes.parameters[i],
  ]);
  // One statement for a thousand rows: SQLite unpacks them from JSON faster than a thousand statements are sent.
  await sql`
    insert into outcome (point_id, position, sample_index, true_label, predicted, confidence, kind, clean_prediction,
                         identity_kind, visible_trigger, parameters)
    select ${id}, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
           value ->> 7, value ->> 8, value -> 9
    from json_each(${JSON.stringify(rows)})`.execute(db);
}
