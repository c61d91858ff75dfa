import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Transform } from './catalog.js';
import { connectionOf, Node } from './connections.js';
import { JobStatus } from './enums.js';
import { Job, Model } from './stored.js';
import { Rate } from './values.js';

@ObjectType({ description: 'One value that a search tried.' })
export class RangeTrial {
  @Field(() => Float, { description: 'The transform’s value.' })
  value!: number;
  @Field(() => Rate, { description: 'Clean images, transformed, that the model classifies right.' })
  accuracy!: Rate;
  @Field(() => Boolean, { description: 'Whether that is no more than the tolerance below the identity’s.' })
  holds!: boolean;
}

@ObjectType({
  implements: Node,
  description:
    'How far clean images can be transformed until a model no longer classifies them right, by trial and error (paper, section 4.2).',
})
export class LargestRange extends Node {
  @Field(() => Model, { description: 'The model.' })
  model!: Model;
  @Field(() => Transform, { description: 'The transform.' })
  transform!: Transform;
  @Field(() => Float, { description: 'How far the search goes at most, from the identity.' })
  limit!: number;
  @Field(() => Float, { description: 'How far apart the values are that are tried on the way out.' })
  step!: number;
  @Field(() => Float, { description: 'How far apart `lastHeld` and `firstFailed` are at most, in the end.' })
  precision!: number;
  @Field(() => Float, { description: 'How much lower than at the identity accuracy may be and hold, 0..1.' })
  tolerance!: number;
  @Field(() => Int, { description: 'Clean test images asked for at each value, the same at all.' })
  samples!: number;
  @Field(() => Int, { description: 'Clean test images used at each value: no more than there are.' })
  samplesUsed!: number;
  @Field(() => Int, { description: 'Seed of the choice of samples and of directions.' })
  seed!: number;
  @Field(() => [RangeTrial], { description: 'Every value tried so far, in the order of the search.' })
  trials!: RangeTrial[];
  @Field(() => RangeTrial, {
    nullable: true,
    description: 'The furthest value up to which all that were tried held; null until the search is over.',
  })
  lastHeld!: RangeTrial | null;
  @Field(() => RangeTrial, {
    nullable: true,
    description: 'The nearest value that failed; null where all held, and until the search is over.',
  })
  firstFailed!: RangeTrial | null;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that searches.' })
  job!: Job | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

export const LargestRangeConnection = connectionOf(LargestRange);
