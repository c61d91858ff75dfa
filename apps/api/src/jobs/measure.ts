import { type ModelSpec, TrojanscopeError } from '@trojanscope/core';
import { measureStudyRequest } from '@trojanscope/schema';
import { z } from 'zod';
import { measurePaceOf, type Paced, paceKey, paceTitle } from '../forecast/pace.js';
import { defineJob } from './defineJob.js';
import type { Starter } from './start.js';
import { rehearseStudy } from './study.js';

/** Measures how fast this machine is with models of some kinds: a job, because beside others it would measure those. */
export const measureJob = defineJob({
  kind: 'measure',
  title: () => 'Measure this machine',
  payload: z.strictObject({
    specs: z.array(z.custom<ModelSpec>()),
    /** Whose specs these are; jobs from before imported networks were measured have none. */
    modelIds: z.array(z.string()).default([]),
  }),
  async run({ specs, modelIds }, { db, fork, signal, save }) {
    for (const [done, spec] of specs.entries()) {
      const subject: Paced = { spec, modelId: modelIds[done] ?? '' };
      const stage = `measuring ${paceTitle(subject)}`;
      await save({ stage, done, total: specs.length, unit: 'networks' }, async () => {});
      await measurePaceOf(db, fork, subject, signal);
    }
  },
});

/**
 * A measurement of what a study would compute.
 * @throws TrojanscopeError as `rehearseStudy`; CONFLICT where there is nothing left to compute
 */
export const measureStudy: Starter<typeof measureStudyRequest> = {
  mutation: 'measureStudy',
  request: measureStudyRequest,
  makes: 'Job',
  async check(input, by, db) {
    const { fresh, there } = await rehearseStudy(db, input, by);
    const begun = there
      .filter(({ status }) => status !== 'SUCCEEDED')
      .map(({ spec, model_id }): Paced => ({ spec, modelId: model_id! }));
    const subjects = new Map<string, Paced>([...begun, ...fresh].map((one) => [paceKey(one), one]));
    if (subjects.size === 0)
      throw new TrojanscopeError(
        'CONFLICT',
        'preset: everything in it is done; there is nothing to measure.',
        ['preset'],
      );
    return async (tx) => [
      await measureJob.queue(
        tx,
        undefined,
        {
          specs: [...subjects.values()].map(({ spec }) => spec),
          modelIds: [...subjects.values()].map(({ modelId }) => modelId),
        },
        { createdBy: by.id },
      ),
    ];
  },
};
