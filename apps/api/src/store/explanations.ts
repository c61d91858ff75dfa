import type { ExplainSettings } from '@trojanscope/core';
import { type Db, now } from './database.js';
import { newId } from './ids.js';

export interface OutcomeRef {
  pointId: string;
  position: number;
}

export const DEFAULT_SETTINGS: ExplainSettings = {
  copies: 50,
  noiseLevel: 0.15,
  mode: 'MAGNITUDE',
  explainedClass: 'PREDICTED',
  seed: 1,
};

/** Rows for explanations that do not exist yet or were given up. Returns the ids of all, old and new, in the order of `outcomes`. */
export async function insertExplanations(
  db: Db,
  modelId: string,
  jobId: string,
  outcomes: readonly OutcomeRef[],
  settings: ExplainSettings = DEFAULT_SETTINGS,
): Promise<string[]> {
  const ids: string[] = [];
  const text = JSON.stringify(settings);
  for (const { pointId, position } of outcomes) {
    await db
      .insertInto('explanation')
      .values({
        id: newId('Explanation'),
        model_id: modelId,
        job_id: jobId,
        point_id: pointId,
        position,
        settings: text,
        created_at: now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    // One that its job will not come to any more is this job's now.
    await db
      .updateTable('explanation')
      .set({ job_id: jobId })
      .where('point_id', '=', pointId)
      .where('position', '=', position)
      .where('settings', '=', text)
      .where('image', 'is', null)
      .where('job_id', 'in', (query) =>
        query.selectFrom('job').select('id').where('status', 'in', ['FAILED', 'CANCELLED']),
      )
      .execute();
    const { id } = await db
      .selectFrom('explanation')
      .select('id')
      .where('point_id', '=', pointId)
      .where('position', '=', position)
      .where('settings', '=', text)
      .executeTakeFirstOrThrow();
    ids.push(id);
  }
  return ids;
}

/**
 * The outcomes that tell a study's story, as the paper's Fig. 5: for a few samples the untransformed trojaned image that
 * fires, and the same sample at each target's point of lowest ASR, where it does not.
 */
export async function pickForStudy(
  db: Db,
  studyId: string,
  modelId: string,
  count: number,
): Promise<OutcomeRef[]> {
  const points = (
    await db
      .selectFrom('point')
      .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
      .innerJoin('job', 'job.id', 'sweep.job_id')
      .select(['point.id', 'point.counts', 'sweep.target'])
      .where('job.study_id', '=', studyId)
      .where('sweep.model_id', '=', modelId)
      .orderBy('point.id')
      .execute()
  ).map(({ id, counts, target }) => ({
    id,
    target,
    fired: (JSON.parse(counts) as { target: number }).target,
  }));
  if (points.length === 0) return [];
  const identity = points.reduce((best, point) => (point.fired > best.fired ? point : best));
  const defeats = (['TRIGGER', 'IMAGE'] as const).flatMap((target) => {
    const own = points.filter((point) => point.target === target);
    return own.length ? [own.reduce((worst, point) => (point.fired < worst.fired ? point : worst))] : [];
  });
  const story = [identity, ...defeats].map(({ id }) => id);
  const samples = await db
    .selectFrom('outcome')
    .select('position')
    .where('point_id', 'in', story)
    .groupBy('position')
    // Fires untransformed; at the other points the true label comes back where there is such a sample.
    .having(({ fn }) => fn.max('identity_kind'), '=', 'TARGET')
    .orderBy(({ fn, eb }) => fn.sum(eb.case().when('kind', '=', 'TRUTH').then(1).else(0).end()), 'desc')
    .orderBy('position')
    .limit(Math.max(1, Math.floor(count / story.length)))
    .execute();
  return samples.flatMap(({ position }) => story.map((pointId) => ({ pointId, position })));
}
