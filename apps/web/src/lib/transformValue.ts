/** A transform's value with its unit, as on an axis: 45°, ×1.2, 2 px. */
export function transformValue(value: number, unit: string): string {
  const number = String(Number(value.toFixed(4))).replace('-', '−');
  if (unit === '°') return `${number}°`;
  if (unit === '×') return `×${number}`;
  return `${number}\u202f${unit}`;
}
