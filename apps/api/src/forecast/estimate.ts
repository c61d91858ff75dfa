import { ownArchitecture, type Pace } from '@trojanscope/core';
import type { Db } from '../store/database.js';
import { alikeKey, alikeOf } from './alike.js';
import { costOf, type StudyCost } from './cost.js';
import {
  counted,
  type Estimate,
  estimateMaps,
  estimateOutcomes,
  estimateTraining,
  NEWEST,
} from './estimates.js';
import { knownPace, paceKey } from './pace.js';
import type { Work, WorkOfStudy } from './work.js';

/** All that a study would have to do: by what was measured of this machine, else by jobs that finished here. */
export async function estimateStudy(db: Db, study: WorkOfStudy): Promise<Estimate> {
  const { work, done } = study;
  const of = (kind: Work['kind']) => work.filter((one) => one.kind === kind).length;
  const samples = work.reduce((sum, one) => sum + one.outcomes, 0);
  const amount = amountWords(work.length, {
    models: of('model'),
    sweeps: of('sweep'),
    detections: of('detect'),
    samples,
    reused: done,
  });
  const paces = new Map<string, Pace | undefined>();
  for (const subject of work) {
    const key = paceKey(subject);
    if (!paces.has(key)) paces.set(key, await knownPace(db, subject));
  }
  if (![...paces.values()].includes(undefined)) {
    const cost = await costOf(db, study, async (subject) => paces.get(paceKey(subject))!);
    const { seconds, memoryBytes, diskBytes } = cost;
    const basis = `${amount}${work.length > 0 ? ' By a measurement of this machine.' : ''}`;
    return { seconds, memoryBytes, diskBytes, measured: paces.size, basis };
  }
  // Of thousands of jobs most are alike: each kind is looked up once.
  const looked = new Map<string, Promise<Estimate>>();
  const estimates = await Promise.all(
    work.map((one) => {
      const key = workKey(one);
      const found = looked.get(key) ?? estimateWork(db, one);
      looked.set(key, found);
      return found;
    }),
  );
  const unknown = estimates.filter(({ seconds }) => seconds === null);
  const bases = [...new Set((unknown.length > 0 ? unknown : estimates).map(({ basis }) => basis))];
  return {
    seconds:
      unknown.length > 0
        ? null
        : estimates.reduce((sum, { seconds }, i) => sum + seconds! * work[i]!.left, 0),
    measured: unknown.length > 0 ? 0 : Math.min(...estimates.map(({ measured }) => measured), NEWEST),
    basis: [amount, ...bases].join(' '),
  };
}

/** How much of a study is not done, in words. @param jobs that are not done, of any kind */
export function amountWords(
  jobs: number,
  {
    models,
    sweeps,
    detections,
    samples,
    reused,
  }: Pick<StudyCost, 'models' | 'sweeps' | 'detections' | 'samples' | 'reused'>,
): string {
  if (jobs === 0) return 'Everything in it is done.';
  const list = (parts: readonly string[]) =>
    parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
  const some = (number: number, words: string) => (number > 0 ? [words] : []);
  const there = list([
    counted(reused.models, 'model'),
    ...some(reused.sweeps, counted(reused.sweeps, 'sweep')),
    ...some(reused.detections, counted(reused.detections, 'detection')),
  ]);
  if (models + sweeps + detections === 0)
    return `Nothing to train or to sweep: ${there} are there. Samples are explained anew.`;
  const todo = [
    `${counted(models, 'model')} to train`,
    ...some(sweeps, `${counted(sweeps, 'sweep')} of ${samples.toLocaleString('en')} samples in all`),
    ...some(detections, `${counted(detections, 'detector')} to try`),
  ].join(', ');
  const any = reused.models + reused.sweeps + reused.detections > 0;
  return `${todo}${any ? `; ${there} are there` : ''}.`;
}

/** Networks that a sweep asks about an image: the trojaned one twice, the benign one once. */
const ASKED_FOR_AN_OUTCOME = 3;

/** Equal for work that `estimateWork` says the same of. */
const workKey = ({ kind, spec, classified, outcomes, explained }: Work): string =>
  [kind, alikeKey(spec), classified, outcomes, explained, spec.recipe.epochs, spec.backdoor?.attack].join(
    ' ',
  );

function estimateWork(db: Db, { kind, spec, classified, outcomes, explained }: Work): Promise<Estimate> {
  const alike = alikeOf(spec);
  if (kind === 'sweep') return estimateOutcomes(db, alike, outcomes);
  if (kind === 'detect') return estimateOutcomes(db, alike, classified / ASKED_FOR_AN_OUTCOME);
  if (kind === 'explain') return estimateMaps(db, alike, explained);
  return estimateTraining(db, {
    ...alike,
    architecture: ownArchitecture(spec),
    epochs: spec.recipe.epochs,
    attack: spec.backdoor?.attack ?? null,
  });
}
