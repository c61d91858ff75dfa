import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { type Connection, Curated, connectionOf, Node } from './connections.js';
import {
  AttackId,
  ErrorCode,
  JobPriority,
  JobStatus,
  ModelKind,
  OutcomeKind,
  ReportBlockKind,
  Start,
  StudyPresetId,
  TransformId,
  TransformTarget,
  Verdict,
} from './enums.js';

// Types that refer to one another stand in one file: across files the cycle would fail at load. Fields whose value is
// another stored thing are resolved in the API; everything else is on the object.

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
    description:
      'Id of a user; `local` for whoever is at a machine without accounts, `server` for the server itself.',
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

@ObjectType({ description: 'A method of implanting a backdoor.' })
export class Attack {
  @Field(() => AttackId, { description: 'Its id.' })
  id!: keyof typeof AttackId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  paper!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of its parameters, with bounds, defaults, units and descriptions.',
  })
  parameters!: object;
  @Field(() => Boolean, { description: 'Whether its trigger can be transformed before it is put on.' })
  transformsTrigger!: boolean;
  @Field(() => String, { nullable: true, description: 'Why not, where it cannot.' })
  triggerRefusal!: string | null;
  @Field(() => Float, { description: 'The paper’s share of the training set to poison, 0 to 1.' })
  poisonRate!: number;
}

@ObjectType({ description: 'A transformation of trigger or image.' })
export class Transform {
  @Field(() => TransformId, { description: 'Its id.' })
  id!: keyof typeof TransformId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it does.' })
  description!: string;
  @Field(() => String, { description: 'What its value is called.' })
  valueName!: string;
  @Field(() => String, { description: 'Unit of its value.' })
  unit!: string;
  @Field(() => Float, { description: 'Smallest value.' })
  minimum!: number;
  @Field(() => Float, { description: 'Largest value.' })
  maximum!: number;
  @Field(() => Float, { description: 'The value that changes nothing.' })
  identity!: number;
  @Field(() => [Float], {
    description: 'Values worth a sweep, identity included; the paper’s for its three transforms.',
  })
  defaultValues!: readonly number[];
}

@ObjectType({ description: 'How much of a data set shows a class, and what it looks like.' })
export class ClassSummary {
  @Field(() => Label, { description: 'The class.' })
  label!: Label;
  @Field(() => Int, { description: 'Images to train on.' })
  trainCount!: number;
  @Field(() => Int, { description: 'Images to test with.' })
  testCount!: number;
  @Field(() => [Image], { description: 'Up to eight of its test images, spread over the split.' })
  examples!: Image[];
}

@ObjectType({ description: 'How a data set came here.' })
export class DatasetOrigin {
  @Field(() => String, { description: 'From what, in words.' })
  from!: string;
  @Field(() => GraphQLDateTime, { description: 'When.' })
  at!: Date;
}

@ObjectType({ description: 'A labelled set of images.' })
export class Dataset {
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it holds.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it comes from.' })
  source!: Paper;
  @Field(() => Int, { description: 'Pixels across.' })
  width!: number;
  @Field(() => Int, { description: 'Pixels down.' })
  height!: number;
  @Field(() => Int, { description: '1 for grey, 3 for RGB.' })
  channels!: number;
  @Field(() => [Label], { description: 'Its classes.' })
  classes!: Label[];
  @Field(() => Int, { description: 'Images to train on.' })
  trainCount!: number;
  @Field(() => Int, { description: 'Images to test with.' })
  testCount!: number;
  @Field(() => Boolean, { description: 'Whether images can be resized to another square.' })
  resizable!: boolean;
  @Field(() => Boolean, {
    description: 'Whether its images are here; if not, `data fetch` or `data import` brings them.',
  })
  installed!: boolean;
  @Field(() => DatasetOrigin, {
    nullable: true,
    description: 'How it came here; null where it comes with trojanscope or is not here.',
  })
  origin!: DatasetOrigin | null;
  @Field(() => [ClassSummary], {
    nullable: true,
    description: 'Its classes with their numbers and examples; null where its images are not here.',
  })
  classSummaries!: ClassSummary[] | null;
}

