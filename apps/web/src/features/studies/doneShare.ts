import type { JobStatus } from '../../graphql/fragments';

interface Doing {
  status: JobStatus;
  progress: { done: number; total: number } | null;
}

/** How much of some jobs is done, 0..1, each weighing the same. */
export function doneShare(jobs: readonly Doing[]): number {
  const shares = jobs.map(({ status, progress }) => {
    if (status === 'SUCCEEDED') return 1;
    return progress && progress.total > 0 ? progress.done / progress.total : 0;
  });
  return shares.reduce((sum, share) => sum + share, 0) / Math.max(1, jobs.length);
}
