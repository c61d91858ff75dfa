import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

/**
 * Wilson's score interval of hits / total (Wilson 1927), two-sided: stays in 0..1 and keeps its coverage near both ends,
 * where rates live. Over nothing it is all of 0..1.
 * @param confidence 0..1
 */
export function wilson(hits: number, total: number, confidence: number): { low: number; high: number } {
  if (total === 0) return { low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2, 0, 1);
  const share = hits / total;
  const z2 = (z * z) / total;
  const centre = (share + z2 / 2) / (1 + z2);
  const reach = (z / (1 + z2)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total));
  // At the ends the formula meets 0 and 1 but for rounding.
  return { low: hits === 0 ? 0 : centre - reach, high: hits === total ? 1 : centre + reach };
}

/** Wilson's interval at 95 %. */
export const wilson95 = (hits: number, total: number) => wilson(hits, total, 0.95);

/**
 * McNemar's exact test (two-sided) of paired yes/no answers: how likely is a split of the changed pairs at least this
 * uneven, if a change either way were as likely.
 * @param lost pairs that were yes and became no
 * @param gained pairs that were no and became yes
 */
export function mcNemarExact(lost: number, gained: number): number {
  const changed = lost + gained;
  if (changed === 0) return 1;
  return Math.min(1, 2 * binomialCdf(Math.min(lost, gained), changed, 0.5));
}
