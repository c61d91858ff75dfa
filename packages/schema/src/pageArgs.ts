import { ArgsType, Field, Int } from 'type-graphql';

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'So many from the start or after `after`, 1 to 100.' })
  first?: number;
  @Field(() => String, { nullable: true, description: 'Start behind this cursor.' })
  after?: string;
  @Field(() => Int, { nullable: true, description: 'So many from the end or before `before`, 1 to 100.' })
  last?: number;
  @Field(() => String, { nullable: true, description: 'End before this cursor.' })
  before?: string;
}
