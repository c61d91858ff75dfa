import { type Pace, shownPartsOf } from '@trojanscope/core';
import type { JobKind } from '@trojanscope/schema';
import type { Fork } from '../processes/forkQuietly.js';
import type { Db } from '../store/database.js';
import { alikeKey, alikeOf } from './alike.js';
import { secondsPerEpoch } from './estimates.js';
import { knownPace, measurePaceOf, type Paced, paceKey, paceTitle, triggerSteps } from './pace.js';
import type { WorkOfStudy } from './work.js';

/** What the work left of a study will take on this machine, about. */
export interface StudyCost {
  seconds: number;
  memoryBytes: number;
  diskBytes: number;
  /** Models to train, samples to classify at the points of sweeps, detectors to try. */
  models: number;
  sweeps: number;
  detections: number;
  samples: number;
  /** What of them is there already. */
  reused: WorkOfStudy['done'];
  /** Whether times are from jobs that finished here, or measured here; both where it is some of each. */
  basis: readonly ('FINISHED' | 'MEASURED')[];
  /** Seconds of each job that is not done, by its id. */
  byJob: ReadonlyMap<string, number>;
}

/** A row of `outcome` with its share of indices; a picture of an explanation relative to its pixels. Measured. */
const BYTES_PER_OUTCOME = 100;
/** A detector's, with its share of the image's row. */
const BYTES_PER_ANSWER = 12;
const EXPLANATION_BYTES_PER_PIXEL = 8;
const EXPLANATION_COPIES = 50;
/** Passes that tell how faithful a map is: at most, for controls and strips do without. */
const FAITHFULNESS_PASSES = 116;
const SAVED_AND_LOADED_SECONDS = 2;

/**
 * Weighs the jobs of a study that are not done: by what the same took in jobs that finished here, else by a short
 * measurement, which is kept.
 * @param measuring is told what is measured, before each
 */
export async function costOfStudy(
  db: Db,
  fork: Fork,
  study: WorkOfStudy,
  measuring: (what: string) => void = () => {},
): Promise<StudyCost> {
  const paces = new Map<string, Pace>();
  return costOf(db, study, async (subject) => {
    const known = paces.get(paceKey(subject)) ?? (await knownPace(db, subject));
    if (!known) measuring(paceTitle(subject));
    const pace = known ?? (await measurePaceOf(db, fork, subject));
    paces.set(paceKey(subject), pace);
    return pace;
  });
}

/** @param paceOf how fast this machine is with such models */
export async function costOf(
  db: Db,
  { work, done }: WorkOfStudy,
  paceOf: (subject: Paced) => Promise<Pace>,
): Promise<StudyCost> {
  const basis = new Set<'FINISHED' | 'MEASURED'>();
  // Models of a study are alike: each kind is looked up once.
  const epochs = new Map<string, number | null>();
  const byJob = new Map<string, number>();
  let [diskBytes, memoryBytes, samples, checkpoint] = [0, 0, 0, 0];

  for (const { jobId, kind, modelId, spec, left, classified, outcomes, explained } of work) {
    const { shape, dataset } = shownPartsOf(spec);
    const pixels = shape.height * shape.width * shape.channels;
    const pace = await paceOf({ spec, modelId });
    let seconds = SAVED_AND_LOADED_SECONDS;
    if (kind === 'model') {
      const key = alikeKey(spec);
      if (!epochs.has(key)) epochs.set(key, await secondsPerEpoch(db, alikeOf(spec)));
      const epoch = epochs.get(key) ?? null;
      basis.add(epoch === null ? 'MEASURED' : 'FINISHED');
      seconds += spec.recipe.epochs * (epoch ?? dataset.counts.train * pace.secondsPerTrainedImage);
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
    } else if (kind === 'detect') {
      seconds += classified * pace.secondsPerClassifiedImage;
      diskBytes += classified * BYTES_PER_ANSWER;
      memoryBytes = Math.max(memoryBytes, pace.memoryBytes + dataset.counts.test * pixels);
    } else {
      seconds += explained * EXPLANATION_COPIES * pace.secondsPerGradient;
      seconds += explained * FAITHFULNESS_PASSES * pace.secondsPerClassifiedImage;
      diskBytes += explained * shape.height * shape.width * EXPLANATION_BYTES_PER_PIXEL;
    }
    byJob.set(jobId, seconds * left);
  }
  const count = (wanted: JobKind) => work.filter(({ kind }) => kind === wanted).length;
  return {
    seconds: [...byJob.values()].reduce((sum, seconds) => sum + seconds, 0),
    memoryBytes,
    diskBytes: diskBytes + checkpoint,
    models: count('model'),
    sweeps: count('sweep'),
    detections: count('detect'),
    samples,
    reused: done,
    basis: [...basis],
    byJob,
  };
}
