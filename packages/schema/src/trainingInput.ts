import {
  augmentationSchema,
  implantRequest,
  normalizationSchema,
  randomTransformSchema,
  recipeRequest,
  trainingTransformsSchema,
  trainRequest,
} from '@trojanscope/core/definitions';
import type { z } from 'zod';
import { AttackInput } from './attackInput.js';
import { ArchitectureId, TrainingTarget, TransformId } from './enums.js';
import { idempotent } from './idempotency.js';
import { inputOf } from './inputOf.js';

const AugmentationInput = inputOf(
  'AugmentationInput',
  'Random changes of every training image. The paper’s models have none.',
  augmentationSchema.partial(),
  { defaults: 'said' },
);

const RecipeInput = inputOf(
  'RecipeInput',
  'How to train; what is left out is the architecture’s own recipe.',
  recipeRequest,
  { types: { augmentation: AugmentationInput } },
);

const NormalizationInput = inputOf(
  'NormalizationInput',
  'What a network takes off images in [0,1] and divides them by, before its first layer.',
  normalizationSchema,
);

const RandomTransformInput = inputOf(
  'RandomTransformInput',
  'A transform at a value that is drawn for each image.',
  randomTransformSchema,
  { types: { transform: TransformId } },
);

const TrainingTransformsInput = inputOf(
  'TrainingTransformsInput',
  'What is transformed at random while a backdoor is implanted.',
  trainingTransformsSchema,
  { types: { target: TrainingTarget, transforms: RandomTransformInput } },
);

const types = { architecture: ArchitectureId, normalization: NormalizationInput, recipe: RecipeInput };

export const trainModelRequest = trainRequest.extend(idempotent);
export const TrainModelInput = inputOf('TrainModelInput', 'A benign model to train.', trainModelRequest, {
  types,
});
export type TrainModelInput = z.output<typeof trainModelRequest>;

export const implantBackdoorRequest = implantRequest.extend(idempotent);
export const ImplantBackdoorInput = inputOf(
  'ImplantBackdoorInput',
  'A backdoor to implant.',
  implantBackdoorRequest,
  {
    types: { ...types, attack: AttackInput, trainingTransforms: TrainingTransformsInput },
  },
);
export type ImplantBackdoorInput = z.output<typeof implantBackdoorRequest>;
