import { type ClassType, Field, ObjectType } from 'type-graphql';
import { Curated } from './connections.js';
import { Detection } from './detections.js';
import { LargestRange } from './largestRange.js';
import { Purged } from './server.js';
import { Explanation, Job, Model, Point, Study, Sweep } from './stored.js';
import { UserError } from './values.js';

export type Payload<Name extends string, T> = { [K in Name]?: T | null } & {
  errors: UserError[];
};

/** Interfaces are abstract classes. */
type Listed<T extends object> = abstract new () => T;

/** The answer of a mutation: the entity, or why not. */
export function payloadOf<Name extends string, T extends object>(
  mutation: string,
  name: Name,
  type: () => Listed<T> | [Listed<T>],
  description: string,
): ClassType<Payload<Name, T>> {
  @ObjectType(`${mutation}Payload`, { description: `The answer of ${mutation}: the ${name}, or errors.` })
  class PayloadType {
    @Field(() => [UserError], { description: 'Expected refusals; nothing was started where there is one.' })
    errors!: UserError[];
  }
  Field(type as never, { nullable: true, description })(PayloadType.prototype, name);
  return PayloadType as never;
}

export const TrainModelPayload = payloadOf(
  'TrainModel',
  'model',
  () => Model,
  'The model, still to be trained.',
);
export const ImplantBackdoorPayload = payloadOf(
  'ImplantBackdoor',
  'model',
  () => Model,
  'The trojaned model, still to be trained.',
);
export const RunSweepPayload = payloadOf('RunSweep', 'sweep', () => Sweep, 'The sweep, still to be run.');
export const RunDetectorPayload = payloadOf(
  'RunDetector',
  'detection',
  () => Detection,
  'The detection, still to be run.',
);
export const FindLargestRangePayload = payloadOf(
  'FindLargestRange',
  'range',
  () => LargestRange,
  'The search, still to be run.',
);
export const MeasureStudyPayload = payloadOf(
  'MeasureStudy',
  'job',
  () => Job,
  'The measurement, still to be made.',
);
export const ExplainPayload = payloadOf(
  'Explain',
  'explanations',
  () => [Explanation],
  'One explanation for each outcome, in their order; those that exist already are not computed again.',
);
export const CompareExplainersPayload = payloadOf(
  'CompareExplainers',
  'point',
  () => Point,
  'The point, whose `explainerComparison` grows.',
);
export const RunStudyPayload = payloadOf('RunStudy', 'study', () => Study, 'The study.');
export const CancelJobPayload = payloadOf('CancelJob', 'job', () => Job, 'The job.');
export const RetryJobPayload = payloadOf('RetryJob', 'job', () => Job, 'The job, queued again.');

export const SetPriorityPayload = payloadOf('SetPriority', 'jobs', () => [Job], 'The jobs.');
export const CancelStudyPayload = payloadOf('CancelStudy', 'study', () => Study, 'The study.');
export const ResumeStudyPayload = payloadOf('ResumeStudy', 'study', () => Study, 'The study.');

const items = (mutation: string) =>
  payloadOf(mutation, 'items', () => [Curated], 'What was changed, in the order of the ids.');
export const AnnotatePayload = items('Annotate');
export const SetLockPayload = items('SetLock');
export const DeleteItemsPayload = items('DeleteItems');
export const RestoreItemsPayload = items('RestoreItems');
export const PurgeTrashPayload = payloadOf('PurgeTrash', 'purged', () => Purged, 'What is gone.');
