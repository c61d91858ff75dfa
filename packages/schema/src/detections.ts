import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Detector } from './catalog.js';
import { Curated, connectionOf, Node } from './connections.js';
import { DetectionImageKind, DetectionPopulation, JobStatus, TransformId } from './enums.js';
import { Purifier } from './purifiers.js';
import { Job, Model, Sample } from './stored.js';
import { Image, Label, Rate } from './values.js';

@ObjectType({
  description:
    'The area under a ROC curve: how often a trojaned image scores higher than a clean one, equal scores counting half. 0.5 is chance, below it the detector takes clean images for trojaned.',
})
export class Auroc {
  @Field(() => Float, { description: '0..1.' })
  value!: number;
  @Field(() => Float, { description: 'Lower end of the 95 % interval (Obuchowski 1997, of the logit).' })
  low!: number;
  @Field(() => Float, { description: 'Upper end of it.' })
  high!: number;
}

@ObjectType({ description: 'What a threshold does on images that it was not chosen on.' })
export class HeldOutPoint {
  @Field(() => Float, { nullable: true, description: 'The threshold; null where none flags so few.' })
  threshold!: number | null;
  @Field(() => Rate, { description: 'Trojaned images flagged.' })
  truePositiveRate!: Rate;
  @Field(() => Rate, { description: 'Clean images flagged.' })
  falsePositiveRate!: Rate;
}

@ObjectType({
  description:
    'What a detector does at one false positive rate. Flagged is what scores at least the threshold.',
})
export class OperatingPoint {
  @Field(() => Float, { description: 'At most this share of the clean images is flagged.' })
  atMost!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'The lowest threshold that flags no more; null where even the highest score does.',
  })
  threshold!: number | null;
  @Field(() => Rate, { description: 'Trojaned images flagged.' })
  truePositiveRate!: Rate;
  @Field(() => Rate, { description: 'Clean images flagged.' })
  falsePositiveRate!: Rate;
  @Field(() => HeldOutPoint, {
    nullable: true,
    description:
      'The same with a threshold from the clean images of every other sample, judged on the rest; null where they are too few for this rate.',
  })
  heldOut!: HeldOutPoint | null;
}

@ObjectType({ description: 'A threshold’s place on a ROC curve.' })
export class RocPoint {
  @Field(() => Float, { nullable: true, description: 'The threshold; null where nothing is flagged.' })
  threshold!: number | null;
  @Field(() => Float, { description: 'Share of the trojaned images flagged, 0..1.' })
  truePositiveRate!: number;
  @Field(() => Float, { description: 'Share of the clean images flagged, 0..1.' })
  falsePositiveRate!: number;
}

@ObjectType({ description: 'How well a detector tells trojaned images from clean ones of the same samples.' })
export class DetectionMeasures {
  @Field(() => DetectionPopulation, { description: 'Which images count.' })
  population!: keyof typeof DetectionPopulation;
  @Field(() => String, {
    nullable: true,
    description: 'Why nothing is measured, in words: hardly an image fires, for example; null where it is.',
  })
  why!: string | null;
  @Field(() => Int, { nullable: true, description: 'Trojaned images; null with `why`.' })
  trojaned!: number | null;
  @Field(() => Int, { nullable: true, description: 'Clean images; null with `why`.' })
  clean!: number | null;
  @Field(() => Auroc, { nullable: true, description: 'The area under the curve; null with `why`.' })
  auroc!: Auroc | null;
  @Field(() => [OperatingPoint], {
    description: 'At 1, 5 and 10 % false positives, where there are clean images enough for that.',
  })
  at!: OperatingPoint[];
  @Field(() => [RocPoint], {
    description:
      'The ROC curve: from flagging nothing to flagging all, the corners that draw it; empty with `why`.',
  })
  roc!: RocPoint[];
}

@ObjectType({
  description:
    'What no detector may tell apart: a sound measurement’s intervals contain 0.5, but for 5 % of them.',
})
export class DetectionControls {
  @Field(() => Auroc, {
    nullable: true,
    description: 'The same scores with labels that are drawn; null of too few images.',
  })
  permuted!: Auroc | null;
  @Field(() => Auroc, {
    nullable: true,
    description:
      'Clean images against clean ones of another draw; null where too few test images were left for one.',
  })
  otherClean!: Auroc | null;
}

@ObjectType({ description: 'What a model answered to a detector about one image, query by query.' })
export class DetectionAnswers {
  @Field(() => [Int], { description: 'Labels, by their indices.' })
  labels!: number[];
  @Field(() => [Float], { description: 'The softmax probability of each, 0..1.' })
  confidences!: number[];
  @Field(() => [Float], { description: 'The entropy of all classes’ probabilities, in nats.' })
  entropies!: number[];
}

