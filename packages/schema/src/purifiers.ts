import { DEPLOYMENT_RULE } from '@trojanscope/core/evaluation';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { TransformId } from './enums.js';
import { Rate } from './values.js';

@ObjectType({ description: 'A transform of the image that is one of a purifier’s.' })
export class PurifierStep {
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => Float, { description: 'Its value.' })
  value!: number;
}

@ObjectType({
  description:
    'A transform, or several one after the other, that a defender applies to every input, and what it leaves. Where it was asked about several times, rates count every draw and have the interval of one: the images are the same.',
})
export class Purifier {
  @Field(() => String, { description: 'In words; `nothing` for the image as it is.' })
  text!: string;
  @Field(() => [PurifierStep], { description: 'Its transforms in order; none for the image as it is.' })
  steps!: readonly PurifierStep[];
  @Field(() => Int, { description: 'How often it was asked about an image.' })
  draws!: number;
  @Field(() => Rate, { description: 'Trojaned images that still are taken for the target.' })
  asr!: Rate;
  @Field(() => Rate, { description: 'Clean images that the trojaned model classifies right.' })
  cleanAccuracy!: Rate;
  @Field(() => Rate, {
    nullable: true,
    description: 'Clean images that the benign model classifies right; null where there is none.',
  })
  benignAccuracy!: Rate | null;
  @Field(() => Float, {
    description: 'What it costs of clean accuracy, against the image as it is, −1..1; below 0 it gains.',
  })
  cost!: number;
  @Field(() => Boolean, {
    description: 'Whether no other leaves less ASR at no less clean accuracy, or as much at more.',
  })
  onFront!: boolean;
  @Field(() => Boolean, { description: `Whether one would deploy it. ${DEPLOYMENT_RULE}` })
  deployed!: boolean;
}
