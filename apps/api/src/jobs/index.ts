import type { JobDefinition } from './defineJob.js';
import { explainJob } from './explain.job.js';
import { importDatasetJob } from './importDataset.job.js';
import { importModelJob } from './importModel.job.js';
import { largestRangeJob } from './largestRange.job.js';
import { measureJob } from './measure.job.js';
import { modelJob } from './model.job.js';
import { sweepJob } from './sweep.job.js';

/** THE LIST of job kinds. */
export const jobDefinitions: Record<string, JobDefinition> = Object.fromEntries(
  [modelJob, sweepJob, explainJob, largestRangeJob, measureJob, importModelJob, importDatasetJob].map(
    (definition) => [definition.kind, definition as JobDefinition],
  ),
);
