import { ArgsType, Field, Float, ID, InputType, Int } from 'type-graphql';
import { AttackInput } from './attackInput.js';
import {
  ArchitectureId,
  AttackId,
  Direction,
  Eligibility,
  ExplainedClass,
  GradientMode,
  JobOrderField,
  JobPriority,
  JobStatus,
  ModelKind,
  ModelOrderField,
  OutcomeKind,
  OutcomeOrderField,
  StudyPresetId,
  SweepOrderField,
  TransformId,
  TransformTarget,
} from './enums.js';

export const IDEMPOTENCY =
  'A key of your own choice: the same key again gives the same answer and starts nothing twice. With another input it is refused.';
const DELETED = 'Those in the trash instead of those that are not.';

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: 'So many from the start or after `after`, 1 to 100.' })
  first?: number;
  @Field(() => String, { nullable: true, description: 'Start behind this cursor.' })
  after?: string;
  @Field(() => Int, { nullable: true, description: 'So many from the end or before `before`, 1 to 100.' })
  last?: number;
  @Field(() => String, { nullable: true, description: 'End before this cursor.' })
  before?: string;
}

@InputType({ description: 'Which models.' })
export class ModelFilter {
  @Field(() => ModelKind, { nullable: true, description: 'Benign or trojaned.' })
  kind?: keyof typeof ModelKind;
  @Field(() => ID, { nullable: true, description: 'Trained on this data set.' })
  dataset?: string;
  @Field(() => AttackId, { nullable: true, description: 'Implanted by this.' })
  attack?: keyof typeof AttackId;
  @Field(() => ArchitectureId, { nullable: true, description: 'Of this network.' })
  architecture?: keyof typeof ArchitectureId;
  @Field(() => [JobStatus], { nullable: true, description: 'Whose training is in one of these states.' })
  status?: (keyof typeof JobStatus)[];
  @Field(() => ID, { nullable: true, description: 'Of this study.' })
  studyId?: string;
  @Field(() => [String], { nullable: true, description: 'With all of these tags.' })
  tags?: string[];
  @Field(() => String, { nullable: true, description: 'With this text in name or notes, capitals or not.' })
  search?: string;
  @Field(() => Boolean, { defaultValue: false, description: DELETED })
  deleted!: boolean;
}

@InputType({ description: 'An order of models; equal ones by age.' })
export class ModelOrder {
  @Field(() => ModelOrderField, { defaultValue: 'CREATED_AT', description: 'What by.' })
  field!: keyof typeof ModelOrderField;
  @Field(() => Direction, { defaultValue: 'DESC', description: 'Which way.' })
  direction!: keyof typeof Direction;
}

@InputType({ description: 'An order of outcomes; equal ones as they were drawn.' })
export class OutcomeOrder {
  @Field(() => OutcomeOrderField, { defaultValue: 'DRAWN', description: 'What by.' })
  field!: keyof typeof OutcomeOrderField;
  @Field(() => Direction, { defaultValue: 'ASC', description: 'Which way.' })
  direction!: keyof typeof Direction;
}

@InputType({ description: 'An order of sweeps; equal ones by age.' })
export class SweepOrder {
  @Field(() => SweepOrderField, { defaultValue: 'CREATED_AT', description: 'What by.' })
  field!: keyof typeof SweepOrderField;
  @Field(() => Direction, { defaultValue: 'DESC', description: 'Which way.' })
  direction!: keyof typeof Direction;
}

@InputType({ description: 'Which studies.' })
export class StudyFilter {
  @Field(() => [String], { nullable: true, description: 'With all of these tags.' })
  tags?: string[];
  @Field(() => String, { nullable: true, description: 'With this text in name or notes, capitals or not.' })
  search?: string;
  @Field(() => Boolean, { defaultValue: false, description: DELETED })
  deleted!: boolean;
}

@InputType({ description: 'Which sweeps.' })
export class SweepFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
  @Field(() => TransformId, { nullable: true, description: 'Under this transform.' })
  transform?: keyof typeof TransformId;
  @Field(() => TransformTarget, { nullable: true, description: 'Of this target.' })
  target?: keyof typeof TransformTarget;
  @Field(() => [JobStatus], { nullable: true, description: 'In one of these states.' })
  status?: (keyof typeof JobStatus)[];
  @Field(() => ID, { nullable: true, description: 'Of this study.' })
  studyId?: string;
  @Field(() => [String], { nullable: true, description: 'With all of these tags.' })
  tags?: string[];
  @Field(() => Boolean, { defaultValue: false, description: DELETED })
  deleted!: boolean;
}

@InputType({ description: 'Which curves; the newest finished one of each model, transform and target.' })
export class CurveFilter {
  @Field(() => [ID], { nullable: true, description: 'Of these models.' })
  modelIds?: string[];
  @Field(() => [ID], { nullable: true, description: 'Of exactly these sweeps, finished or not.' })
  sweepIds?: string[];
  @Field(() => TransformId, { nullable: true, description: 'Under this transform.' })
  transform?: keyof typeof TransformId;
  @Field(() => TransformTarget, { nullable: true, description: 'Of this target.' })
  target?: keyof typeof TransformTarget;
}

