import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { ErrorCode } from './enums.js';

@ObjectType({ description: 'A fraction with what it was counted from.' })
export class Rate {
  @Field(() => Float, { description: 'numerator / denominator, 0..1.' })
  value!: number;
  @Field(() => Int, { description: 'How many of the counted samples did.' })
  numerator!: number;
  @Field(() => Int, { description: 'How many samples were counted.' })
  denominator!: number;
  @Field(() => Float, { description: 'Lower end of the Wilson 95 % interval.' })
  low!: number;
  @Field(() => Float, { description: 'Upper end of the Wilson 95 % interval.' })
  high!: number;
  @Field(() => String, { description: 'What is counted over what, in words.' })
  definition!: string;
}

@ObjectType({ description: 'Who did something.' })
export class Person {
  @Field(() => ID, {
    description: 'Id of a user; `local` on a machine without accounts, `server` for the server itself.',
  })
  id!: string;
  @Field(() => String, { description: 'The user’s name, or the same word as the id.' })
  name!: string;
}

@ObjectType({ description: 'A picture.' })
export class Image {
  @Field(() => String, {
    description:
      'Address on this server, without its origin; of a probe the picture itself, as a `data:` address.',
  })
  url!: string;
  @Field(() => String, {
    description:
      'The same at most 64 px across and down, for lists; the picture itself where it is that small.',
  })
  thumbnailUrl!: string;
  @Field(() => Int, { description: 'Pixels across.' })
  width!: number;
  @Field(() => Int, { description: 'Pixels down.' })
  height!: number;
}

@ObjectType({ description: 'A rectangle in pixels of the image.' })
export class Box {
  @Field(() => Int, { description: 'Rows above it.' })
  top!: number;
  @Field(() => Int, { description: 'Columns left of it.' })
  left!: number;
  @Field(() => Int, { description: 'Rows.' })
  height!: number;
  @Field(() => Int, { description: 'Columns.' })
  width!: number;
}

@ObjectType({ description: 'A class of a data set.' })
export class Label {
  @Field(() => Int, { description: 'Its index, from 0.' })
  index!: number;
  @Field(() => String, { description: 'Its name.' })
  name!: string;
}

@ObjectType({ description: 'A publication.' })
export class Paper {
  @Field(() => String, { description: 'Authors, title, year.' })
  citation!: string;
  @Field(() => String, { description: 'Where to read it; empty when nowhere.' })
  url!: string;
}

@ObjectType({ description: 'An expected refusal.' })
export class UserError {
  @Field(() => ErrorCode, { description: 'For programs.' })
  code!: keyof typeof ErrorCode;
  @Field(() => String, { description: 'For people: what was expected, what came, what to do.' })
  message!: string;
  @Field(() => [String], { description: 'Path of the input field at fault; empty when it is none.' })
  field!: string[];
}
