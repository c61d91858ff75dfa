import type { Work, WorkOfStudy } from '../forecast/work.js';
import type { Db } from '../store/database.js';
import type { Job } from '../store/jobs.js';
import { type JobWithSpec, jobsWithSpecOf } from '../store/studies.js';
import { jobDefinitions } from './index.js';
import type { RehearsedStudy } from './study.js';

/** What is left of a study, and how many of its models, sweeps and detections are done. */
export const workOfStudy = async (db: Db, studyId: string): Promise<WorkOfStudy> =>
  workOfJobs(db, await jobsWithSpecOf(db, studyId));

/** The same of a study that is not started. */
export async function workOfRehearsed(db: Db, { fresh, there }: RehearsedStudy): Promise<WorkOfStudy> {
  const { work, done } = await workOfJobs(db, there);
  return { work: [...work, ...fresh], done };
}

async function workOfJobs(db: Db, jobs: readonly JobWithSpec[]): Promise<WorkOfStudy> {
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
