'use client';

import dynamic from 'next/dynamic';
import { count, counted } from '../../format/count';
import { type Job, JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { Columns } from '../../ui/Columns';
import { Empty } from '../../ui/Empty';
import { InternalLink } from '../../ui/InternalLink';
import { livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { JobEta } from '../jobs/JobEta';
import { JobList } from '../jobs/JobList';
import type { JobsVariables } from '../jobs/jobsQuery';
import { jobsSource } from '../jobs/jobsSource';
import { ModelsTable } from '../models/ModelsTable';
import { ModelCellsFields } from '../models/modelColumns';
import { modelsSource } from '../models/modelsSource';
import { RunStudyMenu } from '../studies/RunStudyMenu';
import { StudiesTable, StudyRowFields } from '../studies/StudiesTable';
import { studiesSource } from '../studies/studiesSource';
import { FirstRun } from './FirstRun';

const OverviewQuery = graphql(
  `
  query Overview($jobs: Int!, $studies: Int!, $models: Int!) {
    server {
      runningJobs
      queuedJobs
    }
    running: jobs(first: 20, filter: { status: [RUNNING] }) {
      nodes {
        ...JobFields
      }
    }
    queue {
      ...JobFields
    }
    finished: jobs(first: $jobs, filter: { status: [SUCCEEDED] }, orderBy: { field: FINISHED_AT }) {
      totalCount
      nodes {
        ...JobFields
      }
    }
    failed: jobs(first: $jobs, filter: { status: [FAILED] }, orderBy: { field: FINISHED_AT }) {
      totalCount
      nodes {
        ...JobFields
      }
    }
    studies(first: $studies) {
      totalCount
      nodes {
        ...StudyRowFields
      }
    }
    models(first: $models) {
      totalCount
      nodes {
        ...ModelCellsFields
      }
    }
  }
`,
  [JobFields, StudyRowFields, ModelCellsFields],
);

/** How many of each are shown; their pages have the others. */
const SHOWN = { jobs: 6, studies: 4, models: 8 };

/** What the panels ask by themselves. */
const UNFINISHED: JobsVariables = { first: 20 + SHOWN.jobs, filter: { status: ['RUNNING', 'QUEUED'] } };
const finishedAs = (status: 'SUCCEEDED' | 'FAILED'): JobsVariables => ({
  first: SHOWN.jobs,
  filter: { status: [status] },
  orderBy: { field: 'FINISHED_AT' },
});

// Charts come only where something trains.
const TrainingPanel = dynamic(() =>
  import('../models/TrainingPanel').then(({ TrainingPanel }) => TrainingPanel),
);

export const OverviewPage = livePage(OverviewQuery, () => SHOWN, Overview);

function Overview({ data }: { data: ResultOf<typeof OverviewQuery> }) {
  const { server, studies, models, finished, failed } = data;
  const running = data.running.nodes;
  const queue = data.queue.slice(0, SHOWN.jobs);
  const nothing = [studies, models, finished, failed].every(({ totalCount }) => totalCount === 0);
  if (nothing && running.length + queue.length === 0) return <FirstRun />;
  return (
    <>
      <PageHead
        title="Overview"
        facts={[
          `${count(server.runningJobs)} running`,
          `${count(server.queuedJobs)} queued`,
          failed.totalCount > 0 && (
            <InternalLink key="failed" href={links.failedJobs}>
              {count(failed.totalCount)} failed
            </InternalLink>
          ),
        ].filter((fact) => fact !== false)}
        actions={<RunStudyMenu />}
      />
      <Stack>
        <Work running={running} queue={queue} queued={server.queuedJobs} />
        {studies.nodes.length > 0 && (
          <Panel
            title="Studies"
            bare
            source={studiesSource({ first: SHOWN.studies }, studies.nodes)}
            aside={
              <InternalLink href={links.studies}>
                {counted(studies.totalCount, 'study', 'studies')}
              </InternalLink>
            }
          >
            <StudiesTable studies={studies.nodes} />
          </Panel>
        )}
        <Panel
          title="Finished lately"
          bare
          source={jobsSource('jobs-finished', finishedAs('SUCCEEDED'), finished.nodes)}
          aside={<InternalLink href={links.jobs}>All jobs</InternalLink>}
        >
          {finished.nodes.length > 0 ? (
            <JobList jobs={finished.nodes} label="Jobs that finished lately" dated />
          ) : (
            <Empty>Nothing has finished yet.</Empty>
          )}
        </Panel>
        <Panel
          title="Failed"
          bare
          source={jobsSource('jobs-failed', finishedAs('FAILED'), failed.nodes)}
          aside={
            failed.totalCount > failed.nodes.length && (
              <InternalLink href={links.failedJobs}>All {count(failed.totalCount)} failed jobs</InternalLink>
            )
          }
        >
          {failed.nodes.length > 0 ? (
            <JobList jobs={failed.nodes} label="Jobs that failed" dated />
          ) : (
            <Empty>Nothing has failed.</Empty>
          )}
        </Panel>
        <Panel
          title="Models"
          bare
          source={modelsSource({ first: SHOWN.models }, models.nodes)}
          aside={<InternalLink href={links.models}>{counted(models.totalCount, 'model')}</InternalLink>}
        >
          {models.nodes.length > 0 ? <ModelsTable models={models.nodes} /> : <Empty>No model yet.</Empty>}
        </Panel>
      </Stack>
    </>
  );
}

interface WorkProps {
  running: readonly Job[];
  queue: readonly Job[];
  /** How many there are, shown or not. */
  queued: number;
}

/** What runs and waits, beside the training that runs. */
function Work({ running, queue, queued }: WorkProps) {
  const jobs = [...running, ...queue];
  const panel = (
    <Panel
      title="Running and queued"
      bare
      source={jobsSource('jobs-unfinished', UNFINISHED, jobs)}
      aside={
        queued > queue.length && (
          <InternalLink href={links.queuedJobs}>All {count(queued)} queued jobs</InternalLink>
        )
      }
    >
      {jobs.length > 0 ? (
        <JobList jobs={jobs} label="Jobs that run or wait" />
      ) : (
        <Empty>
          Nothing runs and nothing waits.{' '}
          <InternalLink href={links.new('implant')}>Implant a backdoor</InternalLink>, or run a study.
        </Empty>
      )}
    </Panel>
  );
  const training = running.find(({ kind, model }) => kind === 'model' && model);
  if (!training?.model) return panel;
  return (
    <Columns wide="left">
      {panel}
      <TrainingPanel
        key={training.id}
        title={training.title}
        aside={<JobEta jobId={training.id} />}
        modelId={training.model.id}
        jobId={training.id}
      />
    </Columns>
  );
}
