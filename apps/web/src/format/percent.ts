/** Narrow no-break space, as SI wants it between number and unit. */
const THIN = '\u202f';

/** A fraction 0..1 as percent; as many digits as the number of samples bears. */
export function percent(fraction: number, samples = 1_000): string {
  const digits = samples >= 5_000 ? 2 : samples >= 100 ? 1 : 0;
  return `${(fraction * 100).toFixed(digits)}${THIN}%`;
}

/** A difference of two fractions in percentage points, with its sign. */
export function percentagePoints(difference: number): string {
  const rounded = (Math.abs(difference) * 100).toFixed(1);
  const sign = rounded === '0.0' ? '±' : difference < 0 ? '−' : '+';
  return `${sign}${rounded}${THIN}pp`;
}
