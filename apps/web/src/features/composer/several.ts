import { isNumbers, numbersIn, type ParameterSchema, wrongWith } from '../../controls/schema';

/** Values of a parameter that may be several: as a document has them, one alone or in a list, and as people type them. */

/** What a document holds, as a list; nothing where it says nothing. */
export function severalOf(schema: ParameterSchema, value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [value];
  return schema.type === 'array' && !value.every(Array.isArray) ? [value] : value;
}

/** What a document is to hold of these: nothing, one, or a list. */
export const asValue = (several: readonly unknown[]): unknown =>
  several.length < 2 ? several[0] : [...several];

/** How many models a value makes of each. */
export const howMany = (schema: ParameterSchema, value: unknown): number =>
  Math.max(1, severalOf(schema, value).length);

/** Numbers with commas between them; lists of numbers with semicolons between them. */
export const typed = (schema: ParameterSchema, several: readonly unknown[]): string =>
  several
    .map((one) => (Array.isArray(one) ? one.join(', ') : String(one)))
    .join(isNumbers(schema) ? '; ' : ', ');

export const readTyped = (schema: ParameterSchema, text: string): readonly unknown[] =>
  isNumbers(schema)
    ? text.split(';').flatMap((part) => (part.trim() === '' ? [] : [numbersIn(part)]))
    : numbersIn(text);

/** Why one of several does not do, or that it is there twice; null where all do. */
export function wrongWithSeveral(schema: ParameterSchema, several: readonly unknown[]): string | null {
  for (const one of several) {
    const wrong = wrongWith(schema, one);
    if (wrong) return wrong;
  }
  const written = several.map((one) => JSON.stringify(one));
  const twice = written.findIndex((one, i) => written.indexOf(one) !== i);
  return twice < 0 ? null : `${typed(schema, [several[twice]])} is there twice.`;
}

/** Whether a field for several can show a value. */
export function canShow(schema: ParameterSchema, value: unknown): boolean {
  if (schema.properties) return false;
  const several = severalOf(schema, value);
  if (schema.type === 'boolean') return several.every((one) => typeof one === 'boolean');
  if (schema.enum) return several.every((one) => schema.enum!.includes(one as string));
  if (isNumbers(schema)) return several.every((one) => Array.isArray(one) && one.every(isPlain));
  if (schema.type === 'integer' || schema.type === 'number') return several.every(isPlain);
  return several.length < 2 && several.every((one) => typeof one === 'string');
}

const isPlain = (value: unknown) => typeof value === 'number' || typeof value === 'string';
