'use client';

import { moment } from '../../format/moment';
import { JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { targets } from '../../lib/targets';
import { Hydrated } from '../../ui/Hydrated';
import { InternalLink } from '../../ui/InternalLink';
import { LoadError } from '../../ui/LoadError';
import { PageHead } from '../../ui/PageHead';
import { PageSkeleton } from '../../ui/PageSkeleton';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { StatusMark } from '../../ui/StatusMark';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { JobActions } from './JobActions';
import { JobList } from './JobList';
import { JobLog, JobLogFields } from './JobLog';
import { timeWords } from './JobRow';
import { JobState } from './JobState';

const JobQuery = graphql(
  `
  query JobPage($id: ID!) {
    node(id: $id) {
      __typename
      ... on Job {
        ...JobFields
        ...JobLogFields
        priority
        waitsFor {
          ...JobFields
        }
        study {
          id
          name
        }
        sweep {
          target
          transform {
            title
          }
        }
      }
    }
  }
`,
  [JobFields, JobLogFields],
);
type Job = Extract<ResultOf<typeof JobQuery>['node'], { __typename: 'Job' }>;

export function JobPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <JobOfAddress />
    </Hydrated>
  );
}

function JobOfAddress() {
  const id = useAddress().get('id') ?? '';
  const { data, error, retry } = useLiveQuery(JobQuery, { id });
  if (!data?.node && error) return <LoadError error={error} retry={retry} />;
  if (!data) return <PageSkeleton />;
  if (data.node?.__typename !== 'Job') return <UnknownId what="job" />;
  return <JobView job={data.node} />;
}

/** One job: how far it is, what it is about, why it waits or failed, and what became of it so far. */
function JobView({ job }: { job: Job }) {
  const { title, status, priority, attempt, study, model, sweep, waitsFor, createdAt } = job;
  return (
    <>
      <PageHead
        title={title}
        mark={<StatusMark status={status} />}
        facts={[
          model && (
            <>
              model <InternalLink href={links.model(model.id)}>{model.name}</InternalLink>
            </>
          ),
          sweep && (
            <>
              sweep{' '}
              <InternalLink href={links.sweep(sweep.id)}>
                {sweep.transform.title} of the {targets[sweep.target]}
              </InternalLink>
            </>
          ),
          study && (
            <>
              study <InternalLink href={links.study(study.id)}>{study.name}</InternalLink>
            </>
          ),
          job.createdBy && job.createdBy.name !== job.createdBy.id && `asked for by ${job.createdBy.name}`,
          `queued ${moment(createdAt)}`,
          job.finishedAt && `${status === 'SUCCEEDED' ? 'done' : 'ended'} ${moment(job.finishedAt)}`,
          status === 'SUCCEEDED' && timeWords(job, null),
          attempt > 1 && `${attempt} attempts`,
          priority !== 'NORMAL' && `priority ${priority.toLowerCase()}`,
        ].filter((fact) => fact !== null && fact !== false)}
        actions={<JobActions key={status} job={job} worded />}
      />
      <Stack>
        <JobState job={job} />
        {waitsFor.length > 0 && (
          <Panel
            title="Waits for"
            bare
            source={{ name: 'waits-for', query: JobQuery, variables: { id: job.id } }}
          >
            <JobList jobs={waitsFor} label="Jobs that it waits for" />
          </Panel>
        )}
        <JobLog job={job} />
      </Stack>
    </>
  );
}
