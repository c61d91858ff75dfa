import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Explainer } from './catalog.js';
import { Rate } from './values.js';

@ObjectType({
  description:
    'What a saliency map is worth. A score is null where there is nothing to score, as `noScore` beside says, and in explanations from before it was taken.',
})
export class SaliencyScores {
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether the maximum lies in the trigger (pointing game).',
  })
  pointingHit!: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether it lies there or at most `marginPx` from it.',
  })
  pointingNear!: boolean | null;
  @Field(() => Int, { nullable: true, description: 'The margin, in px.' })
  marginPx!: number | null;
  @Field(() => Float, { nullable: true, description: 'Share of the map’s energy inside the trigger, 0..1.' })
  triggerEnergy!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The trigger’s share of the area: the energy by chance.',
  })
  chanceEnergy!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'Intersection over union of the trigger and the highlighted pixels, 0..1 (Lin et al. 2021).',
  })
  iou!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'A pixel is highlighted above this share of the map’s range of magnitudes; the method’s own.',
  })
  highlight!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Relevance rank accuracy, 0..1: of the k most important pixels, k the trigger’s area, the share inside it.',
  })
  rankAccuracy!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Area under the explained class’s confidence while the most important pixels give way to the mean colour, 0..1: less is better. Null in a probe.',
  })
  deletion!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The same while they are put in: more is better.',
  })
  insertion!: number | null;
  @Field(() => Float, { nullable: true, description: '`deletion` in a random order.' })
  randomDeletion!: number | null;
  @Field(() => Float, { nullable: true, description: '`insertion` in a random order.' })
  randomInsertion!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Of Integrated Gradients: how far the map’s sum is from what the logit gains between baseline and image, as a share of that, or of 1 where it is less. Null of other methods.',
  })
  completenessError!: number | null;
}

@ObjectType({ description: 'A mean over maps, with its 95 % interval.' })
export class MeanScore {
  @Field(() => Float, { description: 'The mean.' })
  value!: number;
  @Field(() => Float, { nullable: true, description: 'Lower end of the interval; null of a single map.' })
  low!: number | null;
  @Field(() => Float, { nullable: true, description: 'Upper end of the interval; null of a single map.' })
  high!: number | null;
  @Field(() => Int, { description: 'Over how many maps: those that have the score.' })
  maps!: number;
}

@ObjectType({ description: 'What one method’s maps of a comparison come to. Null where no map has a score.' })
export class ExplainerScores {
  @Field(() => Explainer, { description: 'The method, with its defaults.' })
  explainer!: Explainer;
  @Field(() => Boolean, {
    description:
      'Whether they are of the images whose trigger was defeated, or of the untransformed ones, which fire.',
  })
  defeated!: boolean;
  @Field(() => Rate, { description: 'Maps whose maximum lies in the trigger.' })
  pointing!: Rate;
  @Field(() => Rate, { description: 'Maps whose maximum lies there or within the margin.' })
  pointingNear!: Rate;
  @Field(() => MeanScore, { nullable: true, description: 'Share of energy in the trigger.' })
  triggerEnergy!: MeanScore | null;
  @Field(() => MeanScore, {
    nullable: true,
    description: 'The trigger’s share of the area, of the same maps.',
  })
  chanceEnergy!: MeanScore | null;
  @Field(() => MeanScore, { nullable: true, description: 'Overlap of trigger and highlighted pixels.' })
  iou!: MeanScore | null;
  @Field(() => MeanScore, { nullable: true, description: 'Relevance rank accuracy.' })
  rankAccuracy!: MeanScore | null;
  @Field(() => MeanScore, { nullable: true, description: 'Area under the confidence as pixels go.' })
  deletion!: MeanScore | null;
  @Field(() => MeanScore, { nullable: true, description: 'Area under the confidence as pixels come.' })
  insertion!: MeanScore | null;
  @Field(() => MeanScore, {
    nullable: true,
    description:
      'Deletion in a random order minus that in the map’s, image by image: above 0 is better than random.',
  })
  deletionGain!: MeanScore | null;
  @Field(() => MeanScore, {
    nullable: true,
    description:
      'Insertion in the map’s order minus that in a random one, image by image: above 0 is better than random.',
  })
  insertionGain!: MeanScore | null;
  @Field(() => Float, { nullable: true, description: 'The largest `completenessError` of these maps.' })
  completenessError!: number | null;
}

@ObjectType({
  description:
    'All methods over the same samples of a model: untransformed, where they fire, and at a point that defeats the trigger, where their true label comes back.',
})
export class ExplainerComparison {
  @Field(() => Int, { description: 'Samples that every method has explained on both images.' })
  samples!: number;
  @Field(() => Int, { description: 'Samples that were asked for and are not whole yet.' })
  waiting!: number;
  @Field(() => [ExplainerScores], { description: 'Method by method, untransformed and defeated.' })
  rows!: ExplainerScores[];
  @Field(() => [Explainer], { description: 'Methods that cannot explain this network.' })
  missing!: Explainer[];
}