@ObjectType({ description: 'A network architecture.' })
export class Architecture {
  @Field(() => String, { description: 'Its id.' })
  id!: string;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'Its layers in short.' })
  description!: string;
  @Field(() => Paper, { description: 'Where it was published.' })
  paper!: Paper;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of how it is trained, with bounds, units, descriptions and its own defaults.',
  })
  recipe!: object;
  @Field(() => GraphQLJSON, {
    description: 'The same with its defaults for one that starts from another model’s weights.',
  })
  retrainingRecipe!: object;
}

@ObjectType({ description: 'A study that is ready to run.' })
export class StudyPreset {
  @Field(() => StudyPresetId, { description: 'Its id.' })
  id!: keyof typeof StudyPresetId;
  @Field(() => String, { description: 'Its name.' })
  title!: string;
  @Field(() => String, { description: 'What it runs.' })
  description!: string;
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of what of `RunStudyInput` changes something about it, with its own defaults.',
  })
  parameters!: object;
}

@ObjectType({ description: 'What there is to choose from.' })
export class Catalog {
  @Field(() => [Attack], { description: 'Attacks.' })
  attacks!: Attack[];
  @Field(() => [Transform], { description: 'Transforms.' })
  transforms!: Transform[];
  @Field(() => [Dataset], { description: 'Data sets.' })
  datasets!: Dataset[];
  @Field(() => [Architecture], { description: 'Network architectures.' })
  architectures!: Architecture[];
  @Field(() => [StudyPreset], { description: 'Studies that are ready to run.' })
  studyPresets!: StudyPreset[];
  @Field(() => GraphQLJSON, {
    description: 'JSON Schema of what numbers a training takes, with bounds, units and defaults.',
  })
  trainingParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what an implant takes besides.' })
  implantParameters!: object;
  @Field(() => GraphQLJSON, { description: 'The same of what a sweep takes.' })
  sweepParameters!: object;
}

@ObjectType({ description: 'How far a job is.' })
export class JobProgress {
  @Field(() => Job, { description: 'The job.' })
  job!: Job;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => String, { description: 'What it is doing, in words.' })
  stage!: string;
  @Field(() => Int, { description: 'Units done.' })
  done!: number;
  @Field(() => Int, { description: 'Units in all; 0 while unknown.' })
  total!: number;
  @Field(() => String, { description: 'What is counted, e.g. `steps` or `points`.' })
  unit!: string;
  @Field(() => Float, {
    nullable: true,
    description:
      'Seconds to go, from the pace of this attempt; null until the pace is known and when it is over.',
  })
  etaSeconds!: number | null;
}

@ObjectType({ description: 'Something that became of a job.' })
export class JobLogLine {
  @Field(() => GraphQLDateTime, { description: 'When.' })
  at!: Date;
  @Field(() => Int, { description: 'In which attempt; 0 before the first.' })
  attempt!: number;
  @Field(() => String, { description: 'What, in words.' })
  text!: string;
  @Field(() => Person, { nullable: true, description: 'Who did it; null for what happened by itself.' })
  by!: Person | null;
}

@ObjectType({ description: 'Why a job failed.' })
export class JobError {
  @Field(() => ErrorCode, { description: 'For programs.' })
  code!: keyof typeof ErrorCode;
  @Field(() => String, { description: 'For people: what was expected, what came, what to do.' })
  message!: string;
}

