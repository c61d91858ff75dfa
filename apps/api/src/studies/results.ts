import { readFile } from 'node:fs/promises';
import {
  datasetOf,
  type OutcomeKind,
  type StudyModel,
  type StudyResults,
  TrojanscopeError,
  transforms,
} from '@trojanscope/core';
import { jobDefinitions } from '../jobs/index.js';
import { artifactFile } from '../store/artifacts.js';
import type { Db } from '../store/database.js';
import { explanationsOfStudy } from '../store/explanations.js';

type Explanation = StudyModel['explanations'][number];
type Strip = StudyModel['strips'][number];

/**
 * All that a study has come to, for its report.
 * @throws TrojanscopeError NOT_FOUND
 */
export async function resultsOfStudy(db: Db, dataFolder: string, studyId: string): Promise<StudyResults> {
  const study = await db.selectFrom('study').selectAll().where('id', '=', studyId).executeTakeFirst();
  if (!study) throw new TrojanscopeError('NOT_FOUND', `There is no study ${studyId}.`, ['id']);
  const jobs = await db
    .selectFrom('study_job')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .leftJoin('model', 'model.id', 'job.model_id')
    .selectAll('job')
    .select(['model.name as modelName'])
    .where('study_job.study_id', '=', studyId)
    .orderBy('study_job.place')
    .execute();
  const explanations = await explanationsOf(db, studyId);
  const options = { seeds: [study.seed], ...study.options };
  const ends = jobs.map(({ finished_at }) => finished_at);
  const models: StudyModel[] = [];
  for (const job of jobs.filter(({ kind }) => jobDefinitions[kind].makesModel)) {
    const row = await db
      .selectFrom('model')
      .selectAll()
      .where('id', '=', job.model_id)
      .executeTakeFirstOrThrow();
    const { record } = row;
    const sweeps = jobs.filter(({ kind, model_id }) => kind === 'sweep' && model_id === row.id);
    models.push({
      id: row.id,
      name: row.name,
      spec: row.spec,
      record,
      importedFrom: record?.imported?.from ?? null,
      curves: await Promise.all(
        sweeps.filter(({ status }) => status === 'SUCCEEDED').map((sweep) => curveOf(db, sweep)),
      ),
      explanations: explanations.get(row.id) ?? [],
      strips: await stripsOf(db, dataFolder, row.id, row.dataset),
    });
  }
  return {
    title: study.name,
    options,
    startedAt: study.created_at,
    finishedAt: ends.includes(null) ? null : ends.reduce((a, b) => (b! > a! ? b : a), study.created_at),
    models,
    missing: jobs
      .filter(({ status }) => status !== 'SUCCEEDED')
      .map(({ title, modelName, kind, status }) => {
        const of = jobDefinitions[kind].makesModel || !modelName ? '' : ` of ${modelName}`;
        return `${title}${of} (${status.toLowerCase()})`;
      }),
  };
}

async function curveOf(
  db: Db,
  job: { sweep_id: string | null; attempt: number; started_at: string | null; finished_at: string | null },
): Promise<StudyModel['curves'][number]> {
  const { transform, target, samples } = await db
    .selectFrom('sweep')
    .select(['transform', 'target', 'samples'])
    .where('id', '=', job.sweep_id)
    .executeTakeFirstOrThrow();
  const points = await db
    .selectFrom('point')
    .select(['value', 'counts'])
    .where('sweep_id', '=', job.sweep_id)
    .orderBy('position')
    .execute();
  const whole = job.attempt === 1 && job.started_at && job.finished_at;
  return {
    transform,
    target,
    samplesAsked: samples,
    points,
    seconds: whole ? (Date.parse(job.finished_at!) - Date.parse(job.started_at!)) / 1000 : null,
  };
}

/** By model. */
async function explanationsOf(db: Db, studyId: string): Promise<Map<string, Explanation[]>> {
  const found = new Map<string, Explanation[]>();
  for (const row of await explanationsOfStudy(db, studyId)) {
    if (!row.image) continue;
    const outcome = await db
      .selectFrom('outcome')
      .innerJoin('point', 'point.id', 'outcome.point_id')
      .innerJoin('sweep', 'sweep.id', 'point.sweep_id')
      .select(['sweep.transform', 'sweep.target', 'point.value', 'outcome.kind'])
      .select(['outcome.true_label as trueLabel', 'outcome.clean_prediction as cleanLabel'])
      .where('outcome.point_id', '=', row.point_id)
      .where('outcome.position', '=', row.position)
      .executeTakeFirstOrThrow();
    const { trueLabel, cleanLabel, kind, ...at } = outcome;
    const { score } = row;
    const own = found.get(row.model_id) ?? [];
    found.set(row.model_id, own);
    own.push({
      ...at,
      position: row.position,
      kind: kind as OutcomeKind,
      cleanRight: trueLabel === cleanLabel,
      score,
      controls: score?.controls,
    });
  }
  return found;
}

interface StoredFrame {
  subject: 'CLEAN' | 'TROJANED' | { transform: keyof typeof transforms; target: string; value: number };
  predictedLabel: number;
  score: Strip['frames'][number]['score'];
}

async function stripsOf(db: Db, dataFolder: string, modelId: string, dataset: string): Promise<Strip[]> {
  const rows = await db
    .selectFrom('strip')
    .selectAll()
    .where('model_id', '=', modelId)
    .orderBy('sample_index')
    .execute();
  const { classNames } = datasetOf(dataset);
  return Promise.all(
    rows.map(async ({ picture, frames }) => {
      const stored = frames;
      return {
        picture: (await readFile(artifactFile(dataFolder, picture)!)).toString('base64'),
        // A strip is of a sample that the model gets right untransformed.
        trueName: classNames[stored[0]!.predictedLabel] ?? String(stored[0]!.predictedLabel),
        frames: stored.map(({ subject, predictedLabel, score }) => ({
          what: nameOf(subject),
          predictedName: classNames[predictedLabel] ?? String(predictedLabel),
          score,
        })),
      };
    }),
  );
}

function nameOf(subject: StoredFrame['subject']): string {
  if (typeof subject === 'string') return subject.toLowerCase();
  const { title, unit } = transforms[subject.transform];
  return `${subject.target.toLowerCase()} ${title.toLowerCase()} ${subject.value} ${unit}`;
}
