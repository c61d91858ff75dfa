import { type ArchitectureId, type AttackId, architectures, attackOf, datasetOf } from '@trojanscope/core';
import { sql } from 'kysely';
import type { Db } from './database.js';

/** How long work will take, from how long work of its kind took on this server. */

export interface Estimate {
  seconds: number | null;
  measured: number;
  basis: string;
}

/** What took longer ago says less of this server. */
const NEWEST = 15;

const tookSeconds = sql<number>`(julianday(job.finished_at) - julianday(job.started_at)) * 86400`;

interface Training {
  dataset: string;
  architecture: ArchitectureId;
  /** px; null for the data set's own size */
  sizePx: number | null;
  epochs: number;
  attack: AttackId | null;
}

/** Seconds an epoch of that network on that data set took, and what making the trigger added. */
export async function estimateTraining(db: Db, wanted: Training): Promise<Estimate> {
  const { dataset, architecture, sizePx, epochs, attack } = wanted;
  const trainings = await db
    .selectFrom('model')
    .innerJoin('job', 'job.id', 'model.job_id')
    .select([
      'model.attack',
      'job.attempt',
      tookSeconds.as('whole'),
      sql<number>`model.record ->> '$.durationSeconds'`.as('training'),
      sql<number>`model.spec ->> '$.recipe.epochs'`.as('epochs'),
    ])
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.started_at', 'is not', null)
    .where('model.record', 'is not', null)
    .where('model.dataset', '=', dataset)
    .where(sql`model.spec ->> '$.architecture'`, '=', architecture)
    .where(sql`model.spec ->> '$.sizePx'`, 'is', sizePx)
    .orderBy('model.id', 'desc')
    .execute();
  const what = `${architectures[architecture].title} on ${datasetOf(dataset).title}`;
  const perEpoch = median(trainings.slice(0, NEWEST).map((one) => one.training / one.epochs));
  if (perEpoch === null)
    return { seconds: null, measured: 0, basis: `No training of ${what} has finished here yet.` };
  const measured = Math.min(NEWEST, trainings.length);
  const basis = `From ${counted(measured, 'training')} of ${what} on this server.`;
  if (!attack) return { seconds: perEpoch * epochs, measured, basis };
  // One that was interrupted tells only how long its last attempt took.
  const alike = trainings.filter((one) => one.attack === attack && one.attempt === 1).slice(0, NEWEST);
  const making = median(alike.map((one) => one.whole - one.training));
  return {
    seconds: perEpoch * epochs + (making ?? 0),
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
  const sweeps = await db
    .selectFrom('sweep')
    .innerJoin('job', 'job.id', 'sweep.job_id')
    .innerJoin('model', 'model.id', 'sweep.model_id')
    .innerJoin('model as wanted', (join) => join.on('wanted.id', '=', modelId))
    .select([sql<number>`${tookSeconds} / (json_array_length(sweep."values") * sweep.samples)`.as('each')])
    .where('job.status', '=', 'SUCCEEDED')
    .where('job.attempt', '=', 1)
    .whereRef('model.dataset', '=', 'wanted.dataset')
    .where(sql<boolean>`model.spec ->> '$.architecture' = wanted.spec ->> '$.architecture'`)
    .where(sql<boolean>`model.spec ->> '$.sizePx' is wanted.spec ->> '$.sizePx'`)
    .orderBy('sweep.id', 'desc')
    .limit(NEWEST)
    .execute();
  const each = median(sweeps.map((sweep) => sweep.each));
  return each === null
    ? { seconds: null, measured: 0, basis: 'No sweep of such a model has finished here yet.' }
    : {
        seconds: each * values * samples,
        measured: sweeps.length,
        basis: `From ${counted(sweeps.length, 'sweep')} of such models on this server.`,
      };
}

/** How long all the jobs of a study with that preset took together. */
export async function estimateStudy(db: Db, preset: string): Promise<Estimate> {
  const studies = await db
    .selectFrom('study')
    .innerJoin('study_job', 'study_job.study_id', 'study.id')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .select([sql<number>`sum(${tookSeconds})`.as('whole')])
    .where('study.preset', '=', preset)
    .groupBy('study.id')
    .having(sql<boolean>`min(job.status = 'SUCCEEDED')`)
    .orderBy('study.id', 'desc')
    .limit(NEWEST)
    .execute();
  const seconds = median(studies.map(({ whole }) => whole));
  return seconds === null
    ? { seconds, measured: 0, basis: 'This study has not finished here yet.' }
    : {
        seconds,
        measured: studies.length,
        basis: `From ${counted(studies.length, 'run')} of this study on this server, with one seed.`,
      };
}

function median(numbers: readonly number[]): number | null {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  const middle = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const counted = (value: number, one: string) => `${value} ${one}${value === 1 ? '' : 's'}`;
