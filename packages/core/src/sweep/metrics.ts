import binomialCdf from '@stdlib/stats-base-dists-binomial-cdf';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';

/** The 97.5 % quantile of the normal distribution, for two-sided 95 % intervals. */
const Z95 = normalQuantile(0.975, 0, 1);

/**
 * Wilson's score interval of hits / total at 95 % (Wilson 1927): stays in 0..1 and keeps its coverage near both ends,
 * where ASR lives. Over nothing it is all of 0..1.
 */
export function wilson95(hits: number, total: number): { low: number; high: number } {
  if (total === 0) return { low: 0, high: 1 };
  const share = hits / total;
  const z2 = (Z95 * Z95) / total;
  const centre = (share + z2 / 2) / (1 + z2);
  const reach = (Z95 / (1 + z2)) * Math.sqrt((share * (1 - share)) / total + z2 / (4 * total));
  // At the ends the formula meets 0 and 1 but for rounding.
  return { low: hits === 0 ? 0 : centre - reach, high: hits === total ? 1 : centre + reach };
}

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
