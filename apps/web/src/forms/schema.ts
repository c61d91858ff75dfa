/** What the catalog publishes of parameters: the part of JSON Schema that forms draw. */
export interface ParameterSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  default?: unknown;
  unit?: string;
  description?: string;
  properties?: Record<string, ParameterSchema>;
}

export type Parameters = Record<string, unknown>;

export const propertiesOf = (schema: unknown) =>
  Object.entries((schema as ParameterSchema | null)?.properties ?? {});

/** `patchSizePx` as people read it: Patch size. Its unit is told by the schema. */
export function titleOf(name: string): string {
  const words = name
    .replace(/(Px|Deg)$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words[0]!.toUpperCase() + words.slice(1);
}

/** What values a parameter may have, in words. */
export function rangeOf({ minimum, maximum, exclusiveMinimum, unit = '' }: ParameterSchema): string | null {
  const low = minimum ?? exclusiveMinimum;
  if (low === undefined || maximum === undefined) return null;
  const from = minimum === undefined ? `above ${plain(low)}` : plain(low);
  return `${from} to ${plain(maximum)} ${unit}`.trim();
}

const plain = (value: number) => String(Number(value.toPrecision(4))).replace('-', '−');

/** Why a value does not do; null where it does, and where there is none. */
export function wrongWith(schema: ParameterSchema, value: unknown): string | null {
  if (value === undefined || (schema.type !== 'integer' && schema.type !== 'number')) return null;
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

/** Whether all that is given fits. */
export const allFit = (schema: unknown, values: Parameters): boolean =>
  propertiesOf(schema).every(([name, property]) =>
    property.properties
      ? allFit(property, (values[name] ?? {}) as Parameters)
      : wrongWith(property, values[name]) === null,
  );
