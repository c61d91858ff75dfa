import type { ModelSpec } from '@trojanscope/core';
import type { Job } from '../store/jobs.js';

/** A job of a study that is not done, in what it has to compute. */
export interface Work {
  jobId: string;
  kind: Job['kind'];
  /** Of the model that it makes or looks at. */
  spec: ModelSpec;
  /** Share of it that is not done, 0..1. */
  left: number;
  /** Images that a sweep sends through networks, and outcomes that it keeps, of the points that it has still to do. */
  classified: number;
  outcomes: number;
  /** Maps that explanations take. */
  explained: number;
}

/** What is left of a study, and how many of its models and sweeps are done. */
export interface WorkOfStudy {
  work: Work[];
  done: { models: number; sweeps: number };
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
