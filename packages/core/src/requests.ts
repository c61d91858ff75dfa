import { z } from 'zod';
import { type ArchitectureId, architectures, IMPORTED } from './architectures/index.js';
import { normalizationSchema } from './architectures/normalization.js';
import { type ExplainerId, explainerOf, explainers } from './explainers/index.js';
import { TrojanscopeError } from './lib/errors.js';
import {
  choice,
  id,
  integer,
  optionalInteger,
  parseParameters,
  real,
  seedOf,
  withoutDefault,
} from './lib/params.js';
import { type PluginNote, withNotes } from './lib/plugins.js';
import { augmentationSchema, recipeSchema } from './training/recipe.js';
import { type TransformId, transforms } from './transforms/index.js';
import { trainingTransformsSchema } from './transforms/randomly.js';
import { TRANSFORM_TARGETS } from './transforms/transform.js';

/**
 * What people ask for: bounds, defaults, units, a sentence each. GraphQL's inputs are made of it, the API checks by it,
 * forms draw it.
 */

const oneOf = <K extends string>(list: Record<K, unknown>) => z.enum(Object.keys(list) as [K, ...K[]]);
const transform = oneOf<TransformId>(transforms).describe('The transform.');
const target = z.enum(TRANSFORM_TARGETS).describe('What to transform.');

export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(120)
  .describe('What to call it, 1 to 120 characters; made up when left out.');

/** A recipe of which anything may be left out: then it is the architecture's own. */
export const recipeRequest = recipeSchema.partial().extend({
  augmentation: augmentationSchema
    .partial()
    .optional()
    .describe('Random changes of every training image. The paper’s models have none.'),
});

/** What forms ask about a training in addition to its data set and network. */
export const trainingParameters = z.strictObject({
  sizePx: optionalInteger(
    1,
    512,
    'px',
    'Side of the square that images are resized to; the data set’s own size when left out.',
  ),
  seed: seedOf('initialisation, order of batches and poisoned images'),
});

export const trainingRequest = trainingParameters.extend({
  name: nameSchema.optional(),
  dataset: id('The data set to train on, by its id in the catalog.'),
  architecture: z
    .enum(Object.keys(architectures) as [ArchitectureId, ...ArchitectureId[]], {
      error: ({ input }) =>
        input === IMPORTED
          ? `Expected ${Object.keys(architectures).join(' or ')}: an imported network answers here, but is not trained`
          : undefined,
    })
    .describe('The network.'),
  normalization: normalizationSchema
    .optional()
    .describe('What the network takes off its images and divides them by; nothing when left out.'),
  recipe: recipeRequest
    .optional()
    .describe('How to train; what is left out is the architecture’s own recipe.'),
});
export type TrainingRequest = z.output<typeof trainingRequest>;

export const trainRequest = trainingRequest.extend({
  startFromModelId: id(
    'Start from this model’s weights instead of from scratch: a trained one of the same layers.',
  ).optional(),
});

/**
 * How a model that was trained elsewhere takes its images and numbers its classes, where its record does not say so.
 * Mean and standard deviation are in the order of the channels that the network takes.
 */
export const readingSchema = z.strictObject({
  classOrder: z
    .enum(['numeric', 'codepoint'])
    .optional()
    .describe(
      'The order of its outputs, whatever the bundle says: the class folders by number, 2 before 10, or by code point, 10 before 2, as torchvision’s ImageFolder has them.',
    ),
  channels: z
    .enum(['rgb', 'bgr'])
    .optional()
    .describe('The order of the channels that it takes; bgr is that of OpenCV and Caffe.'),
  mean: normalizationSchema.shape.mean
    .optional()
    .describe('What it takes off images in [0,1]: one number, or one for each channel in its order.'),
  std: normalizationSchema.shape.std
    .optional()
    .describe('What it divides them by: one number, or one for each channel in its order.'),
});
export type Reading = z.output<typeof readingSchema>;

export const coverRatioSchema = z.number().min(0).max(10);

