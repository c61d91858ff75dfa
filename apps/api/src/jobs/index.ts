import type { JobDefinition } from './defineJob.js';
import { explainJob } from './explain.job.js';
import { modelJob } from './model.job.js';
import { sweepJob } from './sweep.job.js';

/** THE LIST of job kinds. */
export const jobDefinitions: Record<string, JobDefinition> = Object.fromEntries(
  [modelJob, sweepJob, explainJob].map((definition) => [definition.kind, definition as JobDefinition]),
);