@ObjectType({
  implements: Node,
  description: 'A piece of work: a training, an implant, a sweep, explanations.',
})
export class Job extends Node {
  @Field(() => String, { description: '`model` (a training, benign or trojaned), `sweep` or `explain`.' })
  kind!: string;
  @Field(() => String, { description: 'What it works at, in words.' })
  title!: string;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Int, { description: 'How many times it was started; more than 1 after a crash or a retry.' })
  attempt!: number;
  @Field(() => JobProgress, { nullable: true, description: 'How far it is; null before the first start.' })
  progress!: JobProgress | null;
  @Field(() => JobError, { nullable: true, description: 'Why it failed, if it did.' })
  error!: JobError | null;
  @Field(() => JobPriority, { description: 'Which of the queued jobs of one person is taken first.' })
  priority!: keyof typeof JobPriority;
  @Field(() => Int, {
    nullable: true,
    description: 'Its place in the queue from 1, as people take turns; null when not queued.',
  })
  queuePosition!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Seconds until it starts, by what finished jobs took on this machine; null when not queued, and where that is not known: nothing like what is before it was measured here, or it waits for something that failed or was cancelled.',
  })
  startsInSeconds!: number | null;
  @Field(() => Float, {
    nullable: true,
    description:
      'Seconds that it will take, by what finished jobs took on this machine; null when not queued, and where nothing like it was measured here.',
  })
  takesSeconds!: number | null;
  @Field(() => [Job], { description: 'The jobs it waits for.' })
  waitsFor!: Job[];
  @Field(() => [JobLogLine], {
    description:
      'What became of it, oldest first: its stages with how far they were, interruptions, failures, who stopped it. At most the last 500 lines; none of jobs from before there was a log.',
  })
  log!: JobLogLine[];
  @Field(() => Model, { nullable: true, description: 'The model it makes, sweeps or explains.' })
  model!: Model | null;
  @Field(() => Sweep, { nullable: true, description: 'The sweep it runs.' })
  sweep!: Sweep | null;
  @Field(() => Study, { nullable: true, description: 'The study it belongs to.' })
  study!: Study | null;
  @Field(() => Person, {
    nullable: true,
    description:
      'Who started it; null where that was not written down: before there were accounts, or an import.',
  })
  createdBy!: Person | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its last attempt started.' })
  startedAt!: Date | null;
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it ended.' })
  finishedAt!: Date | null;
}

@ObjectType({ description: 'How many training images carry the trigger.' })
export class PoisonRecord {
  @Field(() => Float, { description: 'The share of the training set that was asked for, 0..1.' })
  rate!: number;
  @Field(() => Int, { description: 'The number that this share makes.' })
  planned!: number;
  @Field(() => Int, { nullable: true, description: 'The number really poisoned; null before training.' })
  effective!: number | null;
}

@ObjectType({ description: 'The average over a stretch of training.' })
export class TrainingStep {
  @Field(() => Int, { description: 'Steps done so far.' })
  step!: number;
  @Field(() => Float, { description: 'Epochs done so far.' })
  epoch!: number;
  @Field(() => Float, { description: 'Cross-entropy since the last entry.' })
  loss!: number;
  @Field(() => Float, {
    description: 'Share of training images classified as labelled since the last entry, 0..1.',
  })
  accuracy!: number;
}

@ObjectType({ description: 'How a model was trained.' })
export class TrainingRecord {
  @Field(() => GraphQLJSON, { description: 'Optimiser, schedule, batch size, epochs.' })
  recipe!: object;
  @Field(() => [TrainingStep], { description: 'Loss and accuracy as training went.' })
  history!: TrainingStep[];
  @Field(() => Float, { nullable: true, description: 'Seconds it took; null until it is done.' })
  durationSeconds!: number | null;
}

@ObjectType({ description: 'How far a trigger was that took long to make.' })
export class TriggerStep {
  @Field(() => Int, { description: 'Steps done.' })
  done!: number;
  @Field(() => Int, { description: 'Steps in all.' })
  total!: number;
  @Field(() => String, { description: 'What there was to say, e.g. losses.' })
  note!: string;
  @Field(() => Image, { nullable: true, description: 'How it looked.' })
  picture!: Image | null;
}

