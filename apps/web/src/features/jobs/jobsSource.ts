import type { PanelSource } from '../../export/panelSource';
import { type Column, tableOf } from '../../export/table';
import { secondsBetween } from '../../format/duration';
import type { Job } from '../../graphql/fragments';
import { statuses } from '../../lib/statuses';
import { JobsQuery, type JobsVariables } from './jobsQuery';

const columns: readonly Column<Job>[] = [
  { title: 'job', value: ({ title }) => title },
  { title: 'model', value: ({ model }) => model?.name ?? null },
  { title: 'state', value: ({ status }) => statuses[status] },
  { title: 'attempt', value: ({ attempt }) => attempt },
  { title: 'done', value: ({ progress }) => progress?.done ?? null },
  { title: 'of', value: ({ progress }) => progress?.total ?? null },
  { title: 'unit', value: ({ progress }) => progress?.unit ?? null },
  { title: 'asked for', value: ({ createdAt }) => createdAt },
  { title: 'by', value: ({ createdBy }) => createdBy?.name ?? null },
  { title: 'started', value: ({ startedAt }) => startedAt },
  { title: 'finished', value: ({ finishedAt }) => finishedAt },
  {
    title: 'took (s)',
    value: ({ startedAt, finishedAt }) =>
      startedAt && finishedAt ? secondsBetween(startedAt, finishedAt) : null,
  },
  { title: 'error', value: ({ error }) => error?.message ?? null },
];

/** Where some jobs came from, one a line; nothing where there are none. */
export const jobsSource = (
  name: string,
  variables: JobsVariables,
  jobs: readonly Job[],
): PanelSource | undefined =>
  jobs.length === 0 ? undefined : { name, query: JobsQuery, variables, table: () => tableOf(jobs, columns) };
