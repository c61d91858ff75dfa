import type { Purifier } from '../detect/purifiers.js';
import type { Count } from '../implant/model.js';
import { type Estimate, minus, share } from './estimates.js';
import { type At, countOf, countsOf, identityOf, rateAt, type Series, sum, valuesOf } from './results.js';

/** What is left where every input is transformed in one way. */
interface Left {
  asr: Estimate;
  /** The trojaned model's accuracy on clean images, transformed alike. */
  clean: Estimate;
}
interface Judged extends Left {
  /** Of clean accuracy, against no transform. */
  cost: Estimate;
  /** Whether no other defence is better in one and no worse in the other. */
  onFront: boolean;
}

/** What a defender gets who transforms every input in one way. */
export interface Defence extends Judged {
  at: At;
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
  return judged(
    places.map((at) => ({ at, asr: rateAt(series, 'asr', at), clean: rateAt(series, 'clean', at) })),
    ({ at }) => isIdentity(at),
  );
}

/** What one would deploy, by `DEPLOYMENT_RULE`; undefined for nothing. */
export function bestDefence(defences: readonly Defence[]): Defence | undefined {
  return deployed(defences, ({ at }) => isIdentity(at));
}

/** What a defender gets who applies a purifier to every input. */
export interface JudgedPurifier extends Judged {
  purifier: Purifier;
  /** The benign model's accuracy on the same clean images; null where there is none. */
  benign: Estimate | null;
  /** Whether it is what one would deploy, by `DEPLOYMENT_RULE`. */
  deployed: boolean;
}

/** Purifiers by clean accuracy; none where the image as it is is not among them, which they are compared to. */
export function judgePurifiers(purifiers: readonly Purifier[]): JudgedPurifier[] {
  const isUnchanged = ({ purifier }: { purifier: Purifier }) => purifier.steps.length === 0;
  const found = judged(
    purifiers.map((purifier) => {
      // Draws share their images, so that an interval is that of one draw.
      const each = ({ hits, total }: Count) =>
        share({ hits: hits / purifier.draws, total: total / purifier.draws });
      const { asr, clean, benign } = purifier;
      return { purifier, asr: each(asr), clean: each(clean), benign: benign && each(benign) };
    }),
    isUnchanged,
  );
  const best = deployed(found, isUnchanged);
  return found.map((one) => ({ ...one, deployed: one === best }));
}

/**
 * The same for a defender who does not know the attack, on one data set: each transform counts with the attack that it does
 * least against, and with clean accuracy over all the models.
 */
export function defencesAgainstAll(all: readonly Series[]): (Defence & { worst: Series })[] {
  const known = all.map(defencesOf);
  const shared = (known[0] ?? []).filter(({ at }) =>
    known.every((defences) => defences.some((other) => isSame(other.at, at))),
  );
  const cleanAt = (at: At) =>
    share(sum(all.flatMap((series) => countsOf(series, at)).map((counts) => countOf('clean', counts))));
  return judged(
    shared.map(({ at }) => {
      const each = all.map((series) => ({ series, asr: rateAt(series, 'asr', at) }));
      const worst = each.reduce((one, other) => (other.asr.value > one.asr.value ? other : one));
      return { at, asr: worst.asr, worst: worst.series, clean: cleanAt(at) };
    }),
    ({ at }) => isIdentity(at),
  );
}

/** By clean accuracy; none where no identity is among them to be compared to. */
function judged<T extends Left>(found: readonly T[], isUnchanged: (one: T) => boolean): (T & Judged)[] {
  const unchanged = found.find(isUnchanged);
  if (!unchanged) return [];
  return found
    .map((one) => ({
      ...one,
      cost: minus(unchanged.clean, one.clean),
      onFront: !found.some((other) => isBetter(other, one)),
    }))
    .sort((a, b) => b.clean.value - a.clean.value);
}

function deployed<T extends Judged>(all: readonly T[], isUnchanged: (one: T) => boolean): T | undefined {
  const unchanged = all.find(isUnchanged);
  const [best] = all
    .filter(({ cost }) => cost.value <= AFFORDABLE + 1e-9)
    .sort((a, b) => a.asr.value - b.asr.value || b.clean.value - a.clean.value);
  return best && unchanged && best.asr.value < unchanged.asr.value - 0.01 ? best : undefined;
}

export const isIdentity = ([transform, , value]: At) => value === identityOf(transform);
const isSame = (a: At, b: At) => a[0] === b[0] && a[2] === b[2];
const isBetter = (a: Left, b: Left) =>
  a.asr.value <= b.asr.value &&
  a.clean.value >= b.clean.value &&
  (a.asr.value < b.asr.value || a.clean.value > b.clean.value);