@ObjectType({ description: 'What is put on an image to fire the backdoor.' })
export class Trigger {
  @Field(() => Image, {
    nullable: true,
    description:
      'The pattern where its mask lets it show, transparent elsewhere; null where the trigger depends on the image.',
  })
  picture!: Image | null;
  @Field(() => Image, { description: 'A test image with the trigger on it.' })
  onSample!: Image;
  @Field(() => Box, { description: 'The smallest rectangle around it.' })
  box!: Box;
}

@ObjectType({ description: 'What made a model.' })
export class Provenance {
  @Field(() => Int, {
    description: 'Seed of initialisation, order of batches and choice of poisoned images.',
  })
  seed!: number;
  @Field(() => String, { nullable: true, description: 'Version of trojanscope.' })
  version!: string | null;
  @Field(() => String, { nullable: true, description: 'Engine and its version.' })
  engine!: string | null;
  @Field(() => String, { nullable: true, description: 'SHA-256 of the weights file.' })
  weightsSha256!: string | null;
  @Field(() => Start, { description: 'What its weights began as.' })
  start!: keyof typeof Start;
  @Field(() => String, {
    nullable: true,
    description:
      'SHA-256 of the weights of the model that it started from, or that its trigger was optimised against.',
  })
  baseSha256!: string | null;
}

@ObjectType({ implements: Curated, description: 'A classifier, benign or trojaned.' })
export class Model extends Curated {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => ModelKind, { description: 'Whether it has a backdoor.' })
  kind!: keyof typeof ModelKind;
  @Field(() => JobStatus, { description: 'Where its training stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that trains it.' })
  job!: Job | null;
  @Field(() => Dataset, { description: 'What it was trained on.' })
  dataset!: Dataset;
  @Field(() => Architecture, { description: 'Its network.' })
  architecture!: Architecture;
  @Field(() => Model, { nullable: true, description: 'The benign model a trojaned one is compared to.' })
  benign!: Model | null;
  @Field(() => Model, {
    nullable: true,
    description:
      'The model whose weights it started from; null for random ones, and where it is not known here.',
  })
  startedFrom!: Model | null;
  @Field(() => Attack, {
    nullable: true,
    description: 'How the backdoor was implanted; null for a benign model.',
  })
  attack!: Attack | null;
  @Field(() => GraphQLJSON, { nullable: true, description: 'The attack’s parameters, defaults filled in.' })
  attackParameters!: object | null;
  @Field(() => Label, { nullable: true, description: 'What the backdoor makes the model say.' })
  targetLabel!: Label | null;
  @Field(() => PoisonRecord, {
    nullable: true,
    description: 'Poisoned training images; null for a benign model.',
  })
  poison!: PoisonRecord | null;
  @Field(() => Rate, { nullable: true, description: 'Over the whole test set; null until training is done.' })
  cleanAccuracy!: Rate | null;
  @Field(() => Rate, { nullable: true, description: 'Over the eligible test set; null for a benign model.' })
  asr!: Rate | null;
  @Field(() => Trigger, {
    nullable: true,
    description: 'The trigger; null for a benign model and before training.',
  })
  trigger!: Trigger | null;
  @Field(() => [TriggerStep], {
    description: 'How its trigger came to be, where that takes long (UAT, DFST); empty otherwise.',
  })
  triggerSteps!: TriggerStep[];
  @Field(() => Int, { description: 'Width of the images it sees, in px.' })
  width!: number;
  @Field(() => Int, { description: 'Height of the images it sees, in px.' })
  height!: number;
  @Field(() => TrainingRecord, { description: 'How it was trained.' })
  training!: TrainingRecord;
  @Field(() => Provenance, { description: 'What made it.' })
  provenance!: Provenance;
  @Field(() => [RobustnessCurve], { description: 'Its newest curve of each transform and target.' })
  curves!: RobustnessCurve[];
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

