import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { Eligibility, TransformId, TransformTarget } from './enums.js';
import { IDEMPOTENCY } from './idempotency.js';

@InputType({ description: 'A sweep to run.' })
export class RunSweepInput {
  @Field(() => ID, { description: 'A trained trojaned model.' })
  modelId!: string;
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => TransformTarget, { description: 'What to transform.' })
  target!: keyof typeof TransformTarget;
  @Field(() => [Float], {
    nullable: true,
    description: 'The values, each once, 1 to 100; the paper’s when left out.',
  })
  values?: number[];
  @Field(() => Int, { defaultValue: 1000, description: 'Samples at each value, 1 to 10,000.' })
  samples!: number;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => Eligibility, { defaultValue: 'TRUE_LABEL', description: 'Which samples may be used.' })
  eligibility!: keyof typeof Eligibility;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'A search for how far clean images can be transformed.' })
export class FindLargestRangeInput {
  @Field(() => ID, { description: 'A trained model, benign or trojaned.' })
  modelId!: string;
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => Float, {
    nullable: true,
    description:
      'How far to go from the identity, and so which way; the transform’s maximum when left out, or its minimum where the maximum is the identity.',
  })
  limit?: number;
  @Field(() => Float, {
    nullable: true,
    description: 'How far apart the values on the way out are; a twentieth of the way when left out.',
  })
  step?: number;
  @Field(() => Float, {
    nullable: true,
    description: 'How finely the end is told, at most `step`; a tenth of it when left out.',
  })
  precision?: number;
  @Field(() => Float, {
    defaultValue: 0.05,
    description: 'How much lower than at the identity accuracy may be and hold, 0 to 1.',
  })
  tolerance!: number;
  @Field(() => Int, { defaultValue: 1000, description: 'Clean test images at each value, 1 to 10,000.' })
  samples!: number;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}
