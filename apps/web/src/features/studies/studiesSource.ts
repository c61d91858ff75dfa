import type { PanelSource } from '../../export/panelSource';
import { type Column, tableOf } from '../../export/table';
import { secondsBetween } from '../../format/duration';
import type { VariablesOf } from '../../graphql/graphql';
import { statuses } from '../../lib/statuses';
import { StudiesQuery, type StudyOfRow } from './StudiesTable';

const columns: readonly Column<StudyOfRow>[] = [
  { title: 'study', value: ({ name }) => name },
  { title: 'preset', value: ({ preset }) => preset.title },
  { title: 'seed', value: ({ seed }) => seed },
  { title: 'jobs', value: ({ jobs }) => jobs.length },
  { title: 'done', value: ({ jobs }) => jobs.filter(({ status }) => status === 'SUCCEEDED').length },
  { title: 'state', value: ({ status }) => statuses[status] },
  { title: 'started', value: ({ createdAt }) => createdAt },
  {
    title: 'took (s)',
    value: ({ createdAt, finishedAt }) => (finishedAt ? secondsBetween(createdAt, finishedAt) : null),
  },
];

/** Where some studies came from, one a line. */
export const studiesSource = (
  variables: VariablesOf<typeof StudiesQuery>,
  studies: readonly StudyOfRow[],
): PanelSource => ({
  name: 'studies',
  query: StudiesQuery,
  variables,
  table: () => tableOf(studies, columns),
});
