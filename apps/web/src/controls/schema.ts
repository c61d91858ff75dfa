/** What the catalog publishes of parameters: the part of JSON Schema that forms draw. */
export interface ParameterSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  default?: unknown;
  unit?: string;
  /** `file` for a path on the server. */
  format?: string;
  description?: string;
  properties?: Record<string, ParameterSchema>;
  /** Names of those that a group cannot do without. */
  required?: string[];
  /** Of a list: what each of its items is. */
  items?: ParameterSchema;
  /** Of a list of transforms with values: for each transform what values it takes. */
  ranges?: Readonly<Record<string, Pick<ParameterSchema, 'minimum' | 'maximum' | 'unit'>>>;
}

export type Parameters = Record<string, unknown>;

export const propertiesOf = (schema: unknown) =>
  Object.entries((schema as ParameterSchema | null)?.properties ?? {});

/** Names of all parameters, those of groups included. */
export const namesIn = (schema: unknown): string[] =>
  propertiesOf(schema).flatMap(([name, property]) => [name, ...namesIn(property)]);

/** The same parameters, without those of which there is to be no choice, and with defaults that depend on the rest. */
export const adapted = (
  schema: unknown,
  changes: Readonly<Record<string, { default: unknown } | null>>,
): ParameterSchema => ({
  properties: Object.fromEntries(
    propertiesOf(schema)
      .filter(([name]) => changes[name] !== null)
      .map(([name, property]) => [name, { ...property, ...changes[name] }]),
  ),
});

/** `patchSizePx` and `TRUE_LABEL` as people read them: Patch size, True label. Units are told by the schema. */
export function titleOf(name: string): string {
  const words = name
    .replace(/(Px|Deg)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();
  return capital(words);
}

export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** A parameter's title with its unit, where that says something new. */
export function labelOf(name: string, unit?: string): string {
  const title = titleOf(name);
  return unit && !title.toLowerCase().endsWith(unit.toLowerCase()) ? `${title} (${unit})` : title;
}

/** The same by the unit that its name ends with. */
export const fullTitleOf = (name: string) =>
  labelOf(name, name.endsWith('Px') ? 'px' : name.endsWith('Deg') ? '°' : undefined);

/** A value as people read it: `bottomRight` as bottom right, a group as its parts. */
export function valueText(value: unknown): string {
  if (typeof value === 'string')
    return /^[a-z]+[A-Z]|^[A-Z]+_[A-Z_]+$/.test(value) ? titleOf(value).toLowerCase() : value || 'none';
  if (typeof value === 'number') return String(Number(value.toPrecision(6)));
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(valueText).join(' ') || 'none';
  if (value === null || typeof value !== 'object') return String(value ?? '–');
  return Object.entries(value)
    .map(([name, part]) => `${titleOf(name).toLowerCase()} ${valueText(part)}`)
    .join(', ');
}

/** A bound that nobody meets. */
const ANY = 2 ** 31 - 1;

/** What values a parameter may have, in words; nothing where any does. */
export function rangeOf({ minimum, maximum, exclusiveMinimum, unit = '' }: ParameterSchema): string | null {
  const low = minimum ?? exclusiveMinimum;
  if (low === undefined || maximum === undefined) return null;
  if (maximum >= ANY) return `${plain(low)} or more`;
  const from = minimum === undefined ? `above ${plain(low)}` : plain(low);
  return `${from} to ${plain(maximum)} ${unit}`.trim();
}

const plain = (value: number) =>
  (Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(4)))).replace(
    '-',
    '−',
  );

/** Whether it takes a list of numbers. */
export const isNumbers = ({ type, items }: ParameterSchema): boolean =>
  type === 'array' && (items?.type === 'number' || items?.type === 'integer');

/** `-15, 15` as numbers; what is none stays as it was typed, to be told. */
export const numbersIn = (text: string): (number | string)[] =>
  text
    .split(/[\s,;]+/)
    .filter((part) => part !== '')
    .map((part) => {
      const number = Number(part.replace('−', '-'));
      return Number.isFinite(number) ? number : part;
    });

/** Why a value does not do; null where it does, and where there is none. */
export function wrongWith(schema: ParameterSchema, value: unknown): string | null {
  if (value === undefined) return null;
  if (isNumbers(schema)) {
    const wrong = (value as unknown[]).map((one) => wrongWith(schema.items!, one));
    return wrong.find((one) => one !== null) ?? null;
  }
  if (schema.type !== 'integer' && schema.type !== 'number') return null;
  const number = Number(value);
  const { minimum, maximum, exclusiveMinimum, type } = schema;
  const fits =
    Number.isFinite(number) &&
    (type !== 'integer' || Number.isInteger(number)) &&
    (minimum === undefined || number >= minimum) &&
    (exclusiveMinimum === undefined || number > exclusiveMinimum) &&
    (maximum === undefined || number <= maximum);
  if (fits) return null;
  const what = type === 'integer' ? 'a whole number' : 'a number';
  return `Expected ${what}${rangeOf(schema) ? `, ${rangeOf(schema)}` : ''}; got ${String(value)}.`;
}

/** A transform with the values that it may have. */
export interface RangeOf {
  transform: string;
  from: number | undefined;
  to: number | undefined;
}

/** Why one end of a range does not do; null where it does. */
export function wrongEnd(
  { ranges }: ParameterSchema,
  { transform, from, to }: RangeOf,
  end: 'from' | 'to',
): string | null {
  const value = end === 'from' ? from : to;
  const wrong = wrongWith({ type: 'number', ...ranges?.[transform] }, value ?? Number.NaN);
  if (wrong) return value === undefined ? 'Expected a number.' : wrong;
  return end === 'to' && from !== undefined && value! < from ? `Expected at least ${from}.` : null;
}

/** Whether a group says anything: it has what it cannot do without. */
export const isThere = ({ required = [] }: ParameterSchema, inner: Parameters): boolean =>
  Object.keys(inner).length > 0 && required.every((name) => inner[name] !== undefined);

/** What is asked of a group: as long as it lacks what it cannot do without, that alone. */
export const startOf = (schema: ParameterSchema, inner: Parameters = {}): ParameterSchema => {
  const lacking = (schema.required ?? []).filter((name) => inner[name] === undefined);
  if (lacking.length === 0) return schema;
  return { properties: Object.fromEntries(propertiesOf(schema).filter(([name]) => lacking.includes(name))) };
};

/** Whether all that is given fits. */
export const allFit = (schema: unknown, values: Parameters): boolean =>
  propertiesOf(schema).every(([name, property]) => {
    if (property.properties) return allFit(property, (values[name] ?? {}) as Parameters);
    if (property.ranges)
      return ((values[name] ?? []) as RangeOf[]).every((range) =>
        (['from', 'to'] as const).every((end) => wrongEnd(property, range, end) === null),
      );
    return wrongWith(property, values[name]) === null;
  });