@ObjectType({ implements: Curated, description: 'One model under one transform at several values.' })
export class Sweep extends Curated {
  @Field(() => Model, { description: 'The trojaned model.' })
  model!: Model;
  @Field(() => Transform, { description: 'The transform.' })
  transform!: Transform;
  @Field(() => TransformTarget, { description: 'What is transformed.' })
  target!: keyof typeof TransformTarget;
  @Field(() => [Float], { description: 'The values asked for.' })
  values!: number[];
  @Field(() => Int, { description: 'Samples at each value, the same at all.' })
  samples!: number;
  @Field(() => Int, { description: 'Seed of the choice of samples and of directions.' })
  seed!: number;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that runs it.' })
  job!: Job | null;
  @Field(() => RobustnessCurve, { description: 'Its points so far.' })
  curve!: RobustnessCurve;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

@ObjectType({ description: 'What a chart draws: one model, transform and target.' })
export class RobustnessCurve {
  @Field(() => Sweep, { description: 'The sweep behind it.' })
  sweep!: Sweep;
  @Field(() => Model, { description: 'The model.' })
  model!: Model;
  @Field(() => Transform, { description: 'The transform.' })
  transform!: Transform;
  @Field(() => TransformTarget, { description: 'What is transformed.' })
  target!: keyof typeof TransformTarget;
  @Field(() => String, { description: 'Unit of the values.' })
  unit!: string;
  @Field(() => [Point], { description: 'In the order of the values asked for.' })
  points!: Point[];
}

@ObjectType({ implements: Node, description: 'One value of a sweep.' })
export class Point extends Node {
  @Field(() => Float, { description: 'The transform’s value.' })
  value!: number;
  @Field(() => Rate, { description: 'Trojaned images predicted as the target.' })
  asr!: Rate;
  @Field(() => Float, { description: 'ASR at the identity minus ASR here.' })
  asrDrop!: number;
  @Field(() => Rate, { description: 'Clean images, transformed alike, that this model classifies right.' })
  cleanAccuracy!: Rate;
  @Field(() => Rate, { description: 'The same clean images by the benign model: the dotted line.' })
  benignAccuracy!: Rate;
  @Field(() => Rate, {
    nullable: true,
    description:
      'Neither target nor truth, over samples well predicted before the transform (paper, Table 3).',
  })
  errorRate!: Rate | null;
  @Field(() => Rate, { description: 'Trojaned images still predicted as their true label.' })
  robustAccuracy!: Rate;
  @Field(() => Float, { nullable: true, description: 'Mean share of the trigger inside the frame, 0..1.' })
  visibleTrigger!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'McNemar’s exact test of the backdoor’s firing against the identity; null at the identity.',
  })
  pValue!: number | null;
  @Field(() => Int, { description: 'Trojaned images predicted as the target.' })
  targetCount!: number;
  @Field(() => Int, { description: 'Trojaned images predicted as their true label.' })
  truthCount!: number;
  @Field(() => Int, { description: 'Trojaned images predicted as something else.' })
  otherCount!: number;
  @Field(() => Sweep, { description: 'The sweep it belongs to.' })
  sweep!: Sweep;
}

@ObjectType({ description: 'An image of a data set.' })
export class Sample {
  @Field(() => Dataset, { description: 'The data set.' })
  dataset!: Dataset;
  @Field(() => String, { description: '`train` or `test`.' })
  split!: string;
  @Field(() => Int, { description: 'Its place in the split, from 0.' })
  index!: number;
  @Field(() => Image, { description: 'The clean image; of an outcome at the size its model takes.' })
  image!: Image;
}

