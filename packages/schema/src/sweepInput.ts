import { rangeRequest, sweepRequest } from '@trojanscope/core/definitions';
import type { z } from 'zod';
import { Eligibility, TransformId, TransformTarget } from './enums.js';
import { idempotent } from './idempotency.js';
import { inputOf } from './inputOf.js';

export const runSweepRequest = sweepRequest.extend(idempotent);
export const RunSweepInput = inputOf('RunSweepInput', 'A sweep to run.', runSweepRequest, {
  types: { transform: TransformId, target: TransformTarget, eligibility: Eligibility },
});
export type RunSweepInput = z.output<typeof runSweepRequest>;

export const findLargestRangeRequest = rangeRequest.extend(idempotent);
export const FindLargestRangeInput = inputOf(
  'FindLargestRangeInput',
  'A search for how far clean images can be transformed.',
  findLargestRangeRequest,
  { types: { transform: TransformId } },
);
export type FindLargestRangeInput = z.output<typeof findLargestRangeRequest>;
