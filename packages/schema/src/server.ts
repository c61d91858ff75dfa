import { Field, ID, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The server.' })
export class ServerInfo {
  @Field(() => String, { description: 'Version of trojanscope.' })
  version!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Engine and its version; null until the first job or probe has loaded it.',
  })
  engine!: string | null;
  @Field(() => String, { nullable: true, description: '`CPU` or `GPU`.' })
  device!: string | null;
  @Field(() => String, { description: 'The kind of queue.' })
  queue!: string;
  @Field(() => Int, { description: 'Jobs at a time.' })
  workers!: number;
  @Field(() => Int, { description: 'Jobs waiting.' })
  queuedJobs!: number;
  @Field(() => Int, { description: 'Jobs running.' })
  runningJobs!: number;
  @Field(() => Int, { description: 'Largest page of a list.' })
  maximumPageSize!: number;
  @Field(() => String, {
    nullable: true,
    description:
      'Where the data of a demo (`npm start -- --demo`) lies, until the server stops; null where this is none.',
  })
  demoFolder!: string | null;
}

@ObjectType({ description: 'Something changed: fetch what you show of it.' })
export class ActivityEvent {
  @Field(() => String, {
    description: 'Type of the changed thing: `Job`, `Model`, `Sweep`, `Explanation` or `Study`.',
  })
  type!: string;
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
  @Field(() => Boolean, {
    description: 'Only work under way got on: nothing came, went, or changed its status.',
  })
  progress!: boolean;
}

@ObjectType({ description: 'What was deleted for good.' })
export class Purged {
  @Field(() => [ID], {
    description: 'Models, sweeps, studies and detections; what hung on them is gone too.',
  })
  ids!: string[];
}
