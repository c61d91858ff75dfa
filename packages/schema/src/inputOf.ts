import { notesOf, type PluginKind } from '@trojanscope/core/definitions';
import { Field, Float, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { z } from 'zod';

/** What `z.toJSONSchema` says of one field. */
interface FieldSchema {
  type?: string;
  format?: string;
  enum?: string[];
  items?: FieldSchema;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  default?: unknown;
  unit?: string;
  description?: string;
  deprecationReason?: string;
}

export interface InputOptions {
  /** Types that zod does not tell: other inputs, and enums that have a name of their own. */
  types?: Record<string, unknown>;
  /** Whether defaults are GraphQL's, or are filled in on parsing and only stated in the description. */
  defaults?: 'given' | 'said';
}

/**
 * The GraphQL input type of a zod object: its bounds, defaults, units and sentences stand in that object alone.
 * @throws Error for a field whose type GraphQL has no word for
 */
export function inputOf<T extends z.ZodObject>(
  name: string,
  description: string,
  schema: T,
  { types = {}, defaults = 'given' }: InputOptions = {},
): new () => z.output<T> {
  const Input = { [name]: class {} }[name]!;
  InputType(name, { description })(Input);
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as { properties?: Record<string, FieldSchema>; required?: string[] };
  for (const [field, own] of Object.entries(properties)) {
    const type = types[field] ?? typeOf(`${name.replace(/Input$/, '')}${pascal(field)}`, own);
    const asList = own.type === 'array' ? [type] : type;
    const given = defaults === 'given' ? own.default : undefined;
    Field(() => asList as never, {
      description: describe(own, defaults === 'said'),
      deprecationReason: own.deprecationReason,
      ...(given === undefined ? { nullable: !required.includes(field) } : { defaultValue: given }),
    })(Input.prototype, field);
  }
  return Input as never;
}

function typeOf(enumName: string, schema: FieldSchema): unknown {
  if (schema.type === 'array' && schema.items) return typeOf(enumName, schema.items);
  if (schema.enum) return enumOf(enumName, schema as FieldSchema & { enum: string[] });
  if (schema.type === 'string') return schema.format === 'id' ? ID : String;
  const type = { integer: Int, number: Float, boolean: Boolean }[schema.type ?? ''];
  if (!type) throw new Error(`${enumName}: GraphQL has no type for ${JSON.stringify(schema)}.`);
  return type;
}

function enumOf(name: string, { enum: words, description }: FieldSchema & { enum: string[] }) {
  const values = Object.fromEntries(words.map((word) => [word, word]));
  registerEnumType(values, {
    name,
    description,
    valuesConfig: Object.fromEntries(words.map((word) => [word, { description: `${word}.` }])),
  });
  return values;
}

function describe(schema: FieldSchema, withDefault: boolean): string {
  const { description, minimum, exclusiveMinimum, maximum, unit = '' } = schema;
  const number = (value: number) => (Number.isInteger(value) ? value.toLocaleString('en') : String(value));
  const from = exclusiveMinimum === undefined ? minimum : exclusiveMinimum;
  const bounded = from !== undefined && maximum !== undefined && Math.abs(maximum) < 2 ** 31 - 1;
  const above = exclusiveMinimum === undefined ? '' : 'above ';
  const range = bounded ? `${above}${number(from)} to ${number(maximum)} ${unit}`.trim() : '';
  const fallback = withDefault ? (schema.default ?? '') : '';
  return [
    description,
    range && `${range[0]!.toUpperCase()}${range.slice(1)}.`,
    fallback !== '' && `Default: ${String(fallback)}.`,
  ]
    .filter(Boolean)
    .join(' ');
}

export const pascal = (word: string) => word[0]!.toUpperCase() + word.slice(1);

const SUFFIX = { attacks: 'Attack', detectors: 'Detector', explainers: 'Explainer' };

/** What the input with a definition’s parameters is called; a plugin’s by its kind too, so that it is like no other. */
export function inputName(kind: Extract<PluginKind, keyof typeof SUFFIX>, id: string): string {
  if (notesOf([[kind, id]])) return `${pascal(id)}${SUFFIX[kind]}Input`;
  return `${pascal(id)}${kind === 'explainers' ? 'Parameters' : ''}Input`;
}
