import { rangeOf, wrongWith } from '../../controls/schema';

type Parsed = { values: number[]; error: null } | { values: null; error: string };
interface Range {
  minimum: number;
  maximum: number;
  unit: string;
}

/** A list of numbers in a range as people type it, apart by commas, semicolons or spaces, each once. */
export function parseValues(text: string, range: Range): Parsed {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length === 0) return { values: null, error: 'At least one value is needed.' };
  const values = words.map((word) => Number(word.replace('−', '-')));
  const wrong = words.find((_, index) => !Number.isFinite(values[index]));
  if (wrong !== undefined) return { values: null, error: `“${wrong}” is not a number.` };
  const far = values.find((value) => wrongWith({ type: 'number', ...range }, value) !== null);
  if (far !== undefined)
    return { values: null, error: `Expected values from ${rangeOf(range)}; got ${far}.` };
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  if (twice !== undefined) return { values: null, error: `${twice} is there twice.` };
  return { values, error: null };
}
