import { setTimeout } from 'node:timers/promises';
import { retryLooking } from '../jobs/retryLooking.js';
import type { JobQueue } from '../queue/jobQueue.js';
import { needsOfJobs } from '../store/batches.js';
import type { Db } from '../store/database.js';
import type { Job } from '../store/jobs.js';
import { jobsOfStudy } from '../store/studies.js';

/** How far a study is. */
export interface StudyProgress {
  done: number;
  total: number;
  /** What runs now. */
  current: Pick<Job, 'title' | 'stage' | 'done' | 'total' | 'unit'> | null;
  etaSeconds: number | null;
}

const LOOK_MS = 300;
const STANDING = ['QUEUED', 'RUNNING'];

/**
 * Runs a study to its end in this process's own worker; jobs of it that failed or were cancelled are tried again. The data
 * folder must be this process's.
 * @param expected seconds of each job, by its id: what time is left is told by them and by how they turn out
 * @returns its jobs as they ended; some still queued where the signal ended it, or where what they wait for failed
 */
export async function runStudy(
  db: Db,
  startQueue: () => Promise<JobQueue>,
  studyId: string,
  expected: ReadonlyMap<string, number>,
  tell: (progress: StudyProgress) => void,
  signal: AbortSignal,
): Promise<Job[]> {
  for (const { id, status } of await jobsOfStudy(db, studyId))
    if (!STANDING.includes(status) && status !== 'SUCCEEDED') await retryLooking(db, id);
  const queue = await startQueue();
  const started = performance.now();
  const before = new Set(
    (await jobsOfStudy(db, studyId)).flatMap(({ id, status }) => (status === 'SUCCEEDED' ? id : [])),
  );
  try {
    for (;;) {
      const jobs = await jobsOfStudy(db, studyId);
      const done = jobs.filter(({ status }) => status === 'SUCCEEDED');
      const current = jobs.find(({ status }) => status === 'RUNNING') ?? null;
      const seconds = (list: readonly Job[]) =>
        list.reduce((sum, { id }) => sum + (expected.get(id) ?? 0), 0);
      const part = current && current.total > 0 ? (current.done / current.total) * seconds([current]) : 0;
      const ran = seconds(done.filter(({ id }) => !before.has(id))) + part;
      const left = seconds(jobs.filter(({ status }) => STANDING.includes(status))) - part;
      // As the work so far turned out against what was expected, once there is some.
      const elapsed = (performance.now() - started) / 1000;
      const pace = ran > 30 ? elapsed / ran : 1;
      tell({ done: done.length, total: jobs.length, current, etaSeconds: left * pace });
      if (signal.aborted || !(await canGoOn(db, jobs))) return jobs;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    await queue.close();
  }
}

/** Whether something of it runs, or waits for nothing that failed, itself or through what it waits for. */
async function canGoOn(db: Db, jobs: readonly Job[]): Promise<boolean> {
  const standing = jobs.filter(({ status }) => STANDING.includes(status)).map(({ id }) => id);
  if (standing.length === 0) return false;
  const needs = await needsOfJobs(db, standing);
  const stuck = new Set<string>();
  for (let before = -1; before < stuck.size; ) {
    before = stuck.size;
    for (const { id, needed_by, status } of needs)
      if (status === 'FAILED' || status === 'CANCELLED' || stuck.has(id)) stuck.add(needed_by);
  }
  return standing.some((id) => !stuck.has(id));
}
