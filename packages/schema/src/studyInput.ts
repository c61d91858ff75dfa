import { measureRequest, studyRequest } from '@trojanscope/core/definitions';
import { Field, ID, InputType } from 'type-graphql';
import type { z } from 'zod';
import { StudyPresetId } from './enums.js';
import { idempotent } from './idempotency.js';
import { inputOf } from './inputOf.js';

export const runStudyRequest = studyRequest.extend(idempotent);
export const RunStudyInput = inputOf('RunStudyInput', 'A study to run.', runStudyRequest, {
  types: { preset: StudyPresetId },
});
export type RunStudyInput = z.output<typeof runStudyRequest>;

export const measureStudyRequest = measureRequest.extend(idempotent);
export const MeasureStudyInput = inputOf(
  'MeasureStudyInput',
  'A study whose cost is wanted.',
  measureStudyRequest,
  {
    types: { preset: StudyPresetId },
  },
);
export type MeasureStudyInput = z.output<typeof measureStudyRequest>;

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
