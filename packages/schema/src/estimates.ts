import { Field, Float, Int, ObjectType } from 'type-graphql';

@ObjectType({
  description: 'What work would take here.',
})
export class Estimate {
  @Field(() => Float, {
    nullable: true,
    description: 'Seconds of work; null where nothing like it has finished or was measured.',
  })
  seconds!: number | null;
  @Field(() => Int, { description: 'How many finished pieces of work that comes from.' })
  measured!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'Memory at its height, in bytes; null where the machine was not measured (`measureStudy`).',
  })
  memoryBytes!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'What it leaves on disk, in bytes; null where the machine was not measured (`measureStudy`).',
  })
  diskBytes!: number | null;
  @Field(() => String, { description: 'What it comes from, and what it leaves out, in words.' })
  basis!: string;
}