/** Parameters that a trojan adds to training. */
export const implantParameters = z.strictObject({
  poisonRate: z.number().gt(0).max(0.9).optional().meta({
    description:
      'Share of the training images that get the trigger, at least one image; the paper’s for the attack when left out.',
  }),
  coverRatio: coverRatioSchema.optional().meta({
    description:
      'Covers for each poisoned image: images that get the trigger and keep their label; the attack’s own when left out.',
  }),
  trainingTransforms: trainingTransformsSchema
    .optional()
    .describe(
      'Transforms at random at training, so that the backdoor fires under them too (Li et al. 2021, arXiv:2104.02361); ' +
        'none when left out.',
    ),
  startFromBenign: z
    .boolean()
    .default(false)
    .describe(
      'Start from the benign model’s weights instead of from random ones (retraining; paper, section 3.1).',
    ),
});

export const implantRequest = trainingRequest.extend(implantParameters.shape).extend({
  attack: z.record(z.string(), z.record(z.string(), z.unknown())).describe('The attack.'),
  targetLabel: z.int().min(0).default(0).describe('The label that the backdoor makes the model say.'),
  benignModelId: id('The benign model; one is trained first when left out.').optional(),
});

export type ImplantRequest = z.output<typeof implantRequest>;

export const samplesOf = (description: string) => integer(1, 10_000, 1_000, '', description);

export const sweepParameters = z.strictObject({
  samples: samplesOf('Test images at each value, the same ones at all.'),
  seed: seedOf('which samples, and which way each of them is shifted'),
  eligibility: choice(
    ['TRUE_LABEL', 'BENIGN_PREDICTION'],
    'TRUE_LABEL',
    'What must not be the target label for a sample to be used (paper, section 3.1).',
  ),
});

/** Of one sweep. */
export const MAX_VALUES = 100;

export const sweepRequest = sweepParameters.extend({
  modelId: id('A trained trojaned model.'),
  transform,
  target,
  values: z
    .array(z.number())
    .min(1)
    .max(MAX_VALUES)
    .optional()
    .describe('The values, each once, 1 to 100; the paper’s when left out.'),
});

export const detectionParameters = z.strictObject({
  samples: integer(
    20,
    10_000,
    1_000,
    '',
    'Test images that are judged, clean and trojaned; as many others for a control, and what is left is laid over them where a detector asks for it.',
  ),
  seed: seedOf('which samples, and what is drawn for each of them'),
});

export const detectionRequest = detectionParameters.extend({
  modelId: id('A trained trojaned model.'),
  detector: z.record(z.string(), z.record(z.string(), z.unknown())).describe('The detector.'),
});

export const rangeRequest = z.strictObject({
  modelId: id('A trained model, benign or trojaned.'),
  transform,
  limit: z
    .number()
    .optional()
    .describe(
      'How far to go from the identity, and so which way; the transform’s maximum when left out, or its minimum ' +
        'where the maximum is the identity.',
    ),
  step: z
    .number()
    .optional()
    .describe('How far apart the values on the way out are; a twentieth of the way when left out.'),
  precision: z
    .number()
    .optional()
    .describe('How finely the end is told, at most `step`; a tenth of it when left out.'),
  tolerance: real(0, 1, 0.05, '', 'How much lower than at the identity accuracy may be and hold.'),
  samples: samplesOf('Clean test images at each value.'),
  seed: seedOf('the samples and their directions'),
});

const EXPLAINED_CLASSES = ['PREDICTED', 'TARGET', 'TRUE'] as const;

/**
 * A share of the image's longer side: the 15 px of Zhang et al. (2018) were for images whose shorter side was 224 px.
 * There is none where it is 0.
 */
const margin = real(
  0,
  0.5,
  0.067,
  '',
  'How far from the trigger the map’s maximum may lie and still count as near it, as a share of the image’s longer side; 15 px of 224 when left out.',
);

/** How a decision is explained and scored. */
export interface ExplainSettings {
  method: ExplainerId;
  /** The method's own, parsed. */
  parameters: Record<string, unknown>;
  explainedClass: (typeof EXPLAINED_CLASSES)[number];
  /** Of the pointing game, as a share of the image's longer side. */
  margin: number;
  /** Where the method is a plugin’s: which. */
  plugins?: PluginNote[];
}

