import { z } from 'zod';
import { TrojanscopeError } from './errors.js';

/** A whole number with bounds, a default, a unit and a sentence: the only numbers that parameters are made of. */
export const integer = (
  minimum: number,
  maximum: number,
  fallback: number,
  unit: string,
  description: string,
) => z.int().min(minimum).max(maximum).default(fallback).meta({ unit, description });

/** A real number with bounds, a default, a unit and a sentence. */
export const real = (minimum: number, maximum: number, fallback: number, unit: string, description: string) =>
  z.number().min(minimum).max(maximum).default(fallback).meta({ unit, description });

/** @param decides what it decides, in words */
export const seedOf = (decides: string) =>
  integer(0, 2 ** 31 - 1, 1, '', `Decides ${decides}; the same again gives the same.`);

/** A whole number whose default depends on something else, which the sentence tells. */
export const optionalInteger = (minimum: number, maximum: number, unit: string, description: string) =>
  z.int().min(minimum).max(maximum).optional().meta({ unit, description });

/** The id of something that is there. */
export const id = (description: string) => z.string().max(200).meta({ description, format: 'id' });

/** An absolute path on the server's own disk; empty for none, which a request leaves out. */
export const file = (description: string) =>
  z
    .string()
    .max(1_000)
    .default('')
    .meta({
      description: `${description} An absolute path on the server; with accounts only admins may name one.`,
      format: 'file',
    });

/** The same, but that nothing stands for it where it is left out. */
export const withoutDefault = <T extends z.ZodType>(parameter: z.ZodDefault<T>) =>
  parameter.unwrap().optional().meta(parameter.meta()!);

/** The name of a file among those that came with a model; empty for none. */
export const fileName = (description: string) => z.string().max(255).default('').meta({ description });

/** How well a layer is that was read off pairs; none where it came as it is. */
export const readOffShare = z.number().min(0).max(1).optional().meta({
  unit: '',
  description: 'Where it was read off pairs of images, the share of the change that it explains.',
});

/** One of several words, with a default and a sentence. */
export const choice = <const T extends readonly [string, ...string[]]>(
  values: T,
  fallback: T[number],
  description: string,
) =>
  z
    .enum(values)
    .default(fallback as never)
    .meta({ description });

/**
 * Parses `input` by `schema`, defaults filled in; unknown names are refused.
 * @throws TrojanscopeError BAD_USER_INPUT naming the first field at fault, below `at`.
 */
export function parseParameters<S extends z.ZodType>(
  schema: S,
  input: unknown,
  at: readonly (string | number)[] = [],
): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = [...at, ...(issue.path as (string | number)[])];
  const came = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
  // What is unknown stands in the message; beside it what is known, instead of all that came.
  const known = issue.code === 'unrecognized_keys' && keysAt(schema, issue.path);
  const words = known
    ? `${issue.message}; expected ${known.join(', ')}`
    : `${issue.message}${came === undefined ? '' : `; got ${JSON.stringify(came)}`}`;
  throw new TrojanscopeError('BAD_USER_INPUT', `${path.join('.') || 'input'}: ${words}`, path);
}

/** The keys of the object that a path leads to; undefined where that is none. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return keysAt(schema.unwrap() as z.ZodType, path);
  const [first, ...rest] = path;
  if (schema instanceof z.ZodArray) return keysAt(schema.element as z.ZodType, rest);
  if (!(schema instanceof z.ZodObject)) return undefined;
  if (first === undefined) return Object.keys(schema.shape);
  const below = schema.shape[String(first)] as z.ZodType | undefined;
  return below && keysAt(below, rest);
}

/** What was left out comes as null from some clients; zod refuses it. */
export const withoutNulls = (given: object): object =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value != null)
      .map(([name, value]) => [
        name,
        typeof value === 'object' && !Array.isArray(value) ? withoutNulls(value) : value,
      ]),
  );