@InputType({ description: 'Which outcomes.' })
export class OutcomeFilter {
  @Field(() => OutcomeKind, { nullable: true, description: 'Of this kind.' })
  kind?: keyof typeof OutcomeKind;
}

@InputType({ description: 'Which explanations.' })
export class ExplanationFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
}

@InputType({ description: 'Which jobs.' })
export class JobFilter {
  @Field(() => [JobStatus], { nullable: true, description: 'In one of these states.' })
  status?: (keyof typeof JobStatus)[];
  @Field(() => [String], {
    nullable: true,
    description:
      'Of one of these kinds: `model`, `sweep`, `explain`, `largestRange`, `importModel`, `importDataset`.',
  })
  kind?: string[];
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
  @Field(() => ID, { nullable: true, description: 'Of this study.' })
  studyId?: string;
}

@InputType({ description: 'An order of jobs; equal ones by age.' })
export class JobOrder {
  @Field(() => JobOrderField, { defaultValue: 'CREATED_AT', description: 'What by.' })
  field!: keyof typeof JobOrderField;
  @Field(() => Direction, { defaultValue: 'DESC', description: 'Which way.' })
  direction!: keyof typeof Direction;
}

@InputType({ description: 'Random changes of every training image. The paper’s models have none.' })
export class AugmentationInput {
  @Field(() => Float, { nullable: true, description: 'Turns by up to this angle either way, 0 to 180 °.' })
  rotationDeg?: number;
  @Field(() => Float, { nullable: true, description: 'Scales by up to this share either way, 0 to 0.5.' })
  scale?: number;
  @Field(() => Float, { nullable: true, description: 'Shifts by up to this along each axis, 0 to 32 px.' })
  shiftPx?: number;
  @Field(() => Boolean, { nullable: true, description: 'Mirrors every other image, left to right.' })
  mirror?: boolean;
}

@InputType({ description: 'How to train; what is left out is the architecture’s own recipe.' })
export class RecipeInput {
  @Field(() => Int, { nullable: true, description: 'Passes over the training set, 1 to 200.' })
  epochs?: number;
  @Field(() => Int, { nullable: true, description: 'Images a step, 1 to 4096.' })
  batchSize?: number;
  @Field(() => Float, { nullable: true, description: 'Highest learning rate of the one-cycle schedule.' })
  learningRate?: number;
  @Field(() => Float, { nullable: true, description: 'Nesterov momentum, 0 to 1.' })
  momentum?: number;
  @Field(() => Float, { nullable: true, description: 'L2 penalty on kernels, 0 to 1.' })
  weightDecay?: number;
  @Field(() => Float, { nullable: true, description: 'Share of the steps on the way up, 0 to 1.' })
  warmUp?: number;
  @Field(() => AugmentationInput, { nullable: true, description: 'Random changes of every training image.' })
  augmentation?: AugmentationInput;
}

@InputType({ description: 'A model to train.' })
export class TrainingInput {
  @Field(() => String, { nullable: true, description: 'Its name; made up when left out.' })
  name?: string;
  @Field(() => ID, { description: 'The data set to train on, by its id in the catalog.' })
  dataset!: string;
  @Field(() => Int, {
    nullable: true,
    description:
      'Side of the square that images are resized to, in px; the data set’s own size when left out.',
  })
  sizePx?: number;
  @Field(() => ArchitectureId, { description: 'The network.' })
  architecture!: keyof typeof ArchitectureId;
  @Field(() => RecipeInput, { nullable: true, description: 'How to train.' })
  recipe?: RecipeInput;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'A benign model to train.' })
export class TrainModelInput extends TrainingInput {
  @Field(() => ID, {
    nullable: true,
    description: 'Start from this model’s weights instead of from scratch: a trained one of the same layers.',
  })
  startFromModelId?: string;
}

@InputType({ description: 'A backdoor to implant.' })
export class ImplantBackdoorInput extends TrainingInput {
  @Field(() => AttackInput, { description: 'The attack.' })
  attack!: AttackInput;
  @Field(() => Int, { defaultValue: 0, description: 'The label the backdoor makes the model say.' })
  targetLabel!: number;
  @Field(() => Float, {
    nullable: true,
    description:
      'Share of the training set to poison, above 0 to 0.9; the paper’s for the attack when left out.',
  })
  poisonRate?: number;
  @Field(() => ID, { nullable: true, description: 'The benign model; one is trained first when left out.' })
  benignModelId?: string;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Start from the benign model’s weights instead of from scratch (retraining; paper section 3.1).',
  })
  startFromBenign!: boolean;
}

