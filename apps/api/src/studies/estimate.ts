import type { Pace } from '@trojanscope/core';
import type { Db } from '../store/database.js';
import {
  alikeOf,
  counted,
  type Estimate,
  estimateMaps,
  estimateOutcomes,
  estimateTraining,
  NEWEST,
} from '../store/estimates.js';
import { costOf } from './cost.js';
import { knownPace, paceKey } from './pace.js';
import type { Work, WorkOfStudy } from './work.js';

/** All that a study would have to do: by what was measured of this machine, else by jobs that finished here. */
export async function estimateStudy(db: Db, study: WorkOfStudy): Promise<Estimate> {
  const { work, done } = study;
  const of = (kind: Work['kind']) => work.filter((one) => one.kind === kind);
  const outcomes = work.reduce((sum, one) => sum + one.outcomes, 0);
  const there = done.models + done.sweeps;
  const amount =
    work.length === 0
      ? 'Everything in it is done.'
      : `${counted(of('model').length, 'model')} to train, ${counted(of('sweep').length, 'sweep')} of ` +
        `${outcomes.toLocaleString('en')} samples in all` +
        `${there > 0 ? `; ${counted(done.models, 'model')} and ${counted(done.sweeps, 'sweep')} are there` : ''}.`;
  const paces = new Map<string, Pace | undefined>();
  for (const { spec } of work) {
    const key = paceKey(spec);
    if (!paces.has(key)) paces.set(key, await knownPace(db, spec));
  }
  if (![...paces.values()].includes(undefined)) {
    const cost = await costOf(db, study, async (spec) => paces.get(paceKey(spec))!);
    const { seconds, memoryBytes, diskBytes } = cost;
    const basis = `${amount}${work.length > 0 ? ' By a measurement of this machine.' : ''}`;
    return { seconds, memoryBytes, diskBytes, measured: paces.size, basis };
  }
  const estimates = await Promise.all(work.map((one) => estimateWork(db, one)));
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

function estimateWork(db: Db, { kind, spec, outcomes, explained }: Work): Promise<Estimate> {
  const alike = alikeOf(spec);
  if (kind === 'sweep') return estimateOutcomes(db, alike, outcomes);
  if (kind === 'explain') return estimateMaps(db, alike, explained);
  return estimateTraining(db, {
    ...alike,
    epochs: spec.recipe.epochs,
    attack: spec.backdoor?.attack ?? null,
  });
}
