import { Field, ID, InputType, Int } from 'type-graphql';
import { StudyPresetId } from './enums.js';
import { IDEMPOTENCY } from './idempotency.js';

@InputType({ description: 'A study to run.' })
export class RunStudyInput {
  @Field(() => StudyPresetId, { description: 'The preset.' })
  preset!: keyof typeof StudyPresetId;
  @Field(() => String, { nullable: true, description: 'Its name; the preset’s when left out.' })
  name?: string;
  @Field(() => Int, {
    defaultValue: 1,
    description: 'Seed: of initialisation, order of batches, poisoned images and samples.',
  })
  seed!: number;
  @Field(() => Int, {
    defaultValue: 1,
    description: 'How many seeds, 1 to 20: the whole study runs for each, from `seed` on.',
  })
  seeds!: number;
  @Field(() => Int, {
    nullable: true,
    description: 'Side that GTSRB’s images are resized to, in px; 96 when left out.',
  })
  sizePx?: number;
  @Field(() => String, {
    nullable: true,
    description: 'Folder of paintings on the server for DFST’s style; our own sunsets when left out.',
  })
  styleFolder?: string;
  @Field(() => String, {
    nullable: true,
    description: 'File on the server with a generator that was trained on such paintings before.',
  })
  generatorFile?: string;
  @Field(() => String, {
    nullable: true,
    description: 'Picture on the server that Reflection reflects; our own apple when left out.',
  })
  pictureFile?: string;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'A study whose cost is wanted.' })
export class MeasureStudyInput {
  @Field(() => StudyPresetId, { description: 'The preset.' })
  preset!: keyof typeof StudyPresetId;
  @Field(() => Int, { defaultValue: 1, description: 'The first seed.' })
  seed!: number;
  @Field(() => Int, { defaultValue: 1, description: 'How many seeds, 1 to 20.' })
  seeds!: number;
  @Field(() => Int, { nullable: true, description: 'Side that GTSRB’s images are resized to, in px.' })
  sizePx?: number;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'A study to cancel.' })
export class CancelStudyInput {
  @Field(() => ID, { description: 'The study.' })
  studyId!: string;
}

@InputType({ description: 'A study to resume.' })
export class ResumeStudyInput {
  @Field(() => ID, { description: 'A study of which something failed or was cancelled.' })
  studyId!: string;
}