@ObjectType({ implements: Node, description: 'What became of one sample at one point.' })
export class Outcome extends Node {
  @Field(() => Sample, { description: 'The clean sample.' })
  sample!: Sample;
  @Field(() => Point, { description: 'The point it belongs to.' })
  point!: Point;
  @Field(() => Label, { description: 'What the sample is.' })
  trueLabel!: Label;
  @Field(() => Label, { description: 'What the trojaned model says of the transformed trojaned image.' })
  predicted!: Label;
  @Field(() => Float, { description: 'The softmax probability of that, 0..1.' })
  confidence!: number;
  @Field(() => OutcomeKind, { description: 'What kind of answer that is.' })
  kind!: keyof typeof OutcomeKind;
  @Field(() => Label, { description: 'What the trojaned model says of the clean image, untransformed.' })
  cleanPrediction!: Label;
  @Field(() => OutcomeKind, { description: 'The outcome of the same sample with nothing transformed.' })
  identityKind!: keyof typeof OutcomeKind;
  @Field(() => Float, { nullable: true, description: 'Share of the trigger inside the frame, 0..1.' })
  visibleTrigger!: number | null;
  @Field(() => GraphQLJSON, { description: 'What was drawn for this sample, e.g. the shift in x and y.' })
  transformParameters!: object;
  @Field(() => Image, { description: 'The transformed trojaned image the model saw.' })
  image!: Image;
  @Field(() => Explanation, { nullable: true, description: 'Its newest explanation, if there is one.' })
  explanation!: Explanation | null;
  @Field(() => [Explanation], { description: 'All of its explanations, newest first.' })
  explanations!: Explanation[];
  @Field(() => [Outcome], {
    description: 'The same sample at every value of its sweep, this one included, smallest value first.',
  })
  acrossValues!: Outcome[];
  @Field(() => [Outcome], {
    description:
      'The same sample under the same transform, target and value of every model of its data set, this one included: by each model’s newest finished sweep, where it has the sample.',
  })
  acrossModels!: Outcome[];
}

@ObjectType({ description: 'One value that a search tried.' })
export class RangeTrial {
  @Field(() => Float, { description: 'The transform’s value.' })
  value!: number;
  @Field(() => Rate, { description: 'Clean images, transformed, that the model classifies right.' })
  accuracy!: Rate;
  @Field(() => Boolean, { description: 'Whether that is no more than the tolerance below the identity’s.' })
  holds!: boolean;
}

