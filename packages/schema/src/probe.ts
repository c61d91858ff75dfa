import { Field, Float, ObjectType } from 'type-graphql';
import { OutcomeKind } from './enums.js';
import { SaliencyScores } from './saliency.js';
import { Job } from './stored.js';
import { Box, Image, Label } from './values.js';

@ObjectType({ description: 'How sure the model is of a class.' })
export class ClassProbability {
  @Field(() => Label, { description: 'The class.' })
  label!: Label;
  @Field(() => Float, { description: 'Softmax probability, 0..1.' })
  probability!: number;
}

@ObjectType({ description: 'What a model makes of one sample. Nothing of it is stored.' })
export class Probe {
  @Field(() => Image, { description: 'The image as the model saw it.' })
  image!: Image;
  @Field(() => Label, { description: 'What it shows.' })
  trueLabel!: Label;
  @Field(() => Label, { description: 'What the model takes it for.' })
  predicted!: Label;
  @Field(() => [ClassProbability], { description: 'All classes, the surest first.' })
  probabilities!: ClassProbability[];
  @Field(() => OutcomeKind, {
    nullable: true,
    description: 'What became of the backdoor; null without trigger.',
  })
  kind!: keyof typeof OutcomeKind | null;
  @Field(() => Float, {
    nullable: true,
    description: 'Share of the trigger inside the frame, 0..1; null without trigger.',
  })
  visibleTrigger!: number | null;
  @Field(() => Image, { nullable: true, description: 'The saliency map, if one was asked for.' })
  saliency!: Image | null;
  @Field(() => Image, { nullable: true, description: 'The map over the image, if one was asked for.' })
  overlay!: Image | null;
  @Field(() => Image, {
    nullable: true,
    description: 'The map of the network with random weights for the same class, if it was asked for.',
  })
  untrainedSaliency!: Image | null;
  @Field(() => Label, { nullable: true, description: 'The class whose score is explained.' })
  explainedLabel!: Label | null;
  @Field(() => Box, { nullable: true, description: 'Around the visible part of the trigger, with a map.' })
  triggerBox!: Box | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether the map’s maximum lies in the trigger; null without a single maximum, see `noScore`.',
  })
  pointingHit!: boolean | null;
  @Field(() => Float, { nullable: true, description: 'Share of the map’s energy inside the trigger, 0..1.' })
  triggerEnergy!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The trigger’s share of the area: the energy by chance.',
  })
  chanceEnergy!: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      'Why there is no score, or no whole one, in words: no visible trigger, a map that is zero everywhere, maxima inside and outside the trigger. Null where there is one, and where no map of a trigger was asked for.',
  })
  noScore!: string | null;
  @Field(() => SaliencyScores, {
    nullable: true,
    description: 'What the map is worth; null where no map was asked for.',
  })
  scores!: SaliencyScores | null;
  @Field(() => Float, { description: 'How long it took, in seconds.' })
  seconds!: number;
  @Field(() => Job, {
    nullable: true,
    description: 'The job that had the cores meanwhile, and made it slow; null where none ran.',
  })
  besides!: Job | null;
}
