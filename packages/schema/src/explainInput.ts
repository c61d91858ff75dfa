import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { ExplainedClass, GradientMode, TransformId, TransformTarget } from './enums.js';
import { IDEMPOTENCY } from './idempotency.js';

@InputType({ description: 'How SmoothGrad explains.' })
export class SmoothGradInput {
  @Field(() => Int, { defaultValue: 50, description: 'Noisy copies, 1 to 1000.' })
  copies!: number;
  @Field(() => Float, {
    defaultValue: 0.15,
    description: 'Noise level as a share of the value range, 0 to 1.',
  })
  noiseLevel!: number;
  @Field(() => GradientMode, { defaultValue: 'MAGNITUDE', description: 'What to average.' })
  mode!: keyof typeof GradientMode;
  @Field(() => ExplainedClass, { defaultValue: 'PREDICTED', description: 'The class to explain.' })
  explainedClass!: keyof typeof ExplainedClass;
  @Field(() => Int, { defaultValue: 1, description: 'Seed of the noise.' })
  seed!: number;
}

@InputType({ description: 'Outcomes to explain with SmoothGrad.' })
export class ExplainInput extends SmoothGradInput {
  @Field(() => [ID], { description: 'Outcomes, 1 to 100, all of one model.' })
  outcomeIds!: string[];
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'How to transform one sample.' })
export class ProbeTransformInput {
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => TransformTarget, { description: 'What to transform.' })
  target!: keyof typeof TransformTarget;
  @Field(() => Float, { description: 'How strongly; the catalog has the range.' })
  value!: number;
}

@InputType({ description: 'One sample to look at through one model.' })
export class ProbeInput {
  @Field(() => ID, { description: 'A trained model.' })
  modelId!: string;
  @Field(() => Int, { description: 'Index of the sample in the test split.' })
  sampleIndex!: number;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether to put the trigger on it.' })
  trigger!: boolean;
  @Field(() => ProbeTransformInput, {
    nullable: true,
    description: 'How to transform it; not at all when left out.',
  })
  transform?: ProbeTransformInput;
  @Field(() => Int, { defaultValue: 1, description: 'Seed of what is drawn, such as a direction.' })
  seed!: number;
  @Field(() => SmoothGradInput, {
    nullable: true,
    description: 'How to explain the decision; no map when left out.',
  })
  explain?: SmoothGradInput;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether to explain the network with random weights too, as a check of the method (Adebayo et al. 2018, arXiv:1810.03292); only with `explain`.',
  })
  untrained!: boolean;
}