@ObjectType({
  description: 'What is done to an image on the way to a view: a transform, or an image laid over it.',
})
export class DetectionViewStep {
  @Field(() => TransformId, {
    nullable: true,
    description: 'The transform; null where an image is laid over.',
  })
  transform!: keyof typeof TransformId | null;
  @Field(() => Float, { nullable: true, description: 'Its value; null as `transform`.' })
  value!: number | null;
  @Field(() => Sample, {
    nullable: true,
    description:
      'The clean sample that is laid over, drawn for this view and image; null where it is a transform.',
  })
  overlay!: Sample | null;
}

@ObjectType({ description: 'One picture that a detector asked the model about, and the answer.' })
export class DetectionView {
  @Field(() => String, {
    description:
      'How it was made, in words; `the one before` where it goes on from the view before it, `as it is` where nothing was done.',
  })
  text!: string;
  @Field(() => [DetectionViewStep], { description: 'The same, step by step; none of the image as it is.' })
  steps!: DetectionViewStep[];
  @Field(() => Image, {
    description: 'The picture. What adding an image makes brighter than white is shown white.',
  })
  image!: Image;
  @Field(() => Label, { description: 'What the trojaned model says of it.' })
  predicted!: Label;
  @Field(() => Float, { description: 'The softmax probability of that, 0..1.' })
  confidence!: number;
  @Field(() => Float, { description: 'The entropy of all classes’ probabilities, in nats.' })
  entropy!: number;
}

@ObjectType({ implements: Node, description: 'One image that a detector judged.' })
export class DetectionImage extends Node {
  @Field(() => DetectionImageKind, { description: 'Whether it has the trigger.' })
  kind!: keyof typeof DetectionImageKind;
  @Field(() => Sample, { description: 'The clean sample.' })
  sample!: Sample;
  @Field(() => Label, { description: 'What the sample is.' })
  trueLabel!: Label;
  @Field(() => Label, { description: 'What the trojaned model says of the image as it is.' })
  predicted!: Label;
  @Field(() => Float, { description: 'The softmax probability of that, 0..1.' })
  confidence!: number;
  @Field(() => Boolean, {
    description: 'Whether it fires where it is trojaned, and is classified right where it is clean.',
  })
  asExpected!: boolean;
  @Field(() => Float, { description: 'The detector’s score, the higher the more trojaned it looks.' })
  score!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'Its score at the benign model; null where there is none, and of OTHER_CLEAN.',
  })
  benignScore!: number | null;
  @Field(() => DetectionAnswers, { description: 'What the trojaned model answered.' })
  answers!: DetectionAnswers;
  @Field(() => DetectionAnswers, {
    nullable: true,
    description: 'What the benign model answered; null as `benignScore`.',
  })
  benignAnswers!: DetectionAnswers | null;
  @Field(() => Image, { description: 'The image, with the trigger where it is trojaned.' })
  image!: Image;
  @Field(() => [DetectionView], {
    nullable: true,
    description:
      'The very pictures that the detector asked about, in the order of `answers`: made and asked again now, nothing is stored. Null, with an error, where they cannot be.',
  })
  views!: DetectionView[] | null;
}
export const DetectionImageConnection = connectionOf(DetectionImage);

@ObjectType({ implements: Curated, description: 'One detector tried on one trojaned model.' })
export class Detection extends Curated {
  @Field(() => Model, { description: 'The trojaned model.' })
  model!: Model;
  @Field(() => Model, {
    nullable: true,
    description: 'The benign model that gives the floor; null where the model has none beside it.',
  })
  benign!: Model | null;
  @Field(() => Detector, { description: 'The detector.' })
  detector!: Detector;
  @Field(() => GraphQLJSON, { description: 'Its parameters, defaults included.' })
  parameters!: object;
  @Field(() => Int, { description: 'Forward passes that it takes to judge one image.' })
  queries!: number;
  @Field(() => Int, { description: 'Samples asked for.' })
  samples!: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'Samples that were judged, clean and trojaned: fewer where no more test images are eligible; null until it is done.',
  })
  samplesUsed!: number | null;
  @Field(() => Int, { description: 'Seed of the choice of samples and of what is drawn for each.' })
  seed!: number;
  @Field(() => DetectionMeasures, {
    nullable: true,
    description: 'At the trojaned model; null until it is done.',
  })
  measures!: DetectionMeasures | null;
  @Field(() => DetectionMeasures, {
    nullable: true,
    description:
      'The floor: of the same images at the benign model, which no trigger was implanted in; null until it is done, and without one.',
  })
  benignMeasures!: DetectionMeasures | null;
  @Field(() => DetectionControls, { nullable: true, description: 'Controls; null until it is done.' })
  controls!: DetectionControls | null;
  @Field(() => [Purifier], {
    nullable: true,
    description:
      'What each of its views does as a purifier, by falling clean accuracy, counted of the answers that are kept: views that no image is laid over, and none where the image as it is is not among them; null until it is done.',
  })
  purifiers!: Purifier[] | null;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that runs it.' })
  job!: Job | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}
export const DetectionConnection = connectionOf(Detection);
