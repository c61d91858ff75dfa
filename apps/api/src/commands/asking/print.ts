/** Numbers and tables as terminals show them. */

export interface Rate {
  value: number;
  numerator: number;
  denominator: number;
  low: number;
  high: number;
}
export const RATE = '{ value numerator denominator low high }';

const share = (value: number, digits: number) => (100 * value).toFixed(digits);

/** As many digits as the number of samples bears. */
const digitsOf = (samples: number) => (samples >= 5_000 ? 2 : samples >= 100 ? 1 : 0);

/** `91.9 % (90.1 to 93.4)` */
export function percent(rate: Rate | null | undefined): string {
  if (!rate) return '–';
  if (rate.denominator === 0) return 'of none';
  const digits = digitsOf(rate.denominator);
  return `${share(rate.value, digits)} % (${share(rate.low, digits)} to ${share(rate.high, digits)})`;
}

export const count = (value: number) => value.toLocaleString('en');

/** `91.9 % (90.1 to 93.4), 919 of 1,000` */
export const counted = (rate: Rate | null | undefined): string =>
  rate ? `${percent(rate)}, ${count(rate.numerator)} of ${count(rate.denominator)}` : '–';

export function points(difference: number): string {
  const digits = (100 * Math.abs(difference)).toFixed(1);
  return `${digits === '0.0' ? '±' : difference < 0 ? '−' : '+'}${digits} pp`;
}

export const pValue = (p: number | null): string =>
  p === null ? '–' : p < 0.0001 ? '< 0.0001' : p.toPrecision(p < 0.1 ? 2 : 3);

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}

/** `15°`, `0.8×`, `3 px` */
export const valued = (value: number, unit: string) => `${value}${/^[°×%]?$/.test(unit) ? '' : ' '}${unit}`;

/** Rows below their heads, each column as wide as it must be; numbers stand right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const right = heads.map((_, i) => rows.length > 0 && rows.every((row) => /^([−+±<\d]|–$)/.test(row[i]!)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(heads), ...rows.map(line)].join('\n');
}

export const printJson = (value: unknown) => console.log(JSON.stringify(value, null, 2));

/** A status as a word. */
export const spelled = (status: string) => status.toLowerCase().replaceAll('_', ' ');
