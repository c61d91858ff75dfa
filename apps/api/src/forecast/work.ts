import type { ModelSpec } from '@trojanscope/core';
import type { Db } from '../store/database.js';
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

export async function workOfStudy(db: Db, studyId: string): Promise<WorkOfStudy> {
  const jobs = await db
    .selectFrom('study_job')
    .innerJoin('job', 'job.id', 'study_job.job_id')
    .innerJoin('model', 'model.id', 'job.model_id')
    .selectAll('job')
    .select('model.spec')
    .where('study_job.study_id', '=', studyId)
    .orderBy('study_job.place')
    .execute();
  const done = (kind: string) => jobs.filter((job) => job.kind === kind && job.status === 'SUCCEEDED').length;
  const work = jobs
    .filter(({ status }) => status !== 'SUCCEEDED')
    .map(async (job): Promise<Work> => {
      const { classified, outcomes } = job.sweep_id
        ? await workOfSweep(db, job.sweep_id)
        : { classified: 0, outcomes: 0 };
      return {
        jobId: job.id,
        kind: job.kind,
        spec: job.spec,
        left: 1 - (job.total > 0 ? job.done / job.total : 0),
        classified,
        outcomes,
        explained: job.kind === 'explain' ? countExplained(job) : 0,
      };
    });
  return { work: await Promise.all(work), done: { models: done('model'), sweeps: done('sweep') } };
}

async function workOfSweep(db: Db, sweepId: string): Promise<Pick<Work, 'classified' | 'outcomes'>> {
  const { samples, values, target } = await db
    .selectFrom('sweep')
    .select(['samples', 'values', 'target'])
    .where('id', '=', sweepId)
    .executeTakeFirstOrThrow();
  const points = values.length;
  // At the identity three: trojaned, clean by the trojaned model, clean by the benign one; as often at every point of images.
  const classified = samples * (3 + (points - 1) * (target === 'IMAGE' ? 3 : 1));
  return { classified, outcomes: samples * points };
}

/** Maps that a job of explanations makes. */
export function countExplained({ payload }: Pick<Job, 'payload'>): number {
  const { pick = 0, scored } = payload as {
    pick?: number;
    scored?: { wellPredicted: number; defeated: number; strips: number };
  };
  // Well-predicted samples are explained by two controls as well; a strip has up to eight frames.
  return pick + (scored ? 3 * scored.wellPredicted + 6 * scored.defeated + 8 * scored.strips : 0);
}
