'use client';

import { counted } from '../../format/count';
import type { JobStatus } from '../../graphql/fragments';
import type { ResultOf, VariablesOf } from '../../graphql/graphql';
import { statuses } from '../../lib/statuses';
import { livePage } from '../../ui/livePage';
import { Notice } from '../../ui/Notice';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { PanelExport } from '../../ui/PanelExport';
import { Stack } from '../../ui/Stack';
import { useAddress } from '../../ui/useAddress';
import { JobList } from './JobList';
import { JobStatusFilter } from './JobStatusFilter';
import { JobsQuery } from './jobsQuery';
import { jobsSource } from './jobsSource';
import { Pager } from './Pager';

const PAGE_SIZE = 50;

export const JobsPage = livePage(
  JobsQuery,
  (get) => {
    const status = asStatus(get('status'));
    return { filter: status && { status: [status] }, first: PAGE_SIZE, after: get('after') };
  },
  Jobs,
);

interface JobsProps {
  data: ResultOf<typeof JobsQuery>;
  variables: VariablesOf<typeof JobsQuery>;
}

function Jobs({ data, variables }: JobsProps) {
  const { get, change } = useAddress();
  const status = asStatus(get('status'));
  const after = get('after');
  const { nodes, pageInfo, totalCount } = data.jobs;
  const source = jobsSource('jobs', variables, nodes);
  return (
    <>
      <PageHead
        title="Jobs"
        facts={[`${counted(totalCount, 'job')}${status ? ` ${statuses[status]}` : ''}`]}
        actions={source && <PanelExport source={source} />}
      />
      <Stack>
        <JobStatusFilter status={status} onChange={(next) => change({ status: next, after: null })} />
        {nodes.length > 0 ? (
          <JobList jobs={nodes} dated />
        ) : (
          <Notice
            part
            title={status ? `No job is ${statuses[status]}` : 'No jobs yet'}
            action={<PageLink href="/">Go to the overview</PageLink>}
          >
            Trainings, sweeps and explanations show up here as soon as they are asked for.
          </Notice>
        )}
        {(pageInfo.hasNextPage || after) && (
          <Pager
            first={after === null}
            last={!pageInfo.hasNextPage}
            onFirst={() => change({ after: null })}
            onNext={() => change({ after: pageInfo.endCursor })}
          />
        )}
      </Stack>
    </>
  );
}

const asStatus = (word: string | null): JobStatus | null =>
  word !== null && word in statuses ? (word as JobStatus) : null;
