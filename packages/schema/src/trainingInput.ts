import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { AttackInput } from './attackInput.js';
import { ArchitectureId } from './enums.js';
import { IDEMPOTENCY } from './idempotency.js';

@InputType({ description: 'Random changes of every training image. The paper’s models have none.' })
export class AugmentationInput {
  @Field(() => Float, { nullable: true, description: 'Turns by up to this angle either way, 0 to 180 °.' })
  rotationDeg?: number;
  @Field(() => Float, { nullable: true, description: 'Scales by up to this share either way, 0 to 0.5.' })
  scale?: number;
  @Field(() => Float, { nullable: true, description: 'Shifts by up to this along each axis, 0 to 32 px.' })
  shiftPx?: number;
  @Field(() => Boolean, { nullable: true, description: 'Mirrors every other image, left to right.' })
  mirror?: boolean;
}

@InputType({ description: 'How to train; what is left out is the architecture’s own recipe.' })
export class RecipeInput {
  @Field(() => Int, { nullable: true, description: 'Passes over the training set, 1 to 200.' })
  epochs?: number;
  @Field(() => Int, { nullable: true, description: 'Images a step, 1 to 4096.' })
  batchSize?: number;
  @Field(() => Float, { nullable: true, description: 'Highest learning rate of the one-cycle schedule.' })
  learningRate?: number;
  @Field(() => Float, { nullable: true, description: 'Nesterov momentum, 0 to 1.' })
  momentum?: number;
  @Field(() => Float, { nullable: true, description: 'L2 penalty on kernels, 0 to 1.' })
  weightDecay?: number;
  @Field(() => Float, { nullable: true, description: 'Share of the steps on the way up, 0 to 1.' })
  warmUp?: number;
  @Field(() => AugmentationInput, { nullable: true, description: 'Random changes of every training image.' })
  augmentation?: AugmentationInput;
}

@InputType({ description: 'A model to train.' })
export class TrainingInput {
  @Field(() => String, { nullable: true, description: 'Its name; made up when left out.' })
  name?: string;
  @Field(() => ID, { description: 'The data set to train on, by its id in the catalog.' })
  dataset!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'Side of the square that images are resized to, in px; the data set’s own size when left out.',
  })
  sizePx?: number;
  @Field(() => ArchitectureId, { description: 'The network.' })
  architecture!: keyof typeof ArchitectureId;
  @Field(() => RecipeInput, { nullable: true, description: 'How to train.' })
  recipe?: RecipeInput;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'A benign model to train.' })
export class TrainModelInput extends TrainingInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Start from this model’s weights instead of from scratch: a trained one of the same layers.',
  })
  startFromModelId?: string;
}

@InputType({ description: 'A backdoor to implant.' })
export class ImplantBackdoorInput extends TrainingInput {
  @Field(() => AttackInput, { description: 'The attack.' })
  attack!: AttackInput;
  @Field(() => Int, { defaultValue: 0, description: 'The label the backdoor makes the model say.' })
  targetLabel!: number;
  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the training set to poison, above 0 to 0.9; the paper’s for the attack when left out.',
  })
  poisonRate?: number;
  @Field(() => ID, { nullable: true, description: 'The benign model; one is trained first when left out.' })
  benignModelId?: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Start from the benign model’s weights instead of from scratch (retraining; paper section 3.1).',
  })
  startFromBenign!: boolean;
}