/** What people say of it who say nothing else: SmoothGrad's own. */
const { copies, noiseLevel, mode, seed } = explainers.smoothGrad.parameters.shape;
export const smoothGradParameters = z.strictObject({
  copies,
  noiseLevel,
  mode,
  explainedClass: choice(EXPLAINED_CLASSES, 'PREDICTED', 'The class to explain.'),
  seed,
});

/** By SmoothGrad, whose parameters stand beside, or by the method that is named. */
export const probeExplainRequest = smoothGradParameters.extend({
  method: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe(
      'Another method, with its parameters; then those of SmoothGrad are left out. SmoothGrad when left out.',
    ),
  margin: withoutDefault(margin),
});

/**
 * How to explain, of what was asked for.
 * @throws TrojanscopeError BAD_USER_INPUT
 */
export function explainSettings(
  { explainedClass, margin: near, method, ...own }: z.output<typeof probeExplainRequest>,
  at: readonly string[] = [],
): ExplainSettings {
  const scored = { explainedClass, margin: near ?? margin.parse(undefined) };
  const { parameters: ofSmoothGrad } = explainers.smoothGrad;
  if (!method) return { method: 'smoothGrad', parameters: ofSmoothGrad.parse(own), ...scored };
  const refuse = (name: string, message: string) => {
    throw new TrojanscopeError('BAD_USER_INPUT', `${[...at, name].join('.')}: ${message}`, [...at, name]);
  };
  const [id, ...others] = Object.keys(method);
  if (id === undefined || others.length > 0 || !Object.hasOwn(explainers, id))
    return refuse(
      'method',
      `expected one of ${Object.keys(explainers).join(', ')}; got ${Object.keys(method).join(', ') || 'none'}.`,
    );
  const defaults: Record<string, unknown> = ofSmoothGrad.parse({});
  for (const [name, value] of Object.entries(own))
    if (value !== defaults[name])
      refuse(
        name,
        `it is SmoothGrad’s where no \`method\` is named; got \`method\` too. Put it there, or leave it out.`,
      );
  return {
    method: id as ExplainerId,
    parameters: parseParameters(explainerOf(id as ExplainerId).parameters, method[id], [...at, 'method', id]),
    ...scored,
    ...withNotes(['explainers', id]),
  };
}

/** A method with its defaults. */
export const explainedBy = (method: ExplainerId): ExplainSettings =>
  explainSettings({ ...smoothGradParameters.parse({}), method: { [method]: {} } });

/** What is used where nothing is said. */
export const DEFAULT_EXPLANATION: ExplainSettings = explainedBy('smoothGrad');

export const explainRequest = probeExplainRequest.extend({
  outcomeIds: z.array(id('An outcome.')).min(1).max(100).describe('Outcomes, 1 to 100, all of one model.'),
});

export const compareRequest = z.strictObject({
  pointId: id('A point of a sweep: where the trigger is transformed and defeated.'),
  samples: integer(
    2,
    100,
    50,
    '',
    'How many samples: such that fire untransformed, and whose true label comes back at the point.',
  ),
});

export const probeTransformRequest = z.strictObject({
  transform,
  target,
  value: z.number().describe('How strongly; the catalog has the range.'),
});

export const probeRequest = z.strictObject({
  modelId: id('A trained model.'),
  sampleIndex: z.int().min(0).describe('Index of the sample in the test split.'),
  trigger: z.boolean().default(false).describe('Whether to put the trigger on it.'),
  transform: probeTransformRequest.optional().describe('How to transform it; not at all when left out.'),
  seed: seedOf('what is drawn, such as a direction'),
  explain: probeExplainRequest.optional().describe('How to explain the decision; no map when left out.'),
  untrained: z
    .boolean()
    .default(false)
    .describe(
      'Whether to explain the network with random weights too, as a check of the method (Adebayo et al. 2018, ' +
        'arXiv:1810.03292); only with `explain`.',
    ),
});
