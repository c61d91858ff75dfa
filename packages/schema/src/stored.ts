import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { Field, Float, Int, ObjectType } from 'type-graphql';
import { Architecture, Attack, Dataset, Explainer, StudyPreset, Transform } from './catalog.js';
import { Curated, connectionOf, Node } from './connections.js';
import {
  ErrorCode,
  JOB_KINDS,
  type JobKind,
  JobPriority,
  JobStatus,
  ModelKind,
  OutcomeKind,
  TransformTarget,
} from './enums.js';
import {
  Normalization,
  PoisonRecord,
  Provenance,
  RobustnessProfile,
  TrainingRecord,
  TrainingTransforms,
  Trigger,
  TriggerStep,
} from './modelParts.js';
import { PluginUse } from './plugins.js';
import { Purifier } from './purifiers.js';
import { StudyReport } from './report.js';
import { ExplainerComparison, SaliencyScores } from './saliency.js';
import { Box, Image, Label, Person, Rate } from './values.js';

// Types that refer to one another stand in one file: across files they would import in a circle. Fields whose value is
// another stored thing are resolved in the API; everything else is on the object.

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
  @Field(() => String, {
    description: `One of ${Object.entries(JOB_KINDS)
      .map(([kind, what]) => `\`${kind}\` (${what})`)
      .join(', ')}.`,
  })
  kind!: JobKind;
  @Field(() => String, { description: 'What it works at, in words.' })
  title!: string;
  @Field(() => JobStatus, { description: 'Where it stands.' })
  status!: keyof typeof JobStatus;
  @Field(() => Int, { description: 'How many times it was started; more than 1 after a crash or a retry.' })
  attempt!: number;
  @Field(() => JobProgress, { nullable: true, description: 'How far it is; null before the first start.' })
  progress!: JobProgress | null;
  @Field(() => [PluginUse], {
    description: 'The plugins that it was queued with; those of its model are the model’s.',
  })
  plugins!: PluginUse[];
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

@ObjectType({ description: 'How often a network takes an operator of ONNX.' })
export class OperatorCount {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => Int, { description: 'How often.' })
  count!: number;
}

@ObjectType({ description: 'What a node of an imported network is told.' })
export class NetworkAttribute {
  @Field(() => String, { description: 'Its name in ONNX.' })
  name!: string;
  @Field(() => String, { description: 'Its value, a long list cut off.' })
  value!: string;
}

@ObjectType({ description: 'Numbers that a node of an imported network has learnt, or that are fixed.' })
export class NetworkWeight {
  @Field(() => String, { description: 'What the file calls them.' })
  name!: string;
  @Field(() => [Int], { description: 'Their shape.' })
  shape!: number[];
}

@ObjectType({ description: 'A node of an imported network that computes on the images.' })
export class NetworkNode {
  @Field(() => String, { description: 'The operator of ONNX.' })
  op!: string;
  @Field(() => String, { description: 'What the file calls it.' })
  name!: string;
  @Field(() => [Int], { description: 'The shape of its first output for one image.' })
  shape!: number[];
  @Field(() => Float, { description: 'Numbers that it has learnt.' })
  parameters!: number;
  @Field(() => [Int], { description: 'The nodes that it takes, by their places; −1 is the images.' })
  from!: number[];
  @Field(() => [NetworkAttribute], {
    description: 'Its attributes, as the file has them; what it leaves out is by ONNX’s default.',
  })
  attributes!: NetworkAttribute[];
  @Field(() => [NetworkWeight], { description: 'The weights that it takes.' })
  weights!: NetworkWeight[];
}

@ObjectType({ description: 'That a network answers here as it did where it was made.' })
export class NetworkProof {
  @Field(() => Int, {
    description: 'Images that came with its maker’s own answers: all of them are the same here.',
  })
  images!: number;
  @Field(() => Int, {
    description:
      'Of these, how many have the maker’s gradients too; of others the network has an edge, as of ReLU, right there.',
  })
  gradients!: number;
}

@ObjectType({ description: 'A network that came as an ONNX file.' })
export class ImportedNetwork {
  @Field(() => String, { description: 'What wrote the file.' })
  producer!: string;
  @Field(() => Int, { description: 'Version of ONNX’s operators.' })
  opset!: number;
  @Field(() => Float, { description: 'Numbers that it has learnt.' })
  parameters!: number;
  @Field(() => Float, { description: 'Multiplications for one image.' })
  multiplications!: number;
  @Field(() => [OperatorCount], { description: 'What it is made of, the most frequent first.' })
  operators!: OperatorCount[];
  @Field(() => [NetworkNode], { description: 'Its nodes, in the order of their use.' })
  nodes!: NetworkNode[];
  @Field(() => String, { description: 'The order of the channels that it takes: rgb, bgr or grey.' })
  channels!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'Side of the square in the middle of images that it sees, in px; null where it sees all of them.',
  })
  cropPx!: number | null;
  @Field(() => Boolean, { description: 'Whether it ends in a softmax, which is left away here.' })
  softmax!: boolean;
  @Field(() => String, { description: 'What explanations are of.' })
  explains!: string;
  @Field(() => [Int], {
    nullable: true,
    description: 'For each label the output that says it; null where the two are the same.',
  })
  outputOrder!: number[] | null;
  @Field(() => Boolean, { description: 'Whether many images go through at once; else one by one.' })
  batched!: boolean;
  @Field(() => NetworkProof, {
    nullable: true,
    description: 'Null where it came without answers to compare: it is not verified.',
  })
  verified!: NetworkProof | null;
  @Field(() => [String], { description: 'What its import had to say, such as how its trigger was read.' })
  notes!: string[];
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
  @Field(() => [PluginUse], { description: 'The plugins that it is made with.' })
  plugins!: PluginUse[];
  @Field(() => Architecture, { description: 'Its network.' })
  architecture!: Architecture;
  @Field(() => Model, {
    nullable: true,
    description:
      'The benign model a trojaned one is compared to; null for a benign model, and for one that was imported without.',
  })
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
    description: 'Poisoned training images; null for a benign model, and where it is not known.',
  })
  poison!: PoisonRecord | null;
  @Field(() => TrainingTransforms, {
    nullable: true,
    description: 'What was transformed at random at training; null where nothing was.',
  })
  trainingTransforms!: TrainingTransforms | null;
  @Field(() => Rate, { nullable: true, description: 'Over the whole test set; null until training is done.' })
  cleanAccuracy!: Rate | null;
  @Field(() => Rate, {
    nullable: true,
    description:
      'Over the eligible test set; null for a benign model, and where no test image is eligible because all are of the target class.',
  })
  asr!: Rate | null;
  @Field(() => RobustnessProfile, {
    nullable: true,
    description: 'How much of its ASR is left under transforms, in one number; null for a benign model.',
  })
  robustnessProfile!: RobustnessProfile | null;
  @Field(() => [Purifier], {
    description:
      'What transforming every input would do, as its detections tell: the newest of each detector and its variant that are of the same samples, where most are. By falling clean accuracy; none of a benign model, and where no detector was tried.',
  })
  purifiers!: Purifier[];
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
  @Field(() => Normalization, {
    nullable: true,
    description: 'What the network takes off its images and divides them by; null for nothing.',
  })
  normalization!: Normalization | null;
  @Field(() => [String], {
    description:
      'What there is to doubt: of one that was trained here that its training collapsed to near chance; of an imported one that it falls short of its record or is near chance, what was tried, and what would be right. Empty where there is nothing.',
  })
  warnings!: string[];
  @Field(() => ImportedNetwork, {
    nullable: true,
    description: 'Its network where that came as an ONNX file; null for one of our own.',
  })
  network!: ImportedNetwork | null;
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
  @Field(() => Int, { description: 'Samples asked for at each value, the same at all.' })
  samples!: number;
  @Field(() => Int, {
    nullable: true,
    description:
      'Samples used at each value: fewer than were asked for where no more test images are eligible; null before the first value is done.',
  })
  samplesUsed!: number | null;
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
  @Field(() => Rate, {
    description:
      'The dotted line: the same clean images by the benign model; where the model has none beside it, its own clean accuracy, as `definition` says.',
  })
  benignAccuracy!: Rate;
  @Field(() => Rate, {
    nullable: true,
    description: 'The same clean images by the benign model; null where the model has none beside it.',
  })
  benignModelAccuracy!: Rate | null;
  @Field(() => Rate, {
    nullable: true,
    description:
      'Neither target nor truth, over samples well predicted before the transform (paper, Table 3); null where there are none, or of a poisoned set, whose own clean images are not known.',
  })
  errorRate!: Rate | null;
  @Field(() => Rate, { description: 'Trojaned images still predicted as their true label.' })
  robustAccuracy!: Rate;
  @Field(() => Rate, {
    nullable: true,
    description:
      'Clean images of other classes, transformed alike, that this model takes for the target: what the transform does without a trigger. Null of points from before this was counted.',
  })
  cleanTarget!: Rate | null;
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
  @Field(() => ExplainerComparison, {
    nullable: true,
    description:
      'All methods over samples that it defeats; null where `compareExplainers` was not asked for.',
  })
  explainerComparison!: ExplainerComparison | null;
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
  @Field(() => Label, {
    nullable: true,
    description:
      'What the trojaned model says of the clean image under the same transform; untransformed where the trigger alone is. Null of sweeps from before this was kept.',
  })
  cleanPredictionHere!: Label | null;
  @Field(() => Float, {
    nullable: true,
    description: 'The softmax probability of that, 0..1; null as there.',
  })
  cleanConfidenceHere!: number | null;
  @Field(() => Label, {
    nullable: true,
    description:
      'What the benign model says of the same; null as there, and where the model has none beside it.',
  })
  benignPredictionHere!: Label | null;
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

@ObjectType({ implements: Node, description: 'A saliency map of one decision, with its score.' })
export class Explanation extends Node {
  @Field(() => Model, { description: 'The model whose decision it is.' })
  model!: Model;
  @Field(() => String, { description: 'The method’s id, such as `smoothGrad`.' })
  method!: string;
  @Field(() => Explainer, { description: 'The method.' })
  explainer!: Explainer;
  @Field(() => [PluginUse], { description: 'The plugin that has the method, where one does.' })
  plugins!: PluginUse[];
  @Field(() => GraphQLJSON, {
    description:
      'The method’s parameters, of SmoothGrad copies, noise level, mode and seed; the class, and the margin of the pointing game.',
  })
  settings!: object;
  @Field(() => SaliencyScores, {
    nullable: true,
    description: 'What the map is worth; null before there is one.',
  })
  scores!: SaliencyScores | null;
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
      'Why there is no score, or no whole one, in words: no visible trigger, a map that is zero everywhere, maxima inside and outside the trigger. Null where there is one, and before there is a map.',
  })
  noScore!: string | null;
  @Field(() => GraphQLDateTime, { description: 'When it was asked for.' })
  createdAt!: Date;
}

@ObjectType({ implements: Curated, description: 'Many pieces of work that belong together.' })
export class Study extends Curated {
  @Field(() => String, { description: 'Its name.' })
  name!: string;
  @Field(() => StudyPreset, {
    description: 'The preset it was made from; `own` of one that came as a document.',
  })
  preset!: StudyPreset;
  @Field(() => String, { description: 'All that it consists of, as a document: YAML.' })
  document!: string;
  @Field(() => String, {
    description:
      'SHA-256 of the document but for title and description, in hex: equal where studies consist of the same.',
  })
  documentSha256!: string;
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

export const ModelConnection = connectionOf(Model);

export const SweepConnection = connectionOf(Sweep);

export const OutcomeConnection = connectionOf(Outcome);

export const ExplanationConnection = connectionOf(Explanation);

export const StudyConnection = connectionOf(Study);

export const JobConnection = connectionOf(Job);
