import type { z } from 'zod';
import { TrojanscopeError } from '../lib/errors.js';
import { parseParameters } from '../lib/params.js';

/** One value, or several. */
export type OrSeveral<T> = T | readonly T[];

export const listOf = <T>(given: OrSeveral<T>): readonly T[] =>
  Array.isArray(given) ? (given as readonly T[]) : [given as T];

/** Every combination of one element of each list: the last list changes fastest. */
export const combinations = <T>(lists: readonly (readonly T[])[]): T[][] =>
  lists.reduce<T[][]>((all, list) => all.flatMap((begun) => list.map((one) => [...begun, one])), [[]]);

/**
 * Parameters of which any may be a list, as every combination, in the order of the schema whatever that of the input. What
 * the schema takes as it is, is one value, a list too.
 * @throws TrojanscopeError BAD_USER_INPUT at the parameter, or its element, below `at`
 */
export function gridOf(
  schema: z.ZodObject,
  given: Readonly<Record<string, unknown>>,
  at: readonly (string | number)[],
): Record<string, unknown>[] {
  const varied = Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([name, own]) => {
    const value = given[name];
    if (!Array.isArray(value) || value.length === 0 || own.safeParse(value).success) return [];
    return [{ name, values: value.map((one, i) => parseParameters(own, one, [...at, name, i])) }];
  });
  return combinations(varied.map(({ values }) => values)).map((values) =>
    parseParameters(
      schema,
      { ...given, ...Object.fromEntries(varied.map(({ name }, i) => [name, values[i]])) },
      at,
    ),
  );
}

/** What `f` does; what it refuses is refused at a place below `at`. @throws TrojanscopeError as `f` */
export function within<T>(at: readonly (string | number)[], f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof TrojanscopeError)) throw error;
    throw new TrojanscopeError(error.code, error.message, [...at, ...error.field]);
  }
}
