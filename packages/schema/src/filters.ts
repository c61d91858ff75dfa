import { Field, Float, ID, InputType } from 'type-graphql';
import {
  ArchitectureId,
  AttackId,
  DetectionImageKind,
  DetectionImageOrderField,
  DetectionOrderField,
  DetectionPopulation,
  DetectorId,
  Direction,
  JOB_KINDS,
  JobOrderField,
  JobStatus,
  ModelKind,
  ModelOrderField,
  OutcomeKind,
  OutcomeOrderField,
  SweepOrderField,
  TransformId,
  TransformTarget,
} from './enums.js';

/** What may be asked of everything that people name, tag and throw away. */
@InputType()
abstract class CuratedFilter {
  @Field(() => [String], { nullable: true, description: 'With all of these tags.' })
  tags?: string[];
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Those in the trash instead of those that are not.',
  })
  deleted!: boolean;
}

@InputType({ description: 'Which models.' })
export class ModelFilter extends CuratedFilter {
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
  @Field(() => String, { nullable: true, description: 'With this text in name or notes, capitals or not.' })
  search?: string;
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
export class StudyFilter extends CuratedFilter {
  @Field(() => String, { nullable: true, description: 'With this text in name or notes, capitals or not.' })
  search?: string;
}

@InputType({ description: 'Which sweeps.' })
export class SweepFilter extends CuratedFilter {
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
}

@InputType({ description: 'Which detections.' })
export class DetectionFilter extends CuratedFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
  @Field(() => [ID], { nullable: true, description: 'Of any of these models.' })
  modelIds?: string[];
  @Field(() => DetectorId, { nullable: true, description: 'By this detector.' })
  detector?: keyof typeof DetectorId;
  @Field(() => [JobStatus], { nullable: true, description: 'In one of these states.' })
  status?: (keyof typeof JobStatus)[];
  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Of each model, detector and parameters only the newest that succeeded.',
  })
  newest!: boolean;
}

@InputType({ description: 'An order of detections; equal ones by age.' })
export class DetectionOrder {
  @Field(() => DetectionOrderField, { defaultValue: 'CREATED_AT', description: 'What by.' })
  field!: keyof typeof DetectionOrderField;
  @Field(() => Direction, { defaultValue: 'DESC', description: 'Which way.' })
  direction!: keyof typeof Direction;
}

@InputType({
  description:
    'Which images of a detection. At a threshold, trojaned ones that score at least it are caught and those below are missed; clean ones that score at least it are false alarms.',
})
export class DetectionImageFilter {
  @Field(() => DetectionImageKind, { nullable: true, description: 'Of this kind.' })
  kind?: keyof typeof DetectionImageKind;
  @Field(() => DetectionPopulation, { defaultValue: 'ALL', description: 'Of these.' })
  population!: keyof typeof DetectionPopulation;
  @Field(() => Float, { nullable: true, description: 'That score at least this.' })
  atLeast?: number;
  @Field(() => Float, { nullable: true, description: 'That score less than this.' })
  below?: number;
}

@InputType({ description: 'An order of a detection’s images; equal ones as they were drawn.' })
export class DetectionImageOrder {
  @Field(() => DetectionImageOrderField, { defaultValue: 'SCORE', description: 'What by.' })
  field!: keyof typeof DetectionImageOrderField;
  @Field(() => Direction, { defaultValue: 'DESC', description: 'Which way.' })
  direction!: keyof typeof Direction;
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
    description: `Of one of these kinds: ${Object.keys(JOB_KINDS)
      .map((kind) => `\`${kind}\``)
      .join(', ')}.`,
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

@InputType({ description: 'Which largest ranges.' })
export class LargestRangeFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string;
  @Field(() => TransformId, { nullable: true, description: 'Under this transform.' })
  transform?: keyof typeof TransformId;
}
