'use client';

import { Hydrated } from '../../components/Hydrated';
import { JobList } from '../../components/JobList';
import { JobStatusFilter } from '../../components/JobStatusFilter';
import { LoadError } from '../../components/LoadError';
import { Notice } from '../../components/Notice';
import { PageHead } from '../../components/PageHead';
import { PageLink } from '../../components/PageLink';
import { Pager } from '../../components/Pager';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Stack } from '../../components/Stack';
import { useAddress } from '../../components/useAddress';
import { counted } from '../../format/count';
import { JobFields, type JobStatus } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { statuses } from '../../words/statuses';

const JobsQuery = graphql(
  `
  query Jobs($filter: JobFilter, $first: Int!, $after: String) {
    jobs(filter: $filter, first: $first, after: $after) {
      totalCount
      nodes {
        ...JobFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`,
  [JobFields],
);

const PAGE_SIZE = 50;

export default function JobsPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Jobs />
    </Hydrated>
  );
}

function Jobs() {
  const { get, change } = useAddress();
  const status = asStatus(get('status'));
  const after = get('after');
  const { data, error, retry } = useLiveQuery(JobsQuery, {
    filter: status && { status: [status] },
    first: PAGE_SIZE,
    after,
  });
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { nodes, pageInfo, totalCount } = data.jobs;
  return (
    <>
      <PageHead
        title="Jobs"
        facts={[`${counted(totalCount, 'job')}${status ? ` ${statuses[status]}` : ''}`]}
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
