import {
  type BundleRecord,
  datasetOf,
  type ModelRecord,
  type ModelSpec,
  type Pace,
  partsOf,
} from '@trojanscope/core';
import type { Db } from '../store/database.js';
import { knownPace, measurePaceOf, paceKey, paceTitle, triggerSteps } from './pace.js';
import { type WorkOfStudy, workOfStudy } from './work.js';

/** What the work left of a study will take on this machine, about. */
export interface StudyCost {
  seconds: number;
  memoryBytes: number;
  diskBytes: number;
  /** Models to train, samples to classify at the points of sweeps. */
  models: number;
  sweeps: number;
  samples: number;
  /** Models and sweeps that are there already. */
  reused: { models: number; sweeps: number };
  /** Whether times are from jobs that finished here, or measured here; both where it is some of each. */
  basis: readonly ('FINISHED' | 'MEASURED')[];
  /** Seconds of each job that is not done, by its id. */
  byJob: ReadonlyMap<string, number>;
}

/** A row of `outcome` with its share of indices; a picture of an explanation relative to its pixels. Measured. */
const BYTES_PER_OUTCOME = 100;
const EXPLANATION_BYTES_PER_PIXEL = 8;
const EXPLANATION_COPIES = 50;
const SAVED_AND_LOADED_SECONDS = 2;

/**
 * Weighs the jobs of a study that are not done: by what the same took in jobs that finished here, else by a short
 * measurement, which is kept.
 * @param measuring is told what is measured, before each
 */
export async function costOfStudy(
  db: Db,
  dataFolder: string,
  studyId: string,
  measuring: (what: string) => void = () => {},
): Promise<StudyCost> {
  const paces = new Map<string, Pace>();
  return costOf(db, await workOfStudy(db, studyId), async (spec) => {
    const known = paces.get(paceKey(spec)) ?? (await knownPace(db, spec));
    if (!known) measuring(paceTitle(spec));
    const pace = known ?? (await measurePaceOf(db, dataFolder, spec));
    paces.set(paceKey(spec), pace);
    return pace;
  });
}

/** @param paceOf how fast this machine is with such models */
export async function costOf(
  db: Db,
  { work, done }: WorkOfStudy,
  paceOf: (spec: ModelSpec) => Promise<Pace>,
): Promise<StudyCost> {
  const basis = new Set<'FINISHED' | 'MEASURED'>();
  const byJob = new Map<string, number>();
  let [diskBytes, memoryBytes, samples, checkpoint] = [0, 0, 0, 0];

  for (const { jobId, kind, spec, left, classified, outcomes, explained } of work) {
    const { shape, dataset } = partsOf(spec);
    const pixels = shape.height * shape.width * shape.channels;
    const pace = await paceOf(spec);
    let seconds = SAVED_AND_LOADED_SECONDS;
    if (kind === 'model') {
      const own = await finishedTraining(db, spec);
      basis.add(own === undefined ? 'MEASURED' : 'FINISHED');
      seconds += trainedImages(spec) * (own ?? pace.secondsPerTrainedImage);
      seconds += triggerSteps(spec) * pace.secondsPerTriggerStep;
      seconds += 2 * dataset.counts.test * pace.secondsPerClassifiedImage;
      diskBytes += pace.weightBytes;
      // While it trains, a model's last checkpoint lies beside the others: weights and momenta.
      checkpoint = Math.max(checkpoint, 2 * pace.weightBytes);
      memoryBytes = Math.max(memoryBytes, pace.memoryBytes + dataset.counts.train * pixels);
    } else if (kind === 'sweep') {
      samples += outcomes;
      seconds += classified * pace.secondsPerClassifiedImage;
      diskBytes += outcomes * BYTES_PER_OUTCOME;
      memoryBytes = Math.max(memoryBytes, pace.memoryBytes + dataset.counts.test * pixels);
    } else {
      seconds += explained * EXPLANATION_COPIES * pace.secondsPerGradient;
      diskBytes += explained * shape.height * shape.width * EXPLANATION_BYTES_PER_PIXEL;
    }
    byJob.set(jobId, seconds * left);
  }
  const count = (wanted: string) => work.filter(({ kind }) => kind === wanted).length;
  return {
    seconds: [...byJob.values()].reduce((sum, seconds) => sum + seconds, 0),
    memoryBytes,
    diskBytes: diskBytes + checkpoint,
    models: count('model'),
    sweeps: count('sweep'),
    samples,
    reused: done,
    basis: [...basis],
    byJob,
  };
}

const trainedImages = ({ dataset, recipe }: ModelSpec) => recipe.epochs * datasetOf(dataset).counts.train;

/** Seconds an image of trainings like this one that ran here in one piece; undefined where there are none. */
async function finishedTraining(db: Db, spec: ModelSpec): Promise<number | undefined> {
  const rows = await db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.record'])
    .where('model.dataset', '=', spec.dataset)
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .orderBy('model.id', 'desc')
    .limit(100)
    .execute();
  const like = rows
    .map(({ record }) => JSON.parse(record!) as ModelRecord & Partial<Pick<BundleRecord, 'imported'>>)
    .filter((record) => !record.imported && triggerSteps(record.spec) === 0)
    .filter(({ spec: own }) => own.architecture === spec.architecture && own.sizePx === spec.sizePx)
    .slice(0, 5);
  if (like.length === 0) return undefined;
  const seconds = like.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
  return seconds / like.reduce((sum, record) => sum + trainedImages(record.spec), 0);
}
