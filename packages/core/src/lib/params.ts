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
  const issue = innermost(schema, result.error.issues[0]!, input);
  const path = [...at, ...(issue.path as (string | number)[])];
  const came = valueAt(input, issue.path);
  // What is unknown stands in the message; beside it what is known, instead of all that came.
  const known = issue.code === 'unrecognized_keys' && keysOf(schemaAt(schema, issue.path, input));
  const words = known
    ? `${issue.message}; expected ${known.join(', ')}`
    : `${issue.message}${came === undefined ? '' : `; got ${JSON.stringify(came)}`}`;
  throw new TrojanscopeError('BAD_USER_INPUT', `${path.join('.') || 'input'}: ${words}`, path);
}

const valueAt = (input: unknown, path: readonly PropertyKey[]) =>
  path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    input,
  );

type Issue = z.core.$ZodIssue;

/** Where an object may be of several kinds, what is wrong with it as the kind that it is most like. */
function innermost(schema: z.ZodType, issue: Issue, input: unknown): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const kinds = schemaAt(schema, issue.path, input, true);
  if (!(kinds instanceof z.ZodUnion)) return issue;
  const kind = likest(kinds, valueAt(input, issue.path));
  const inner = isObject(kind) && issue.errors[kinds.options.indexOf(kind)]?.[0];
  return inner ? innermost(schema, { ...inner, path: [...issue.path, ...inner.path] }, input) : issue;
}

/** Of the kinds that an object may be of the first that knows the most of its keys. */
function likest({ options }: z.ZodUnion, given: unknown): z.core.$ZodType {
  const names = Object.keys(typeof given === 'object' && given !== null ? given : {});
  const known = options.map((kind) => {
    const keys = keysOf(kind) ?? [];
    return names.filter((name) => keys.includes(name)).length;
  });
  return options[known.indexOf(Math.max(...known))]!;
}

/** What a path leads to; undefined where it leads nowhere. @param kinds whether several kinds at its end stay several */
function schemaAt(
  schema: z.ZodType | undefined,
  path: readonly PropertyKey[],
  given: unknown,
  kinds = false,
): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return schemaAt(schema.unwrap() as z.ZodType, path, given, kinds);
  if (schema instanceof z.ZodUnion && (path.length > 0 || !kinds))
    return schemaAt(likest(schema as z.ZodUnion, given) as z.ZodType, path, given, kinds);
  const [first, ...rest] = path;
  if (first === undefined) return schema;
  const below = valueAt(given, [first]);
  if (schema instanceof z.ZodArray) return schemaAt(schema.element as z.ZodType, rest, below, kinds);
  if (!isObject(schema)) return undefined;
  return schemaAt(schema.shape[String(first)] as z.ZodType | undefined, rest, below, kinds);
}

const isObject = (schema: unknown): schema is z.ZodObject => schema instanceof z.ZodObject;
const keysOf = (schema: unknown): string[] | undefined =>
  isObject(schema) ? Object.keys(schema.shape) : undefined;

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

/** The same text for the same input, whatever the order in which a client names its fields, and whether or not it says null. */
export const canonical = (input: object): string => inOrder(withoutNulls(input));

/** As JSON, with the keys of every object in order. */
export const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
