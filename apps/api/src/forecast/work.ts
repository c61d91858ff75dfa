import type { ModelSpec } from '@trojanscope/core';
import type { Job } from '../store/jobs.js';

/** A job of a study that is not done, in what it has to compute. */
export interface Work {
  jobId: string;
  kind: Job['kind'];
  modelId: string;
  /** Of the model that it makes or looks at. */
  spec: ModelSpec;
  /** Share of it that is not done, 0..1. */
  left: number;
  /** Images that a sweep or a detector sends through networks. */
  classified: number;
  /** That a sweep keeps, one for each sample and value. */
  outcomes: number;
  /** Maps that explanations take. */
  explained: number;
}

/** What is left of a study, and how many of its models, sweeps and detections are done. */
export interface WorkOfStudy {
  work: Work[];
  done: { models: number; sweeps: number; detections: number };
}

/** Maps that a study's job of explanations makes; 0 for one that explains outcomes which people chose. */
export function countExplained(payload: Job['payload']): number {
  const { pick = 0, scored } = payload as {
    pick?: number;
    scored?: { wellPredicted: number; defeated: number; strips: number };
  };
  // Well-predicted samples are explained by two controls as well; a strip has up to eight frames.
  return pick + (scored ? 3 * scored.wellPredicted + 6 * scored.defeated + 8 * scored.strips : 0);
}
