type Parsed = { values: number[]; error: null } | { values: null; error: string };

/** A list of numbers as people type it, apart by commas, semicolons or spaces. Bounds are the server's to check. */
export function parseValues(text: string): Parsed {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) return { values: null, error: 'At least one value is needed.' };
  const values = words.map((word) => Number(word.replace('−', '-')));
  const wrong = words.find((_, index) => !Number.isFinite(values[index]));
  if (wrong !== undefined) return { values: null, error: `“${wrong}” is not a number.` };
  return { values, error: null };
}
