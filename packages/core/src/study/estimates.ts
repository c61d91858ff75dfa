import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import studentQuantile from '@stdlib/stats-base-dists-t-quantile';
import type { Count } from '../implant/model.js';
import { wilson95 } from '../lib/statistics.js';

const Z95 = normalQuantile(0.975, 0, 1);

/** A number with its 95 % interval. */
export interface Estimate {
  value: number;
  low: number;
  high: number;
}

/** A share with Wilson's interval. Over nothing it is unknown: anything from 0 to 1. */
export const share = ({ hits, total }: Count): Estimate => ({
  value: total === 0 ? Number.NaN : hits / total,
  ...wilson95(hits, total),
});

/** How far values lie from their mean: √(Σ(x − x̄)² / (n − 1)); unknown of fewer than two. */
export function deviation(values: readonly number[]): number {
  const centre = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - centre) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}

/** A mean of independent draws with Student's interval; unknown of none, its interval of one. */
export function mean(values: readonly number[]): Estimate {
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const reach = (studentQuantile(0.975, values.length - 1) * deviation(values)) / Math.sqrt(values.length);
  return { value, low: value - reach, high: value + reach };
}

/** The mean of independent estimates, its interval made of theirs as that of `minus` is. */
export function meanOf(all: readonly Estimate[]): Estimate {
  const value = all.reduce((sum, one) => sum + one.value, 0) / all.length;
  const reach = (of: (one: Estimate) => number) => Math.hypot(...all.map(of)) / all.length;
  return {
    value,
    low: value - reach(({ value, low }) => value - low),
    high: value + reach(({ value, high }) => high - value),
  };
}

/**
 * How much a share of paired answers fell: (lost − gained) / total, with the interval of Agresti and Min (2005): Wald's, half
 * an observation added to each of the four cells, so that it does not vanish where nothing changed.
 * @param lost pairs that were yes and became no
 * @param gained pairs that were no and became yes
 */
export function pairedDrop(lost: number, gained: number, total: number): Estimate {
  if (total === 0) return { value: Number.NaN, low: -1, high: 1 };
  const size = total + 2;
  const centre = (lost - gained) / size;
  const reach = (Z95 * Math.sqrt(lost + gained + 1 - (lost - gained) ** 2 / size)) / size;
  return {
    value: (lost - gained) / total,
    low: Math.max(-1, centre - reach),
    high: Math.min(1, centre + reach),
  };
}

/**
 * The difference of two independent estimates, its interval made of theirs (Zou and Donner 2008); of two shares with Wilson's
 * intervals it is Newcombe's (1998). For samples that are the same in both it is too wide, never too narrow, where they agree.
 */
export const minus = (a: Estimate, b: Estimate): Estimate => ({
  value: a.value - b.value,
  low: a.value - b.value - Math.hypot(a.value - a.low, b.high - b.value),
  high: a.value - b.value + Math.hypot(a.high - a.value, b.value - b.low),
});

/** p-values of many tests, corrected so that the chance of any false one stays what it was for each (Holm 1979). */
export function holm(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].sort((a, b) => pValues[a]! - pValues[b]!);
  const corrected = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    corrected[index] = largest;
  }
  return corrected;
}

/** Spearman's rank correlation, −1..1; equal values share their mean rank. NaN where one side is all the same. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (a.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (const i of a.keys()) {
    const [dx, dy] = [x[i]! - mean, y[i]! - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}
