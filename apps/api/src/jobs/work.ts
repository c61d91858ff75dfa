import type { Work, WorkOfStudy } from '../forecast/work.js';
import type { Db } from '../store/database.js';
import type { Job } from '../store/jobs.js';
import { jobsWithSpecOf } from '../store/studies.js';
import { jobDefinitions } from './index.js';

/** What is left of a study, and how many of its models, sweeps and detections are done. */
export async function workOfStudy(db: Db, studyId: string): Promise<WorkOfStudy> {
  const jobs = await jobsWithSpecOf(db, studyId);
  const done = jobs.filter(({ status }) => status === 'SUCCEEDED');
  const count = (is: (job: Job) => boolean) => done.filter(is).length;
  const work = jobs
    .filter((job) => !done.includes(job))
    .map(
      async (job): Promise<Work> => ({
        jobId: job.id,
        kind: job.kind,
        modelId: job.model_id!,
        spec: job.spec,
        left: 1 - (job.total > 0 ? job.done / job.total : 0),
        classified: 0,
        outcomes: 0,
        explained: 0,
        ...(await jobDefinitions[job.kind].workOf(db, job)),
      }),
    );
  return {
    work: await Promise.all(work),
    done: {
      models: count(({ kind }) => jobDefinitions[kind].makesModel),
      sweeps: count(({ kind }) => kind === 'sweep'),
      detections: count(({ kind }) => kind === 'detect'),
    },
  };
}
