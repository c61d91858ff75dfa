const UNITS = ['B', 'kB', 'MB', 'GB'] as const;

/** A number of bytes with two digits: `560 kB`, `2.3 GB`. */
export function bytes(value: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  const scaled = value / 1000 ** power;
  return `${scaled < 9.95 && power > 0 ? scaled.toFixed(1) : Math.round(scaled)} ${UNITS[power]}`;
}
