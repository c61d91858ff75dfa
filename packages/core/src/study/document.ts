import { z } from 'zod';
import { type AttackId, attacks } from '../attacks/index.js';
import { id, integer } from '../lib/params.js';
import { implantParameters, nameSchema, recipeRequest, samplesOf, trainingRequest } from '../requests.js';
import { transforms } from '../transforms/index.js';
import { TRANSFORM_TARGETS } from '../transforms/transform.js';

/**
 * A study as a document: which models, which sweeps and detectors of each trojaned one, which decisions are explained. What
 * says "or several" may be a list: then there is a model for each, and for several lists for each combination. Names are
 * those of GraphQL's inputs.
 */

/** One of them, or a list: a model for each. */
const orSeveral = <T extends z.ZodType>(schema: T, what: string) =>
  z
    .union([schema, z.array(schema).min(1).max(100)], { error: `Expected ${what}, or a list of such` })
    .optional()
    .meta({ description: `${schema.meta()?.description ?? schema.description ?? what} One, or several.` });

/** Ids that are chosen by the one key of an object, with parameters below it or nothing. */
const chosen = (what: string) =>
  z.record(
    z.string(),
    z
      .record(z.string(), z.unknown())
      .nullable()
      .transform((given) => given ?? {}),
    { error: `Expected ${what} with its parameters, such as { name: {} }` },
  );

const attackEntry = z.strictObject({
  attack: chosen('an attack').describe('The attack by its id, with parameters: each one value, or several.'),
  targetLabel: orSeveral(z.int().min(0), 'a label').describe(
    'The label that the backdoor makes the model say; the study’s when left out.',
  ),
  poisonRate: orSeveral(
    z.number().gt(0).max(0.9).meta(implantParameters.shape.poisonRate.meta()!),
    'a share above 0 and up to 0.9',
  ),
  coverRatio: orSeveral(
    z.number().min(0).max(10).meta(implantParameters.shape.coverRatio.meta()!),
    'a number from 0 to 10',
  ),
  trainingTransforms: implantParameters.shape.trainingTransforms,
  recipe: recipeRequest.optional().describe('How to train this one; as the other models when left out.'),
});

const modelEntry = z.strictObject({
  dataset: trainingRequest.shape.dataset,
  architecture: trainingRequest.shape.architecture,
  sizePx: orSeveral(z.int().min(1).max(512), 'a number of pixels from 1 to 512'),
  normalization: trainingRequest.shape.normalization,
  startFromBenign: implantParameters.shape.startFromBenign,
  recipe: recipeRequest
    .optional()
    .describe(
      'How to train the benign model, and trojaned ones from scratch; what is left out is the architecture’s own.',
    ),
  attacks: z
    .array(attackEntry)
    .max(100)
    .default([])
    .describe('Trojaned models beside the benign one, which there always is.'),
});

const ownModelEntry = z.strictObject({
  model: z
    .union([id('A model.').min(1), z.array(id('A model.').min(1)).min(1).max(100)], {
      error: 'Expected the id of a model, or a list of such',
    })
    .meta({
      description:
        'A trojaned model that is there already, trained or imported, by its id. One, or several. What it is, is known of it; a benign model beside it comes along.',
    }),
});

const RANGE = z
  .strictObject({
    from: z.number().describe('The first value.'),
    to: z.number().describe('The last value.'),
    step: z.number().positive().describe('From one value to the next.'),
  })
  .refine(({ from, to, step }) => to >= from && (to - from) / step <= 1_000, {
    error: 'Expected a range that goes up, of at most 1,001 values',
  });

const sweepEntry = z
  .strictObject({
    transform: z
      .enum(Object.keys(transforms) as [keyof typeof transforms, ...(keyof typeof transforms)[]])
      .describe('The transform.'),
    target: z
      .union([z.enum(TRANSFORM_TARGETS), z.array(z.enum(TRANSFORM_TARGETS)).min(1)], {
        error: `Expected ${TRANSFORM_TARGETS.join(' or ')}, or a list of these`,
      })
      .default([...TRANSFORM_TARGETS])
      .describe(
        'What to transform: a sweep for each. Attacks whose trigger cannot be transformed have none of TRIGGER.',
      ),
    values: z
      .array(z.number())
      .min(1)
      .max(1_001)
      .optional()
      .describe(
        'Its values; the transform’s own when left out. The one that changes nothing is always there.',
      ),
    range: RANGE.optional().describe('The values instead, evenly spaced.'),
  })
  .refine(({ values, range }) => !values || !range, { error: 'Expected values or a range, not both' });

export const scoredSchema = z.strictObject({
  attack: z
    .enum(Object.keys(attacks) as [AttackId, ...AttackId[]])
    .describe('The attack whose models are looked at.'),
  wellPredicted: z
    .int()
    .min(0)
    .max(1_000)
    .describe('Samples that are well predicted: clean as their label, trojaned as the target.'),
  defeated: z
    .int()
    .min(0)
    .max(1_000)
    .describe('Of these at most so many at each configuration that brings their true label back.'),
  strips: z
    .int()
    .min(0)
    .max(20)
    .describe('Samples shown clean, trojaned and at each configuration (Fig. 5).'),
});
export type ScoredExplanations = z.output<typeof scoredSchema>;

const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

export const studyDocumentSchema = z.strictObject({
  title: nameSchema.describe('What it is called, 1 to 120 characters.'),
  description: z.string().max(2_000).default('').describe('What it is for, in a few sentences.'),
  reproducesPaper: z
    .boolean()
    .default(false)
    .describe('Whether its report sets the paper’s numbers and statements beside its own.'),
  seeds: z
    .array(seed)
    .min(1)
    .max(20)
    .refine((seeds) => new Set(seeds).size === seeds.length, { error: 'Expected each seed once' })
    .default([1])
    .describe(
      'Each runs all of it: it decides initialisation, order of batches, poisoned images and samples.',
    ),
  targetLabel: z.int().min(0).default(0).describe('The label that backdoors make models say.'),
  samples: samplesOf('Test images at each value of a sweep, and of each kind for a detector.'),
  models: z
    .array(z.union([modelEntry, ownModelEntry]))
    .min(1)
    .max(100)
    .describe(
      'Data sets with networks: a benign model of each, and trojaned ones. Or models that are there, by their ids.',
    ),
  sweeps: z.array(sweepEntry).max(100).default([]).describe('Of each trojaned model.'),
  detectors: z
    .array(
      z.strictObject({
        detector: chosen('a detector').describe(
          'The detector by its id, with parameters: each one value, or several.',
        ),
      }),
    )
    .max(100)
    .default([])
    .describe('Tried on each trojaned model.'),
  explanations: integer(
    0,
    1_000,
    0,
    '',
    'Explained samples of each trojaned model, the same where it fires and where it does not.',
  ),
  scored: scoredSchema
    .optional()
    .describe('What the paper looks at by eye (section 5.4), scored; needs sweeps.'),
});

/** With its defaults filled in. */
export type StudyDocument = z.output<typeof studyDocumentSchema>;
export type OwnModelEntry = z.output<typeof ownModelEntry>;
export type StudyModelEntry = z.output<typeof modelEntry>;
export type StudyAttackEntry = StudyModelEntry['attacks'][number];

/** What of a document is to be trained. */
export const trainedEntries = ({ models }: Pick<StudyDocument, 'models'>): StudyModelEntry[] =>
  models.filter((entry): entry is StudyModelEntry => !('model' in entry));
