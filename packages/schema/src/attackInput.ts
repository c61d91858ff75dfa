import { type AttackId, attackOf, attacks } from '@trojanscope/core/definitions';
import { GraphQLInputObjectType, type GraphQLSchema } from 'graphql';
import { Field, Float, InputType, Int, registerEnumType } from 'type-graphql';
import { z } from 'zod';

interface ParameterSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  unit?: string;
  description?: string;
}

/** JSON Schema of an attack's parameters: what the catalog publishes and forms draw. */
export const parameterSchema = (id: AttackId) => z.toJSONSchema(attackOf(id).parameters, { io: 'input' });

const pascal = (word: string) => word[0]!.toUpperCase() + word.slice(1);

/** Input types are derived from the attacks' own parameter objects, so that a new attack needs no line here. */
@InputType({ description: 'Exactly one attack with its parameters; `{}` are the paper’s.' })
export class AttackInput {
  [attack: string]: Record<string, unknown> | undefined;
}

for (const id of Object.keys(attacks) as AttackId[]) {
  const name = `${pascal(id)}Input`;
  const ParametersInput = { [name]: class {} }[name]!;
  InputType(name, { description: `Parameters of ${attacks[id].title}.` })(ParametersInput);
  const { properties } = parameterSchema(id) as { properties: Record<string, ParameterSchema> };
  for (const [parameter, schema] of Object.entries(properties)) {
    const type = fieldType(`${pascal(id)}${pascal(parameter)}`, schema);
    Field(() => type as never, { nullable: true, description: describe(schema) })(
      ParametersInput.prototype,
      parameter,
    );
  }
  Field(() => ParametersInput, { nullable: true, description: attacks[id].description })(
    AttackInput.prototype,
    id,
  );
}

function fieldType(enumName: string, schema: ParameterSchema) {
  if (schema.enum) {
    const values = Object.fromEntries(schema.enum.map((word) => [word, word]));
    registerEnumType(values, {
      name: enumName,
      description: schema.description,
      valuesConfig: Object.fromEntries(schema.enum.map((word) => [word, { description: `${word}.` }])),
    });
    return values;
  }
  return { integer: Int, number: Float, boolean: Boolean }[schema.type ?? ''] ?? String;
}

function describe(schema: ParameterSchema): string {
  const range =
    schema.minimum === undefined ? '' : ` ${schema.minimum} to ${schema.maximum} ${schema.unit}`.trimEnd();
  const fallback = schema.default ?? '';
  return [schema.description, range && `${range.trim()}.`, fallback !== '' && `Default: ${String(fallback)}.`]
    .filter(Boolean)
    .join(' ');
}

/** type-graphql has no word for @oneOf; graphql-js has. Call once on the built schema. */
export function markOneOf(schema: GraphQLSchema): GraphQLSchema {
  const type = schema.getType('AttackInput');
  if (type instanceof GraphQLInputObjectType) type.isOneOf = true;
  return schema;
}
