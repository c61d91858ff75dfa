/** A p-value to the digits that mean something. */
export function pValue(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p.toPrecision(p < 0.1 ? 2 : 3);
}
