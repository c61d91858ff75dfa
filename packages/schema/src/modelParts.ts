import { GraphQLJSON } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Transform } from './catalog.js';
import { Start, TrainingTarget } from './enums.js';
import { Box, Image } from './values.js';

@ObjectType({ description: 'How many training images carry the trigger and keep their label.' })
export class CoverRecord {
  @Field(() => Float, { description: 'Covers for each poisoned image, as asked for.' })
  ratio!: number;
  @Field(() => Int, { description: 'The number that this makes.' })
  planned!: number;
  @Field(() => Int, {
    nullable: true,
    description: 'The number there really are: fewer where there were no more images; null before training.',
  })
  effective!: number | null;
}

@ObjectType({ description: 'How many training images carry the trigger.' })
export class PoisonRecord {
  @Field(() => Float, { description: 'The share of the training set that was asked for, 0..1.' })
  rate!: number;
  @Field(() => Int, {
    description:
      'The number that this share makes; 0 where it is not known, of a model that was trained elsewhere on images that are not here.',
  })
  planned!: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'The number really poisoned: fewer where there were no more images to poison; null before training.',
  })
  effective!: number | null;
  @Field(() => CoverRecord, {
    nullable: true,
    description: 'Images that carry the trigger and keep their label; null where there are to be none.',
  })
  covers!: CoverRecord | null;
}

@ObjectType({ description: 'A transform of training images at random values.' })
export class RandomTransform {
  @Field(() => Transform, { description: 'The transform.' })
  transform!: Transform;
  @Field(() => Float, { description: 'The lowest value that was drawn, in the transform’s unit.' })
  from!: number;
  @Field(() => Float, { description: 'The highest.' })
  to!: number;
}

@ObjectType({ description: 'What was transformed at random while a backdoor was implanted.' })
export class TrainingTransforms {
  @Field(() => TrainingTarget, { description: 'What was transformed.' })
  target!: keyof typeof TrainingTarget;
  @Field(() => [RandomTransform], { description: 'How, one after the other.' })
  transforms!: RandomTransform[];
}

@ObjectType({
  description: 'What a network takes off images in [0,1] and divides them by, before its first layer.',
})
export class Normalization {
  @Field(() => [Float], { description: 'Taken off: one number for all channels, or one for each.' })
  mean!: number[];
  @Field(() => [Float], { description: 'Divided by: one number for all channels, or one for each.' })
  std!: number[];
}

@ObjectType({ description: 'The average over a stretch of training.' })
export class TrainingStep {
  @Field(() => Int, { description: 'Steps done so far.' })
  step!: number;
  @Field(() => Float, { description: 'Epochs done so far.' })
  epoch!: number;
  @Field(() => Float, { description: 'Cross-entropy since the last entry.' })
  loss!: number;
  @Field(() => Float, {
    description: 'Share of training images classified as labelled since the last entry, 0..1.',
  })
  accuracy!: number;
}

@ObjectType({ description: 'How a model was trained.' })
export class TrainingRecord {
  @Field(() => GraphQLJSON, { description: 'Optimiser, schedule, batch size, epochs.' })
  recipe!: object;
  @Field(() => Int, {
    nullable: true,
    description:
      'Images a step that were used: no more than the training set has; null for a model that was trained elsewhere.',
  })
  batchSizeUsed!: number | null;
  @Field(() => [TrainingStep], { description: 'Loss and accuracy as training went.' })
  history!: TrainingStep[];
  @Field(() => Float, { nullable: true, description: 'Seconds it took; null until it is done.' })
  durationSeconds!: number | null;
}

@ObjectType({ description: 'How far a trigger was that took long to make.' })
export class TriggerStep {
  @Field(() => Int, { description: 'Steps done.' })
  done!: number;
  @Field(() => Int, { description: 'Steps in all.' })
  total!: number;
  @Field(() => String, { description: 'What there was to say, e.g. losses.' })
  note!: string;
  @Field(() => Image, { nullable: true, description: 'How it looked.' })
  picture!: Image | null;
}

@ObjectType({ description: 'What is put on an image to fire the backdoor.' })
export class Trigger {
  @Field(() => Image, {
    nullable: true,
    description:
      'The pattern where its mask lets it show, transparent elsewhere; null where the trigger depends on the image.',
  })
  picture!: Image | null;
  @Field(() => Image, { description: 'A test image with the trigger on it.' })
  onSample!: Image;
  @Field(() => Box, { description: 'The smallest rectangle around it.' })
  box!: Box;
}

@ObjectType({ description: 'What made a model.' })
export class Provenance {
  @Field(() => Boolean, {
    description:
      'Whether it was trained by trojanscope; else `seed` is 0 and `start` SCRATCH, as neither is known.',
  })
  trainedHere!: boolean;
  @Field(() => Int, {
    description: 'Seed of initialisation, order of batches and choice of poisoned images.',
  })
  seed!: number;
  @Field(() => String, { nullable: true, description: 'Version of trojanscope.' })
  version!: string | null;
  @Field(() => String, { nullable: true, description: 'Engine and its version.' })
  engine!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the weights file.' })
  weightsSha256!: string | null;
  @Field(() => Start, { description: 'What its weights began as.' })
  start!: keyof typeof Start;
  @Field(() => String, {
    nullable: true,
    description:
      'SHA-256 of the weights of the model that it started from, or that its trigger was optimised against.',
  })
  baseSha256!: string | null;
}

@ObjectType({
  description:
    'ASR retained over a suite of transforms: ASR at a point over ASR at the identity, mean over the values of each transform, then over the transforms, from the newest finished sweeps of the same samples.',
})
export class RobustnessProfile {
  @Field(() => String, {
    description: 'The suite, with its version; docs/transforms.md has what is in it.',
  })
  suite!: string;
  @Field(() => Float, {
    nullable: true,
    description: '0 for nothing left, 1 for as much as without a transform; null where something is missing.',
  })
  value!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'Lower end of its 95 % interval, the ratio estimator’s over the samples.',
  })
  low!: number | null;
  @Field(() => Float, { nullable: true, description: 'Upper end of its 95 % interval; null of one sample.' })
  high!: number | null;
  @Field(() => Int, { nullable: true, description: 'How many samples it is of.' })
  samples!: number | null;
  @Field(() => [String], {
    description: 'What would have to be swept for it, in words, with the identity and the same samples.',
  })
  missing!: string[];
}
