import type { JobKind } from '@trojanscope/schema';
import type { JobDefinition } from './defineJob.js';
import { detectJob } from './detect.js';
import { explainJob } from './explain.js';
import { importDatasetJob } from './importDataset.js';
import { importModelJob } from './importModel.js';
import { largestRangeJob } from './largestRange.js';
import { measureJob } from './measure.js';
import { modelJob } from './model.js';
import { sweepJob } from './sweep.js';

/** THE LIST of job kinds, by the names that the schema has for them. */
export const jobDefinitions: { [Kind in JobKind]: JobDefinition<Kind> } = {
  model: modelJob,
  sweep: sweepJob,
  detect: detectJob,
  explain: explainJob,
  largestRange: largestRangeJob,
  measure: measureJob,
  importModel: importModelJob,
  importDataset: importDatasetJob,
};
