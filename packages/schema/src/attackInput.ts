import { type AttackId, attackOf, implantable } from '@trojanscope/core/definitions';
import { GraphQLInputObjectType, type GraphQLSchema } from 'graphql';
import { Field, InputType } from 'type-graphql';
import { z } from 'zod';
import { inputName, inputOf } from './inputOf.js';

/** JSON Schema of an attack's parameters: what the catalog publishes and forms draw. */
export const parameterSchema = (id: AttackId) => z.toJSONSchema(attackOf(id).parameters, { io: 'input' });

/** Input types are derived from the attacks' own parameter objects, so that a new attack needs no line here. */
@InputType({ description: 'Exactly one attack with its parameters; `{}` are the paper’s.' })
export class AttackInput {
  [attack: string]: Record<string, unknown> | undefined;
}

for (const id of implantable) {
  const { title, description, parameters } = attackOf(id);
  const ParametersInput = inputOf(
    inputName('attacks', id),
    `Parameters of ${title}.`,
    parameters as z.ZodObject,
    {
      defaults: 'said',
    },
  );
  Field(() => ParametersInput, { nullable: true, description })(AttackInput.prototype, id);
}

/** type-graphql has no word for @oneOf; graphql-js has. Call once on the built schema. */
export function markOneOf(schema: GraphQLSchema): GraphQLSchema {
  for (const name of ['AttackInput', 'DetectorInput', 'ExplainerInput']) {
    const type = schema.getType(name);
    if (type instanceof GraphQLInputObjectType) type.isOneOf = true;
  }
  return schema;
}
