'use client';

import { moment } from '../../format/moment';
import { JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { targets } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { idOf, livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { StatusMark } from '../../ui/StatusMark';
import { UnknownId } from '../../ui/UnknownId';
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

export const JobPage = livePage(JobQuery, idOf, ({ data: { node } }) =>
  node?.__typename === 'Job' ? <JobView job={node} /> : <UnknownId what="job" />,
);

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
