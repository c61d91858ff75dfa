import type { JobStatus } from '../graphql/fragments';

export const statuses: Record<JobStatus, string> = {
  QUEUED: 'queued',
  RUNNING: 'running',
  SUCCEEDED: 'done',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
};

export const isUnfinished = (status: JobStatus) => status === 'QUEUED' || status === 'RUNNING';