@InputType({ description: 'A sweep to run.' })
export class RunSweepInput {
  @Field(() => ID, { description: 'A trained trojaned model.' })
  modelId!: string;
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => TransformTarget, { description: 'What to transform.' })
  target!: keyof typeof TransformTarget;
  @Field(() => [Float], {
    nullable: true,
    description: 'The values, each once, 1 to 100; the paper’s when left out.',
  })
  values?: number[];
  @Field(() => Int, { defaultValue: 1000, description: 'Samples at each value, 1 to 10,000.' })
  samples!: number;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => Eligibility, { defaultValue: 'TRUE_LABEL', description: 'Which samples may be used.' })
  eligibility!: keyof typeof Eligibility;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'Which largest ranges.' })
export class LargestRangeFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
  @Field(() => TransformId, { nullable: true, description: 'Under this transform.' })
  transform?: keyof typeof TransformId;
}

@InputType({ description: 'A search for how far clean images can be transformed.' })
export class FindLargestRangeInput {
  @Field(() => ID, { description: 'A trained model, benign or trojaned.' })
  modelId!: string;
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => Float, {
    nullable: true,
    description:
      'How far to go from the identity, and so which way; the transform’s maximum when left out, or its minimum where the maximum is the identity.',
  })
  limit?: number;
  @Field(() => Float, {
    nullable: true,
    description: 'How far apart the values on the way out are; a twentieth of the way when left out.',
  })
  step?: number;
  @Field(() => Float, {
    nullable: true,
    description: 'How finely the end is told, at most `step`; a tenth of it when left out.',
  })
  precision?: number;
  @Field(() => Float, {
    defaultValue: 0.05,
    description: 'How much lower than at the identity accuracy may be and hold, 0 to 1.',
  })
  tolerance!: number;
  @Field(() => Int, { defaultValue: 1000, description: 'Clean test images at each value, 1 to 10,000.' })
  samples!: number;
  @Field(() => Int, { defaultValue: 1, description: 'Seed.' })
  seed!: number;
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'How SmoothGrad explains.' })
export class SmoothGradInput {
  @Field(() => Int, { defaultValue: 50, description: 'Noisy copies, 1 to 1000.' })
  copies!: number;
  @Field(() => Float, {
    defaultValue: 0.15,
    description: 'Noise level as a share of the value range, 0 to 1.',
  })
  noiseLevel!: number;
  @Field(() => GradientMode, { defaultValue: 'MAGNITUDE', description: 'What to average.' })
  mode!: keyof typeof GradientMode;
  @Field(() => ExplainedClass, { defaultValue: 'PREDICTED', description: 'The class to explain.' })
  explainedClass!: keyof typeof ExplainedClass;
  @Field(() => Int, { defaultValue: 1, description: 'Seed of the noise.' })
  seed!: number;
}

@InputType({ description: 'Outcomes to explain with SmoothGrad.' })
export class ExplainInput extends SmoothGradInput {
  @Field(() => [ID], { description: 'Outcomes, 1 to 100, all of one model.' })
  outcomeIds!: string[];
  @Field(() => String, { nullable: true, description: IDEMPOTENCY })
  idempotencyKey?: string;
}

@InputType({ description: 'How to transform one sample.' })
export class ProbeTransformInput {
  @Field(() => TransformId, { description: 'The transform.' })
  transform!: keyof typeof TransformId;
  @Field(() => TransformTarget, { description: 'What to transform.' })
  target!: keyof typeof TransformTarget;
  @Field(() => Float, { description: 'How strongly; the catalog has the range.' })
  value!: number;
}

@InputType({ description: 'One sample to look at through one model.' })
export class ProbeInput {
  @Field(() => ID, { description: 'A trained model.' })
  modelId!: string;
  @Field(() => Int, { description: 'Index of the sample in the test split.' })
  sampleIndex!: number;
  @Field(() => Boolean, { defaultValue: false, description: 'Whether to put the trigger on it.' })
  trigger!: boolean;
  @Field(() => ProbeTransformInput, {
    nullable: true,
    description: 'How to transform it; not at all when left out.',
  })
  transform?: ProbeTransformInput;
  @Field(() => Int, { defaultValue: 1, description: 'Seed of what is drawn, such as a direction.' })
  seed!: number;
  @Field(() => SmoothGradInput, {
    nullable: true,
    description: 'How to explain the decision; no map when left out.',
  })
  explain?: SmoothGradInput;
}

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

@InputType({ description: 'A job to cancel.' })
export class CancelJobInput {
  @Field(() => ID, { description: 'The job.' })
  jobId!: string;
}

@InputType({ description: 'A job to retry.' })
export class RetryJobInput {
  @Field(() => ID, { description: 'A failed or cancelled job.' })
  jobId!: string;
}

@InputType({ description: 'A priority for jobs.' })
export class SetPriorityInput {
  @Field(() => [ID], { description: 'Jobs of one’s own, 1 to 100; of anybody for admins.' })
  jobIds!: string[];
  @Field(() => JobPriority, { description: 'The priority.' })
  priority!: keyof typeof JobPriority;
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
