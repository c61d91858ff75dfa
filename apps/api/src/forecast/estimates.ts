import {
  type AttackId,
  attackOf,
  type DetectorId,
  datasetInfoOf,
  detectorOf,
  networks,
} from '@trojanscope/core';
import { rowsById } from '../store/batches.js';
import type { Db } from '../store/database.js';
import {
  type Alike,
  finishedExplanations,
  finishedTrainings,
  secondsPerOutcome,
  secondsPerQuery,
} from '../store/durations.js';
import { alikeOf, median } from './alike.js';
import { triggerSteps } from './pace.js';
import { countExplained } from './work.js';

/** How long work will take, from how long work of its kind took on this server. */

export interface Estimate {
  seconds: number | null;
  /** Both null where the machine was not measured. */
  memoryBytes?: number | null;
  diskBytes?: number | null;
  measured: number;
  basis: string;
}

/** What took longer ago says less of this server. */
export const NEWEST = 15;

interface Training extends Alike {
  epochs: number;
  attack: AttackId | null;
}

/** More of them than are counted: some that make their trigger, some that do not. */
const trainingsLike = (db: Db, alike: Alike) => finishedTrainings(db, alike, 10 * NEWEST);

/** What an epoch took: only of trainings without a trigger to optimise, which is in the seconds too. */
function epochOf(trainings: Awaited<ReturnType<typeof trainingsLike>>) {
  const plain = trainings.filter(({ spec }) => triggerSteps(spec) === 0).slice(0, NEWEST);
  const seconds = median(plain.map(({ seconds, spec }) => seconds / spec.recipe.epochs));
  return { seconds, measured: plain.length };
}

/** Of an epoch of such models; null where none has been trained here. */
export const secondsPerEpoch = async (db: Db, alike: Alike): Promise<number | null> =>
  epochOf(await trainingsLike(db, alike)).seconds;

/** Seconds an epoch of that network on that data set took, and what optimising the trigger added. */
export async function estimateTraining(db: Db, wanted: Training): Promise<Estimate> {
  const { dataset, architecture, epochs, attack } = wanted;
  const trainings = await trainingsLike(db, wanted);
  const what = `${networks[architecture].title} on ${datasetInfoOf(dataset).title}`;
  const { seconds: epoch, measured } = epochOf(trainings);
  if (epoch === null)
    return { seconds: null, measured: 0, basis: `No training of ${what} has finished here yet.` };
  const basis = `From ${counted(measured, 'training')} of ${what} on this server.`;
  if (!attack || !('steps' in attackOf(attack).parameters.shape))
    return { seconds: epoch * epochs, measured, basis };
  const optimised = trainings.filter(
    ({ spec }) => spec.backdoor?.attack === attack && triggerSteps(spec) > 0,
  );
  const making = median(
    optimised.slice(0, NEWEST).map(({ seconds, spec }) => Math.max(0, seconds - epoch * spec.recipe.epochs)),
  );
  return {
    seconds: epoch * epochs + (making ?? 0),
    measured,
    basis:
      making === null
        ? `${basis} Making the trigger comes on top: no ${attackOf(attack).title} of it has finished here yet.`
        : basis,
  };
}

/** Seconds a sample at a value took with that network on that data set. */
export async function estimateSweep(
  db: Db,
  { modelId, values, samples }: { modelId: string; values: number; samples: number },
): Promise<Estimate> {
  const [model] = await rowsById(db, 'model', [modelId]);
  if (!model) return estimateOutcomes(db, undefined, values * samples);
  // No more than there are.
  const most = Math.min(samples, datasetInfoOf(model.spec.dataset).counts.test);
  return estimateOutcomes(db, alikeOf(model.spec), values * most);
}

/** @param outcomes samples, each as often as there are values */
export async function estimateOutcomes(
  db: Db,
  alike: Alike | undefined,
  outcomes: number,
): Promise<Estimate> {
  const sweeps = alike ? await secondsPerOutcome(db, alike, NEWEST) : [];
  const each = median(sweeps);
  return each === null
    ? { seconds: null, measured: 0, basis: 'No sweep of such a model has finished here yet.' }
    : {
        seconds: each * outcomes,
        measured: sweeps.length,
        basis: `From ${counted(sweeps.length, 'sweep')} of such models on this server.`,
      };
}

/** Seconds a sample and query took with that network on that data set: of that detector, or else of others. */
export async function estimateDetection(
  db: Db,
  wanted: { modelId: string; detector: DetectorId; queries: number; samples: number },
): Promise<Estimate> {
  const { modelId, detector, queries, samples } = wanted;
  const [model] = await rowsById(db, 'model', [modelId]);
  const found = model ? await secondsPerQuery(db, alikeOf(model.spec), detector, NEWEST) : [];
  const same = found.filter((one) => one.same);
  const counts = same.length > 0 ? same : found;
  const each = median(counts.map((one) => one.each));
  if (!model || each === null)
    return { seconds: null, measured: 0, basis: 'No detector has been tried on such a model here yet.' };
  const by = same.length > 0 ? detectorOf(detector).title : 'other detectors';
  return {
    // No more than there are.
    seconds: each * queries * Math.min(samples, datasetInfoOf(model.spec.dataset).counts.test),
    measured: counts.length,
    basis: `${counted(queries, 'query', 'queries')} an image. From ${counted(counts.length, 'trial')} of ${by} on such models on this server.`,
  };
}

/** @param maps of SmoothGrad */
export async function estimateMaps(db: Db, alike: Alike, maps: number): Promise<Estimate> {
  const jobs = await finishedExplanations(db, alike, NEWEST);
  // Comparisons are by other methods, too.
  const alone = jobs.filter(({ payload }) => !(payload as { compared?: boolean }).compared);
  const each = median(
    alone.map(({ seconds, payload, explanations }) => seconds / (countExplained(payload) || explanations)),
  );
  return each === null
    ? { seconds: null, measured: 0, basis: 'No explanation of such a model has finished here yet.' }
    : {
        seconds: each * maps,
        measured: alone.length,
        basis: `From ${counted(alone.length, 'job')} of explanations of such models on this server.`,
      };
}

export const counted = (value: number, one: string, several = `${one}s`) =>
  `${value} ${value === 1 ? one : several}`;
