import type { AttackId } from '../attacks/index.js';
import { type Estimate, minus, share } from './estimates.js';
import { type At, countOf, countsOf, identityOf, rateAt, type Series, sum, valuesOf } from './results.js';

/** What a defender gets who transforms every input in one way. */
export interface Defence {
  at: At;
  asr: Estimate;
  /** The trojaned model's accuracy on clean images, transformed alike. */
  clean: Estimate;
  /** Of clean accuracy, against no transform. */
  cost: Estimate;
  /** Whether no other defence is better in one and no worse in the other. */
  onFront: boolean;
}

/** A defender gives up so much clean accuracy, in shares, and no more. */
export const AFFORDABLE = 0.05;
export const DEPLOYMENT_RULE =
  'Of the transforms that cost at most 5 points of clean accuracy, the one that leaves the lowest ASR; none where it lowers ASR ' +
  'by no more than 1 point.';

/** Every image transform of a series' sweeps, none included, by clean accuracy. */
export function defencesOf(series: Series): Defence[] {
  const places = [...new Set(series.models.flatMap(({ curves }) => curves.map(({ transform }) => transform)))]
    .flatMap((transform) =>
      valuesOf(series, transform, 'IMAGE').map((value): At => [transform, 'IMAGE', value]),
    )
    // The identity is one defence, whatever transform it is of.
    .filter((at, i, all) => !isIdentity(at) || all.findIndex(isIdentity) === i);
  const identity = places.find(isIdentity);
  if (!identity) return [];
  const unchanged = rateAt(series, 'clean', identity);
  const found = places.map((at) => {
    const [asr, clean] = [rateAt(series, 'asr', at), rateAt(series, 'clean', at)];
    return { at, asr, clean, cost: minus(unchanged, clean) };
  });
  return found
    .map((one) => ({ ...one, onFront: !found.some((other) => isBetter(other, one)) }))
    .sort((a, b) => b.clean.value - a.clean.value);
}

/** What one would deploy, by `DEPLOYMENT_RULE`; undefined for nothing. */
export function bestDefence(defences: readonly Defence[]): Defence | undefined {
  const identity = defences.find(({ at }) => isIdentity(at));
  const [best] = defences
    .filter(({ cost }) => cost.value <= AFFORDABLE + 1e-9)
    .sort((a, b) => a.asr.value - b.asr.value || b.clean.value - a.clean.value);
  return best && identity && best.asr.value < identity.asr.value - 0.01 ? best : undefined;
}

/**
 * The same for a defender who does not know the attack, on one data set: each transform counts with the attack that it does
 * least against, and with clean accuracy over all the models.
 */
export function defencesAgainstAll(all: readonly Series[]): (Defence & { worst: AttackId })[] {
  const known = all.map(defencesOf);
  const shared = (known[0] ?? []).filter(({ at }) =>
    known.every((defences) => defences.some((other) => isSame(other.at, at))),
  );
  const cleanAt = (at: At) =>
    share(sum(all.flatMap((series) => countsOf(series, at)).map((counts) => countOf('clean', counts))));
  const unchanged = shared.find(({ at }) => isIdentity(at));
  if (!unchanged) return [];
  const found = shared.map(({ at }) => {
    const each = all.map((series) => ({ attack: series.attack!, asr: rateAt(series, 'asr', at) }));
    const worst = each.reduce((one, other) => (other.asr.value > one.asr.value ? other : one));
    const clean = cleanAt(at);
    return { at, asr: worst.asr, worst: worst.attack, clean, cost: minus(cleanAt(unchanged.at), clean) };
  });
  return found
    .map((one) => ({ ...one, onFront: !found.some((other) => isBetter(other, one)) }))
    .sort((a, b) => b.clean.value - a.clean.value);
}

export const isIdentity = ([transform, , value]: At) => value === identityOf(transform);
const isSame = (a: At, b: At) => a[0] === b[0] && a[2] === b[2];
type Measured = Pick<Defence, 'asr' | 'clean'>;
const isBetter = (a: Measured, b: Measured) =>
  a.asr.value <= b.asr.value &&
  a.clean.value >= b.clean.value &&
  (a.asr.value < b.asr.value || a.clean.value > b.clean.value);
