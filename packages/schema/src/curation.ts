import { Field, ID, InputType, Int } from 'type-graphql';

const IDS = 'Models, sweeps and studies, 1 to 100. All of them, or where one cannot, none.';

@InputType({ description: 'What to write on models, sweeps and studies; what is left out stays.' })
export class AnnotateInput {
  @Field(() => [ID], { description: IDS })
  ids!: string[];
  @Field(() => String, { nullable: true, description: 'A new name, for one model or study.' })
  name?: string;
  @Field(() => String, { nullable: true, description: 'New notes, in Markdown, at most 20,000 characters.' })
  notes?: string;
  @Field(() => [String], { nullable: true, description: 'Tags to add, each of at most 50 characters.' })
  addTags?: string[];
  @Field(() => [String], { nullable: true, description: 'Tags to take away.' })
  removeTags?: string[];
}

@InputType({ description: 'What to lock or unlock.' })
export class SetLockInput {
  @Field(() => [ID], { description: IDS })
  ids!: string[];
  @Field(() => Boolean, { description: 'Whether they shall be locked.' })
  locked!: boolean;
}

@InputType({ description: 'What to move to the trash.' })
export class DeleteItemsInput {
  @Field(() => [ID], { description: IDS })
  ids!: string[];
}

@InputType({ description: 'What to delete for good.' })
export class PurgeTrashInput {
  @Field(() => Int, { description: 'What has been in the trash for so many days; 0 for all of it.' })
  olderThanDays!: number;
}

@InputType({ description: 'What to take out of the trash.' })
export class RestoreItemsInput {
  @Field(() => [ID], { description: IDS })
  ids!: string[];
}
