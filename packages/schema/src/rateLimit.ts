import { GraphQLDateTime } from 'graphql-scalars';
import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'What this request costs, and what its caller has left in this minute.' })
export class RateLimit {
  @Field(() => Int, { description: 'Points that this request costs, whatever it finds.' })
  cost!: number;
  @Field(() => Int, {
    description: 'Objects that this request may find at most: what its cost is reckoned from.',
  })
  objects!: number;
  @Field(() => Int, { nullable: true, description: 'Points a caller has each minute; null without a limit.' })
  limit!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: 'Points left after this request; null without a limit.',
  })
  remaining!: number | null;
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'When the caller has all its points again; null without a limit.',
  })
  resetAt!: Date | null;
}
