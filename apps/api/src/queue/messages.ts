import type { EngineInfo } from '@trojanscope/core';
import type { EntityType } from '../store/ids.js';
import type { Job } from '../store/jobs.js';

/** What server and worker say to one another. Results do not pass here: they are rows. */
export type ToWorker = { type: 'run'; job: Job } | { type: 'abort'; jobId: string };
export type FromWorker =
  | { type: 'ready' }
  | { type: 'engine'; info: EngineInfo }
  | { type: 'changed'; entity: EntityType; id: string }
  | { type: 'idle'; jobId: string; residentBytes: number; tensors: number };
