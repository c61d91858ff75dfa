import { id } from '@trojanscope/core/definitions';
import { z } from 'zod';
import { JobPriority } from './enums.js';
import { inputOf } from './inputOf.js';

export const cancelJobRequest = z.strictObject({ jobId: id('The job.') });
export const CancelJobInput = inputOf('CancelJobInput', 'A job to cancel.', cancelJobRequest);
export type CancelJobInput = z.output<typeof cancelJobRequest>;

export const retryJobRequest = z.strictObject({ jobId: id('A failed or cancelled job.') });
export const RetryJobInput = inputOf('RetryJobInput', 'A job to retry.', retryJobRequest);
export type RetryJobInput = z.output<typeof retryJobRequest>;

export const setPriorityRequest = z.strictObject({
  jobIds: z
    .array(id('A job.'))
    .min(1)
    .max(100)
    .describe('Jobs of one’s own, 1 to 100; of anybody for admins.'),
  priority: z.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT']).describe('The priority.'),
});
export const SetPriorityInput = inputOf('SetPriorityInput', 'A priority for jobs.', setPriorityRequest, {
  types: { priority: JobPriority },
});
export type SetPriorityInput = z.output<typeof setPriorityRequest>;
