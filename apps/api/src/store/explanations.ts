import {
  type ExplainSettings,
  type ScoredExplanations,
  SMOOTHGRAD_DEFAULTS,
  TABLE_3,
  transforms,
} from '@trojanscope/core';
import type { ExplanationFilter } from '@trojanscope/schema';
import { type Insertable, sql, type Updateable } from 'kysely';
import { type Db, holds, now, type Row, type Tables } from './database.js';
import { newId } from './ids.js';
import type { Filter } from './lists.js';

export interface OutcomeRef {
  pointId: string;
  position: number;
}

/** Rows for explanations that do not exist yet or were given up. Returns the ids of all, old and new, in the order of `outcomes`. */
export async function insertExplanations(
  db: Db,
  modelId: string,
  jobId: string,
  outcomes: readonly OutcomeRef[],
  settings: ExplainSettings = SMOOTHGRAD_DEFAULTS,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { pointId, position } of outcomes) {
    await db
      .insertInto('explanation')
      .values({
        id: newId('Explanation'),
        model_id: modelId,
        job_id: jobId,
        point_id: pointId,
        position,
        settings,
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
      .where(holds('settings', settings))
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
      .where(holds('settings', settings))
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
      .innerJoin('study_job', 'study_job.job_id', 'sweep.job_id')
      .select(['point.id', 'point.counts', 'sweep.target'])
      .where('study_job.study_id', '=', studyId)
      .where('sweep.model_id', '=', modelId)
      .orderBy('point.id')
      .execute()
  ).map(({ id, counts, target }) => ({
    id,
    target,
    fired: counts.target,
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

/** One sample of a study, to be shown as a strip. */
export interface StripSample {
  sampleIndex: number;
  position: number;
  samples: number;
  seed: number;
}

/**
 * What the paper looks at by eye (section 5.4): well-predicted samples untransformed, those of them whose true label the
 * configurations of Table 3 bring back, and the samples that most of these bring back, for strips. Samples are drawn at
 * random, so the first are as good as any.
 */
export async function pickScored(
  db: Db,
  studyId: string,
  modelId: string,
  { wellPredicted, defeated, strips }: ScoredExplanations,
): Promise<{ outcomes: OutcomeRef[]; strips: StripSample[] }> {
  const points = await db
    .selectFrom('point')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .innerJoin('study_job', 'study_job.job_id', 'sweep.job_id')
    .select(['point.id', 'point.value', 'sweep.transform', 'sweep.target', 'sweep.samples', 'sweep.seed'])
    .where('study_job.study_id', '=', studyId)
    .where('sweep.model_id', '=', modelId)
    .orderBy('study_job.place')
    .execute();
  const identity = points.find(({ transform, value }) => value === transforms[transform].identity);
  if (!identity) return { outcomes: [], strips: [] };
  const chosen = await db
    .selectFrom('outcome')
    .select(['position', 'sample_index as sampleIndex'])
    .where('point_id', '=', identity.id)
    .where('kind', '=', 'TARGET')
    .where('clean_prediction', '=', sql.ref<number>('true_label'))
    .orderBy('position')
    .limit(wellPredicted)
    .execute();
  const backAgain = await Promise.all(
    points
      .filter((point) =>
        TABLE_3.some(({ transform, value }) => transform === point.transform && value === point.value),
      )
      .map(async ({ id }) => {
        const rows = await db
          .selectFrom('outcome')
          .select('position')
          .where('point_id', '=', id)
          .where('kind', '=', 'TRUTH')
          .where(
            'position',
            'in',
            chosen.map(({ position }) => position),
          )
          .orderBy('position')
          .execute();
        return rows.map(({ position }) => ({ pointId: id, position }));
      }),
  );
  const times = (position: number) =>
    backAgain.filter((rows) => rows.some((row) => row.position === position)).length;
  const { samples, seed } = identity;
  return {
    outcomes: [
      ...chosen.map(({ position }) => ({ pointId: identity.id, position })),
      ...backAgain.flatMap((rows) => rows.slice(0, defeated)),
    ],
    strips: chosen
      .toSorted((a, b) => times(b.position) - times(a.position) || a.position - b.position)
      .slice(0, strips)
      .map((sample) => ({ ...sample, samples, seed })),
  };
}

/** Explanations that studies asked for, of the outcomes of this one's sweeps; with a limit, the oldest. */
export const explanationsOfStudy = (db: Db, studyId: string, limit?: number) =>
  db
    .selectFrom('study_job')
    .innerJoin('sweep', 'sweep.job_id', 'study_job.job_id')
    .innerJoin('point', 'point.sweep_id', 'sweep.id')
    .innerJoin('explanation', 'explanation.point_id', 'point.id')
    .innerJoin('job', 'job.id', 'explanation.job_id')
    .selectAll('explanation')
    .where('study_job.study_id', '=', studyId)
    .where('job.study_id', 'is not', null)
    .orderBy('explanation.id')
    .$if(limit !== undefined, (query) => query.limit(limit!))
    .execute();

/** The model whose outcome it is; undefined where there is no such outcome. */
export async function modelOfOutcome(db: Db, { pointId, position }: OutcomeRef): Promise<string | undefined> {
  const row = await db
    .selectFrom('outcome')
    .innerJoin('point', 'point.id', 'outcome.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .select('sweep.model_id')
    .where('outcome.point_id', '=', pointId)
    .where('outcome.position', '=', position)
    .executeTakeFirst();
  return row?.model_id;
}

/** Explanations that a job is to make, with what each is of. */
export const explanationsOfJob = (db: Db, jobId: string) =>
  db
    .selectFrom('explanation')
    .innerJoin('point', 'point.id', 'explanation.point_id')
    .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
    .innerJoin('outcome', (join) =>
      join
        .onRef('outcome.point_id', '=', 'explanation.point_id')
        .onRef('outcome.position', '=', 'explanation.position'),
    )
    .select([
      'explanation.id',
      'explanation.position',
      'explanation.settings',
      'explanation.image',
      'point.value',
      'sweep.transform',
      'sweep.target',
      'sweep.samples',
      'sweep.seed',
      'sweep.benign_id',
      'outcome.sample_index as sampleIndex',
    ])
    .where('explanation.job_id', '=', jobId)
    .orderBy('explanation.id')
    .execute();

export async function countExplanationsOf(db: Db, jobId: string): Promise<number> {
  const { count } = await db
    .selectFrom('explanation')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('job_id', '=', jobId)
    .executeTakeFirstOrThrow();
  return count;
}

export async function saveExplanation(
  db: Db,
  id: string,
  made: Pick<
    Updateable<Tables['explanation']>,
    'image' | 'saliency' | 'overlay' | 'score' | 'explained_label'
  >,
): Promise<void> {
  await db.updateTable('explanation').set(made).where('id', '=', id).execute();
}

export async function insertStrip(db: Db, row: Omit<Insertable<Tables['strip']>, 'created_at'>) {
  await db
    .insertInto('strip')
    .values({ ...row, created_at: now() })
    .execute();
}

/** Samples that a model has strips of, by their indices. */
export async function strippedSamples(db: Db, modelId: string, settings: ExplainSettings): Promise<number[]> {
  const rows = await db
    .selectFrom('strip')
    .select('sample_index')
    .where('model_id', '=', modelId)
    .where(holds('settings', settings))
    .execute();
  return rows.map(({ sample_index }) => sample_index);
}

/** In the order of their samples. */
export const stripsOfModel = (db: Db, modelId: string): Promise<Row<'strip'>[]> =>
  db.selectFrom('strip').selectAll().where('model_id', '=', modelId).orderBy('sample_index').execute();

export const explanationsWanted =
  (wanted: ExplanationFilter | null): Filter<'explanation'> =>
  (query) =>
    wanted?.modelId ? query.where('model_id', '=', wanted.modelId) : query;
