import {
  type ArchitectureId,
  type AttackId,
  architectures,
  attackOf,
  datasetOf,
  type ModelSpec,
} from '@trojanscope/core';
import { sql } from 'kysely';
import type { Db } from '../store/database.js';
import type { Job } from '../store/jobs.js';
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

const tookSeconds = sql<number>`(julianday(job.finished_at) - julianday(job.started_at)) * 86400`;

/** Samples of a sweep at each value: what it used, or as long as that is not known what it was asked for. */
export const samplesUsed = sql<number>`coalesce(
  (select point.counts ->> '$.samples' from point where point.sweep_id = sweep.id limit 1), sweep.samples)`;

/** Which models take alike. */
interface Alike {
  dataset: string;
  architecture: ArchitectureId;
  /** px; null for the data set's own size */
  sizePx: number | null;
}
interface Training extends Alike {
  epochs: number;
  attack: AttackId | null;
}

/** The newest trainings of such models that ran here in one go: their seconds, what they were, how many epochs. */
async function finishedTrainings(db: Db, { dataset, architecture, sizePx }: Alike) {
  const rows = await db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select(['model.spec', sql<number>`model.record ->> '$.durationSeconds'`.as('seconds')])
    .where('job.kind', '=', 'model')
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .where('model.dataset', '=', dataset)
    .where(sql`model.spec ->> '$.architecture'`, '=', architecture)
    .where(sql`model.spec ->> '$.sizePx'`, 'is', sizePx)
    .orderBy('model.id', 'desc')
    .limit(10 * NEWEST)
    .execute();
  return rows;
}

/** What an epoch took: only of trainings without a trigger to optimise, which is in the seconds too. */
function epochOf(trainings: Awaited<ReturnType<typeof finishedTrainings>>) {
  const plain = trainings.filter(({ spec }) => triggerSteps(spec) === 0).slice(0, NEWEST);
  const seconds = median(plain.map(({ seconds, spec }) => seconds / spec.recipe.epochs));
  return { seconds, measured: plain.length };
}

/** Of an epoch of such models; null where none has been trained here. */
export const secondsPerEpoch = async (db: Db, alike: Alike): Promise<number | null> =>
  epochOf(await finishedTrainings(db, alike)).seconds;

/** Seconds an epoch of that network on that data set took, and what optimising the trigger added. */
export async function estimateTraining(db: Db, wanted: Training): Promise<Estimate> {
  const { dataset, architecture, epochs, attack } = wanted;
  const trainings = await finishedTrainings(db, wanted);
  const what = `${architectures[architecture].title} on ${datasetOf(dataset).title}`;
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
  const model = await db.selectFrom('model').select('spec').where('id', '=', modelId).executeTakeFirst();
  if (!model) return estimateOutcomes(db, undefined, values * samples);
  // No more than there are.
  const most = Math.min(samples, datasetOf(model.spec.dataset).counts.test);
  return estimateOutcomes(db, alikeOf(model.spec), values * most);
}

export const alikeOf = ({ dataset, architecture, sizePx }: ModelSpec): Alike => ({
  dataset,
  architecture,
  sizePx: sizePx ?? null,
});

/** @param outcomes samples, each as often as there are values */
export async function estimateOutcomes(
  db: Db,
  alike: Alike | undefined,
  outcomes: number,
): Promise<Estimate> {
  const sweeps = alike
    ? await finishedOf(db, 'sweep', alike)
        .innerJoin('sweep', 'sweep.job_id', 'job.id')
        .select(sql<number>`${tookSeconds} / (json_array_length(sweep."values") * ${samplesUsed})`.as('each'))
        .execute()
    : [];
  const each = median(sweeps.map((sweep) => sweep.each));
  return each === null
    ? { seconds: null, measured: 0, basis: 'No sweep of such a model has finished here yet.' }
    : {
        seconds: each * outcomes,
        measured: sweeps.length,
        basis: `From ${counted(sweeps.length, 'sweep')} of such models on this server.`,
      };
}

/** @param maps of SmoothGrad */
export async function estimateMaps(db: Db, alike: Alike, maps: number): Promise<Estimate> {
  const jobs = await finishedOf(db, 'explain', alike)
    .select(['job.payload', tookSeconds.as('took')])
    .execute();
  const each = median(jobs.map(({ took, payload }) => took / countExplained({ payload })));
  return each === null
    ? { seconds: null, measured: 0, basis: 'No explanation of such a model has finished here yet.' }
    : {
        seconds: each * maps,
        measured: jobs.length,
        basis: `From ${counted(jobs.length, 'job')} of explanations of such models on this server.`,
      };
}

/** The newest jobs of a kind that ran in one go, about such models. */
const finishedOf = (db: Db, kind: Job['kind'], { dataset, architecture, sizePx }: Alike) =>
  db
    .selectFrom('job')
    .innerJoin('model', 'model.id', 'job.model_id')
    .where('job.kind', '=', kind)
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .where('model.dataset', '=', dataset)
    .where(sql`model.spec ->> '$.architecture'`, '=', architecture)
    .where(sql`model.spec ->> '$.sizePx'`, 'is', sizePx)
    .orderBy('job.id', 'desc')
    .limit(NEWEST);

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const counted = (value: number, one: string) => `${value} ${one}${value === 1 ? '' : 's'}`;
