import type { ModelSpec } from '@trojanscope/core';
import { z } from 'zod';
import { measurePaceOf, paceTitle } from '../forecast/pace.js';
import { defineJob } from './defineJob.js';

/** Measures how fast this machine is with models of some kinds: a job, because beside others it would measure those. */
export const measureJob = defineJob({
  kind: 'measure',
  payload: z.strictObject({ specs: z.array(z.custom<ModelSpec>()) }),
  async run({ specs }, { db, dataFolder, signal, save }) {
    for (const [done, spec] of specs.entries()) {
      const stage = `measuring ${paceTitle(spec)}`;
      await save({ stage, done, total: specs.length, unit: 'networks' }, async () => {});
      await measurePaceOf(db, dataFolder, spec, signal);
    }
  },
});
