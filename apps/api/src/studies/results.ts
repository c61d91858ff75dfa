import {
  datasetInfoOf,
  documentSha256,
  type StudyDetection,
  type StudyModel,
  type StudyResults,
  TrojanscopeError,
  transformOf,
} from '@trojanscope/core';
import type { Blobs } from '../blobs/blobs.js';
import { jobDefinitions } from '../jobs/index.js';
import { readArtifact } from '../store/artifacts.js';
import { knownRow, pointsOfSweeps } from '../store/batches.js';
import type { Db, StoredFrame } from '../store/database.js';
import { answeredImages, detectionOfJob, detectionSpecOf } from '../store/detections.js';
import { comparisonAt, explanationsOfStudy, pointsCompared, stripsOfModel } from '../store/explanations.js';
import { settingOfOutcome } from '../store/outcomes.js';
import { documentOf, jobsOfStudy, studyById } from '../store/studies.js';
import { robustnessProfile } from './robustness.js';

type Explanation = StudyModel['explanations'][number];
type Strip = StudyModel['strips'][number];

/**
 * All results of a study, for its report.
 * @throws TrojanscopeError NOT_FOUND
 */
export async function resultsOfStudy(db: Db, blobs: Blobs, studyId: string): Promise<StudyResults> {
  const study = await studyById(db, studyId);
  if (!study) throw new TrojanscopeError('NOT_FOUND', `There is no study ${studyId}.`, ['id']);
  const document = documentOf(study);
  const jobs = await jobsOfStudy(db, studyId);
  const explanations = await explanationsOf(db, studyId);
  const options = { seeds: [study.seed], ...study.options };
  const ends = jobs.map(({ finished_at }) => finished_at);
  const models: StudyModel[] = [];
  for (const job of jobs.filter(({ kind }) => jobDefinitions[kind].makesModel)) {
    const row = await knownRow(db, 'model', job.model_id!);
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
      robustness: row.kind === 'TROJANED' ? await robustnessProfile(db, row.id) : null,
      detections: await Promise.all(
        jobs
          .filter(
            ({ kind, model_id, status }) =>
              kind === 'detect' && model_id === row.id && status === 'SUCCEEDED',
          )
          .map((job) => detectionOf(db, job.id)),
      ),
      explanations: explanations.get(row.id) ?? [],
      comparisons: await comparisonsOf(db, studyId, row.id),
      strips: await stripsOf(db, blobs, row.id, row.dataset),
    });
  }
  return {
    title: study.name,
    documentSha256: documentSha256(document),
    reproduces: document.reproducesPaper,
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
  const sweepId = job.sweep_id!;
  const { transform, target, samples } = await knownRow(db, 'sweep', sweepId);
  const points = await pointsOfSweeps(db, [sweepId]);
  const whole = job.attempt === 1 && job.started_at && job.finished_at;
  return {
    transform,
    target,
    samplesAsked: samples,
    points: points.map(({ value, counts }) => ({ value, counts })),
    seconds: whole ? (Date.parse(job.finished_at!) - Date.parse(job.started_at!)) / 1000 : null,
  };
}

async function detectionOf(db: Db, jobId: string): Promise<StudyDetection> {
  const row = await detectionOfJob(db, jobId);
  const { queries, summary } = row;
  return { ...detectionSpecOf(row), queries, summary: summary!, images: await answeredImages(db, row.id) };
}

/** By model. */
async function explanationsOf(db: Db, studyId: string): Promise<Map<string, Explanation[]>> {
  const found = new Map<string, Explanation[]>();
  const made = (await explanationsOfStudy(db, studyId)).filter(({ image }) => image !== null);
  // Another study over the same sweeps may have asked again since scores were added: the newest counts.
  const newest = new Map(made.map((row) => [`${row.point_id}/${row.position}`, row]));
  for (const row of newest.values()) {
    const { trueLabel, cleanLabel, kind, ...at } = await settingOfOutcome(db, row.point_id, row.position);
    const { score } = row;
    const own = found.get(row.model_id) ?? [];
    found.set(row.model_id, own);
    own.push({
      ...at,
      position: row.position,
      kind,
      cleanRight: trueLabel === cleanLabel,
      score,
      controls: score?.controls,
      faithfulness: row.measures?.faithfulness,
    });
  }
  return found;
}

async function comparisonsOf(db: Db, studyId: string, modelId: string): Promise<StudyModel['comparisons']> {
  const points = await pointsCompared(db, studyId, modelId);
  const found = await Promise.all(
    points.map(async ({ id, ...setting }) => ({ ...setting, comparison: await comparisonAt(db, id) })),
  );
  return found.flatMap(({ comparison, ...setting }) => (comparison ? [{ ...setting, comparison }] : []));
}

async function stripsOf(db: Db, blobs: Blobs, modelId: string, dataset: string): Promise<Strip[]> {
  const rows = await stripsOfModel(db, modelId);
  const { classNames } = datasetInfoOf(dataset);
  return Promise.all(
    rows.map(async ({ picture, frames }) => {
      return {
        picture: (await readArtifact(blobs, picture)).toString('base64'),
        // A strip is of a sample that the model gets right untransformed.
        trueName: classNames[frames[0]!.predictedLabel] ?? String(frames[0]!.predictedLabel),
        frames: frames.map(({ subject, predictedLabel, score }) => ({
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
  const { title, unit } = transformOf(subject.transform);
  return `${subject.target.toLowerCase()} ${title.toLowerCase()} ${subject.value} ${unit}`;
}
