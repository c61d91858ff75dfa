import { z } from 'zod';
import { attackOf, implantable } from '../attacks/index.js';
import { type DetectorId, detectorOf, detectors } from '../detect/index.js';
import { studyDocumentSchema } from './document.js';

type JsonSchema = Record<string, unknown>;

/** JSON Schema of a study's document, for editors: what exists with its parameters, each one value or a list of several. */
export function studyJsonSchema(): JsonSchema {
  const attacks = oneOf(implantable.map((id) => [id, attackOf(id)] as const));
  const all = (Object.keys(detectors) as DetectorId[]).map((id) => [id, detectorOf(id)] as const);
  const { models, detectors: tried } = studyDocumentSchema.shape;
  const [trained] = models.element.options;
  const attack = trained.shape.attacks.unwrap().element.shape.attack;
  const { detector } = tried.unwrap().element.shape;
  return z.toJSONSchema(studyDocumentSchema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const own = zodSchema === attack ? attacks : zodSchema === detector ? oneOf(all) : undefined;
      if (!own) return;
      const { description } = jsonSchema;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      Object.assign(jsonSchema, { description, ...own });
    },
  });
}

/** An object with exactly one of these keys. */
const oneOf = (
  definitions: readonly (readonly [
    id: string,
    { title: string; description: string; parameters: z.ZodObject },
  ])[],
): JsonSchema => ({
  type: 'object',
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
  properties: Object.fromEntries(
    definitions.map(([id, { title, description, parameters }]) => [
      id,
      { description: `${title}. ${description}`, ...orSeveral(parameters) },
    ]),
  ),
});

/** Parameters, or nothing for their defaults. */
function orSeveral(parameters: z.ZodObject): JsonSchema {
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' });
  return {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => {
        const { description, default: fallback, ...one } = schema as JsonSchema;
        const about = { ...(description !== undefined && { description }), default: fallback };
        return [name, { ...about, anyOf: [one, { type: 'array', items: one, minItems: 1 }] }];
      }),
    ),
  };
}