@ObjectType({
  implements: Node,
  description:
    'How far clean images can be transformed until a model no longer classifies them right, by trial and error (paper, section 4.2).',
})
export class LargestRange extends Node {
  @Field(() => Model, { description: 'The model.' })
  model!: Model;
  @Field(() => Transform, { description: 'The transform.' })
  transform!: Transform;
  @Field(() => Float, { description: 'How far the search goes at most, from the identity.' })
  limit!: number;
  @Field(() => Float, { description: 'How far apart the values are that are tried on the way out.' })
  step!: number;
  @Field(() => Float, { description: 'How far apart `lastHeld` and `firstFailed` are at most, in the end.' })
  precision!: number;
  @Field(() => Float, { description: 'How much lower than at the identity accuracy may be and hold, 0..1.' })
  tolerance!: number;
  @Field(() => Int, { description: 'Clean test images at each value, the same at all.' })
  samples!: number;
  @Field(() => Int, { description: 'Seed of the choice of samples and of directions.' })
  seed!: number;
  @Field(() => [RangeTrial], { description: 'Every value tried so far, in the order of the search.' })
  trials!: RangeTrial[];
  @Field(() => RangeTrial, {
    nullable: true,
    description: 'The furthest value up to which all that were tried held; null until the search is over.',
  })
  lastHeld!: RangeTrial | null;
  @Field(() => RangeTrial, {
    nullable: true,
    description: 'The nearest value that failed; null where all held, and until the search is over.',
  })
  firstFailed!: RangeTrial | null;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that searches.' })
  job!: Job | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

@ObjectType({ implements: Node, description: 'A saliency map of one decision, with its score.' })
export class Explanation extends Node {
  @Field(() => Model, { description: 'The model whose decision it is.' })
  model!: Model;
  @Field(() => String, { description: 'The method, `smoothGrad`.' })
  method!: string;
  @Field(() => GraphQLJSON, { description: 'Copies, noise level, mode, class, seed.' })
  settings!: object;
  @Field(() => JobStatus, { description: 'Where it stands; the pictures are there once it succeeded.' })
  status!: keyof typeof JobStatus;
  @Field(() => Job, { nullable: true, description: 'The job that computes it.' })
  job!: Job | null;
  @Field(() => Outcome, { nullable: true, description: 'The outcome explained; null for a clean image.' })
  outcome!: Outcome | null;
  @Field(() => Sample, { description: 'The clean sample.' })
  sample!: Sample;
  @Field(() => Label, { nullable: true, description: 'The class whose score is explained.' })
  explainedLabel!: Label | null;
  @Field(() => Image, { nullable: true, description: 'The image explained.' })
  image!: Image | null;
  @Field(() => Image, { nullable: true, description: 'The saliency map.' })
  saliency!: Image | null;
  @Field(() => Image, { nullable: true, description: 'The map over the image.' })
  overlay!: Image | null;
  @Field(() => Image, {
    nullable: true,
    description:
      'This map minus that of the same sample untransformed with the same settings, each in shares of its own limit: red where the model looks more than before, blue where less. Null while one of the two is missing.',
  })
  difference!: Image | null;
  @Field(() => Box, { nullable: true, description: 'Around the visible part of the transformed trigger.' })
  triggerBox!: Box | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the map’s maximum lies in the trigger.' })
  pointingHit!: boolean | null;
  @Field(() => Float, { nullable: true, description: 'Share of the map’s energy inside the trigger, 0..1.' })
  triggerEnergy!: number | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The trigger’s share of the area: the energy by chance.',
  })
  chanceEnergy!: number | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

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
  @Field(() => Label, { nullable: true, description: 'The class whose score is explained.' })
  explainedLabel!: Label | null;
  @Field(() => Box, { nullable: true, description: 'Around the visible part of the trigger, with a map.' })
  triggerBox!: Box | null;
  @Field(() => Boolean, { nullable: true, description: 'Whether the map’s maximum lies in the trigger.' })
  pointingHit!: boolean | null;
  @Field(() => Float, { nullable: true, description: 'Share of the map’s energy inside the trigger, 0..1.' })
  triggerEnergy!: number | null;
  @Field(() => Float, { description: 'How long it took, in seconds.' })
  seconds!: number;
  @Field(() => Job, {
    nullable: true,
    description: 'The job that had the cores meanwhile, and made it slow; null where none ran.',
  })
  besides!: Job | null;
}

@ObjectType({ description: 'A piece of a report: a text, a table or a picture, as `kind` says.' })
export class ReportBlock {
  @Field(() => ReportBlockKind, { description: 'What it is.' })
  kind!: keyof typeof ReportBlockKind;
  @Field(() => String, { description: 'The text, or the caption of table or picture.' })
  text!: string;
  @Field(() => [String], { description: 'Of a table; empty otherwise.' })
  columns!: readonly string[];
  @Field(() => [[String]], { description: 'Of a table, a cell for each column; empty otherwise.' })
  rows!: readonly (readonly string[])[];
  @Field(() => String, { nullable: true, description: 'The picture as a `data:` address, SVG or PNG.' })
  picture!: string | null;
}

@ObjectType({ description: 'A titled part of a report.' })
export class ReportSection {
  @Field(() => String, { description: 'Its title.' })
  title!: string;
  @Field(() => [ReportBlock], { description: 'What it holds, in order.' })
  blocks!: ReportBlock[];
}

@ObjectType({ description: 'What a statement of the paper comes to for one model, or one pair of them.' })
export class Finding {
  @Field(() => String, { description: 'Of which, e.g. `BadNets on MNIST`.' })
  of!: string;
  @Field(() => Verdict, { description: 'Whether it holds there.' })
  verdict!: keyof typeof Verdict;
  @Field(() => String, { description: 'The numbers that decide it.' })
  evidence!: string;
}

