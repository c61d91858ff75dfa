import type { SweepSpec } from '@trojanscope/core';
import type { Selectable } from 'kysely';
import type { Tables } from './database.js';

/** A sweep's row as core takes it. */
export const sweepSpecOf = (row: Selectable<Tables['sweep']>): SweepSpec => ({
  transform: row.transform,
  target: row.target,
  values: row.values,
  samples: row.samples,
  seed: row.seed,
  eligibility: row.eligibility,
});
