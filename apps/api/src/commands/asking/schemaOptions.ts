import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { type Api, modelIdOf, pathFor } from './api.js';

/** What JSON Schema says of a parameter, as the catalog has it. */
export interface FieldSchema {
  type?: string;
  format?: string;
  enum?: string[];
  items?: FieldSchema;
  properties?: Record<string, FieldSchema>;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  default?: unknown;
  unit?: string;
  description?: string;
}

/** One parameter on the command line, and where it belongs in the input. */
export interface SchemaOption {
  option: Option;
  path: string[];
  kind: 'value' | 'model' | 'file';
}

/** The JSON Schema of what one sends. */
export const schemaOf = (schema: z.ZodType): FieldSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as FieldSchema;

/** Names that every command has already; with those of one's own. */
export const taking = (...names: string[]) =>
  new Set(['data', 'server', 'token', 'token-file', 'json', 'help', 'no-wait', ...names]);

export const kebab = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** TRUE_LABEL as `true-label`; words that are no GraphQL constants as they are. */
export const spoken = (word: string) => (/^[A-Z_0-9]+$/.test(word) ? kebab(word).replaceAll('_', '-') : word);

/**
 * The options of an object of parameters: names, units, ranges, defaults and words are those of its schema. Defaults are
 * told and not sent. What no option can say, such as a list of objects, is left to whoever asks.
 * @param except names that are given otherwise
 * @param at the path of the object in the input
 * @param prefix what all names begin with
 * @param taken names of options that are there; those that are made are added
 * @param owner what a name that is taken begins with instead
 */
export function optionsOf(
  schema: FieldSchema,
  {
    except = [],
    at = [],
    taken = taking(),
    prefix = '',
    owner = '',
    group,
  }: {
    except?: readonly string[];
    at?: string[];
    taken?: Set<string>;
    prefix?: string;
    owner?: string;
    group?: string;
  } = {},
): SchemaOption[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    if (except.includes(name)) return [];
    const path = [...at, name];
    if (field.type === 'object')
      return optionsOf(field, { at: path, taken, prefix: `${kebab(name)}-`, group });
    const model = field.format === 'id' && name.endsWith('ModelId');
    const plain = prefix + kebab(model ? name.slice(0, -'Id'.length) : name);
    const long = taken.has(plain) && owner ? `${kebab(owner)}-${plain}` : plain;
    const option = optionOf(long, field, model);
    if (!option) return [];
    taken.add(long);
    if (group) option.helpGroup(group);
    const kind = model ? 'model' : field.format === 'file' ? 'file' : 'value';
    return [{ option, path, kind } satisfies SchemaOption];
  });
}

function optionOf(long: string, field: FieldSchema, model: boolean): Option | undefined {
  const description = describe(field);
  if (field.type === 'boolean')
    return new Option(`--${field.default === true ? 'no-' : ''}${long}`, description);
  if (field.enum) return choiceOption(`--${long} <word>`, description, field.enum);
  const metavar = model
    ? 'model'
    : (field.format ?? { px: 'px', '°': 'degrees' }[field.unit ?? ''] ?? metavarOf(field.type));
  if (field.type === 'string') return new Option(`--${long} <${metavar}>`, description);
  if (field.type === 'integer' || field.type === 'number')
    return new Option(`--${long} <${metavar}>`, description).argParser(number);
  if (field.type === 'array' && ['integer', 'number'].includes(field.items?.type ?? ''))
    return new Option(`--${long} <numbers>`, `${description}; with commas between`).argParser(numbers);
  return undefined;
}

const metavarOf = (type: string | undefined) => (type === 'string' ? 'text' : 'number');

/** An option that takes one of some words, however they are written. */
export const choiceOption = (flags: string, description: string, words: readonly string[]): Option => {
  const option = new Option(flags, description).choices(words.map(spoken));
  return option.argParser((value: string) => {
    const same = (word: string) => word.toLowerCase().replaceAll('_', '-');
    const found = words.find((word) => same(word) === same(value));
    if (found === undefined)
      throw new InvalidArgumentError(`Allowed choices are ${words.map(spoken).join(', ')}.`);
    return found;
  });
};

/** A number as people write it. @throws InvalidArgumentError */
export function number(value: string): number {
  const parsed = Number(value.replace('−', '-'));
  if (value.trim() === '' || !Number.isFinite(parsed))
    throw new InvalidArgumentError(`Expected a number, got ${value}.`);
  return parsed;
}

export const numbers = (value: string): number[] =>
  value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(number);

const shown = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) ? value.toLocaleString('en') : spoken(String(value));

/** Its sentence, then its range with its unit, and what it is where it is not said. */
function describe(field: FieldSchema): string {
  const { description = '', minimum, exclusiveMinimum, maximum, type } = field;
  // Of grey levels it is the range itself.
  const unit = /\d/.test(field.unit ?? '') ? '' : (field.unit ?? '');
  const from = exclusiveMinimum ?? minimum;
  const bounded = from !== undefined && maximum !== undefined && Math.abs(maximum) < 2 ** 31 - 1;
  const range = bounded
    ? `${exclusiveMinimum === undefined ? '' : 'above '}${shown(from)} to ${shown(maximum)} ${unit}`.trim()
    : unit;
  const fallback =
    type !== 'boolean' && field.default !== undefined && field.default !== ''
      ? `default: ${Array.isArray(field.default) ? field.default.join(',') : shown(field.default)}`
      : '';
  const more = [range, fallback].filter(Boolean).join('; ');
  return `${description.replace(/\.$/, '')}${more && ` (${more})`}`;
}

export function addOptions(command: Command, options: readonly SchemaOption[]): Command {
  for (const { option } of options) command.addOption(option);
  return command;
}

/** What was said, as the input has it: names of models as their ids, paths as the one who is asked has them. */
export async function inputOf(
  api: Api,
  options: readonly SchemaOption[],
  given: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  for (const { option, path, kind } of options) {
    const value = given[option.attributeName()];
    // Commander says true of a `--no-` option that was not given.
    if (value === undefined || (option.negate && value === true)) continue;
    let place = input;
    for (const key of path.slice(0, -1)) {
      place[key] ??= {};
      place = place[key] as Record<string, unknown>;
    }
    const said =
      kind === 'model'
        ? await modelIdOf(api, value as string)
        : kind === 'file'
          ? pathFor(api, value as string)
          : value;
    place[path.at(-1)!] = said;
  }
  return input;
}