@ObjectType({ description: 'A statement of the paper, decided by a stated rule over a study’s data.' })
export class JudgedStatement {
  @Field(() => String, { description: 'Its id, the same in every report.' })
  id!: string;
  @Field(() => String, { description: 'Where the paper says it.' })
  where!: string;
  @Field(() => String, { description: 'What it says.' })
  text!: string;
  @Field(() => String, { description: 'By which rule it is decided.' })
  rule!: string;
  @Field(() => Verdict, { description: 'Whether it holds in every finding.' })
  verdict!: keyof typeof Verdict;
  @Field(() => [Finding], { description: 'For each model or pair; empty without data.' })
  findings!: Finding[];
}

@ObjectType({
  description: 'What a study comes to, beside the paper: computed from what is there when it is asked for.',
})
export class StudyReport {
  @Field(() => String, { description: 'Its title.' })
  title!: string;
  @Field(() => [ReportSection], { description: 'The report as one reads it.' })
  sections!: ReportSection[];
  @Field(() => [JudgedStatement], { description: 'The paper’s statements with their verdicts.' })
  verdicts!: JudgedStatement[];
  @Field(() => [String], { description: 'Jobs that are not done, in words; empty where it is complete.' })
  missing!: readonly string[];
}

@ObjectType({ implements: Curated, description: 'Many pieces of work that belong together.' })
export class Study extends Curated {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => StudyPreset, { description: 'The preset it was made from.' })
  preset!: StudyPreset;
  @Field(() => Int, { description: 'The seed of everything in it; where there are several, the first.' })
  seed!: number;
  @Field(() => GraphQLJSON, {
    description:
      'What was chosen: `seeds`, and where given `sizePx`, `styleFolder`, `generatorFile`, `pictureFile`.',
  })
  options!: object;
  @Field(() => JobStatus, {
    description: 'FAILED or CANCELLED as soon as one job is; SUCCEEDED when all are; else RUNNING or QUEUED.',
  })
  status!: keyof typeof JobStatus;
  @Field(() => [Job], { description: 'Its jobs in order, with those of others whose results it takes over.' })
  jobs!: Job[];
  @Field(() => [Model], { description: 'Its models; before trojaned ones stands the benign one.' })
  models!: Model[];
  @Field(() => [Sweep], { description: 'Its sweeps.' })
  sweeps!: Sweep[];
  @Field(() => [Explanation], { description: 'Its explanations.' })
  explanations!: Explanation[];
  @Field(() => StudyReport, { description: 'Its results beside the paper’s, finished or not.' })
  report!: StudyReport;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When its last job ended; null before.' })
  finishedAt!: Date | null;
}

@ObjectType({
  description: 'How far a sweep is: first what is saved, then each point as it lands, then the end.',
})
export class SweepProgress {
  @Field(() => Sweep, { description: 'The sweep.' })
  sweep!: Sweep;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => [Point], { description: 'The points not sent before on this subscription; each comes once.' })
  points!: Point[];
}

@ObjectType({ description: 'Something changed: fetch what you show of it.' })
export class ActivityEvent {
  @Field(() => String, {
    description: 'Type of the changed thing: `Job`, `Model`, `Sweep`, `Explanation` or `Study`.',
  })
  type!: string;
  @Field(() => ID, { description: 'Its id.' })
  id!: string;
}

@ObjectType({ description: 'What was deleted for good.' })
export class Purged {
  @Field(() => [ID], { description: 'Models, sweeps and studies; what hung on them is gone too.' })
  ids!: string[];
}

@ObjectType({ description: 'The server.' })
export class ServerInfo {
  @Field(() => String, { description: 'Version of trojanscope.' })
  version!: string;
  @Field(() => String, {
    nullable: true,
    description: 'Engine and its version; null until a worker has loaded it.',
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

export const ModelConnection = connectionOf(Model);
export const SweepConnection = connectionOf(Sweep);
export const OutcomeConnection = connectionOf(Outcome);
export const ExplanationConnection = connectionOf(Explanation);
export const LargestRangeConnection = connectionOf(LargestRange);
export const StudyConnection = connectionOf(Study);
export const JobConnection = connectionOf(Job);
export type { Connection };
