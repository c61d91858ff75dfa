import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType({
  description: 'How long work would take here, measured from work of its kind that has finished.',
})
export class Estimate {
  @Field(() => Float, {
    nullable: true,
    description: 'Seconds of work; null where nothing like it has finished.',
  })
  seconds!: number | null;
  @Field(() => Int, { description: 'How many finished pieces of work that comes from.' })
  measured!: number;
  @Field(() => String, { description: 'What it comes from, and what it leaves out, in words.' })
  basis!: string;
}
