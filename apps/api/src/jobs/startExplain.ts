import {
  type ExplainSettings,
  parseParameters,
  smoothGradParameters,
  TrojanscopeError,
} from '@trojanscope/core';
import type { ExplainInput } from '@trojanscope/schema';
import { z } from 'zod';
import type { Db } from '../store/database.js';
import { insertExplanations, type OutcomeRef } from '../store/explanations.js';
import { newId, parseOutcomeId } from '../store/ids.js';
import { insertJob } from '../store/jobs.js';
import type { Actor } from '../viewer.js';
import { check } from './checks.js';
import { once } from './once.js';

export const settingsSchema = z.object(smoothGradParameters.shape);

/** @returns ids of explanations, one for each outcome; those that exist with the same settings are reused */
export async function startExplain(db: Db, input: ExplainInput, by: Actor): Promise<string[]> {
  const settings: ExplainSettings = parseParameters(settingsSchema, input);
  check(z.array(z.string()).min(1).max(100), input.outcomeIds, 'outcomeIds');
  const outcomes = input.outcomeIds.map((id, i): OutcomeRef => {
    const outcome = parseOutcomeId(id);
    if (!outcome) throw new TrojanscopeError('NOT_FOUND', `There is no outcome ${id}.`, ['outcomeIds', i]);
    return outcome;
  });
  const ids = await once(db, 'explain', input, by, async (tx) => {
    const models = new Set<string>();
    for (const [i, { pointId, position }] of outcomes.entries()) {
      const row = await tx
        .selectFrom('outcome')
        .innerJoin('point', 'point.id', 'outcome.point_id')
        .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
        .select('sweep.model_id')
        .where('outcome.point_id', '=', pointId)
        .where('outcome.position', '=', position)
        .executeTakeFirst();
      if (!row) {
        throw new TrojanscopeError('NOT_FOUND', `There is no outcome ${input.outcomeIds[i]}.`, [
          'outcomeIds',
          i,
        ]);
      }
      models.add(row.model_id);
    }
    if (models.size > 1) {
      throw new TrojanscopeError(
        'BAD_USER_INPUT',
        'outcomeIds: expected outcomes of one model; got several.',
        ['outcomeIds'],
      );
    }
    const [modelId] = models;
    const jobId = newId('Job');
    // The job's row comes first, for the rows that point to it; it stays only if it has something to do.
    await insertJob(tx, {
      id: jobId,
      kind: 'explain',
      title: `Explain ${outcomes.length === 1 ? 'one decision' : `${outcomes.length} decisions`}`,
      payload: { modelId },
      modelId,
      createdBy: by.id,
    });
    const explanations = await insertExplanations(tx, modelId!, jobId, outcomes, settings);
    const { mine } = await tx
      .selectFrom('explanation')
      .select(({ fn }) => fn.countAll<number>().as('mine'))
      .where('job_id', '=', jobId)
      .executeTakeFirstOrThrow();
    if (mine === 0) await tx.deleteFrom('job').where('id', '=', jobId).execute();
    return explanations.join(' ');
  });
  return ids.split(' ');
}
