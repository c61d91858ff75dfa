import { id, measureRequest, studyRequest } from '@trojanscope/core/definitions';
import { z } from 'zod';
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

export const cancelStudyRequest = z.strictObject({ studyId: id('The study.') });
export const CancelStudyInput = inputOf('CancelStudyInput', 'A study to cancel.', cancelStudyRequest);
export type CancelStudyInput = z.output<typeof cancelStudyRequest>;

export const resumeStudyRequest = z.strictObject({
  studyId: id('A study of which something failed or was cancelled.'),
});
export const ResumeStudyInput = inputOf('ResumeStudyInput', 'A study to resume.', resumeStudyRequest);
export type ResumeStudyInput = z.output<typeof resumeStudyRequest>;
