'use client';

import { Empty } from '../components/Empty';
import { FirstRun } from '../components/FirstRun';
import { Hydrated } from '../components/Hydrated';
import { InternalLink } from '../components/InternalLink';
import { JobList } from '../components/JobList';
import { LoadError } from '../components/LoadError';
import { ModelsTable, ModelsTableFields } from '../components/ModelsTable';
import { PageHead } from '../components/PageHead';
import { PageSkeleton } from '../components/PageSkeleton';
import { Panel } from '../components/Panel';
import { RunStudyMenu } from '../components/RunStudyMenu';
import { Stack } from '../components/Stack';
import { StudyFields, StudySection } from '../components/StudySection';
import { JobFields } from '../graphql/fragments';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/useLiveQuery';
import { links } from '../words/links';

const OverviewQuery = graphql(
  `
  query Overview {
    studies(first: 1) {
      nodes {
        ...StudyFields
      }
    }
    models(first: 20) {
      totalCount
      nodes {
        ...ModelsTableFields
      }
    }
    jobs(first: 20) {
      totalCount
      nodes {
        ...JobFields
        study {
          id
        }
      }
    }
  }
`,
  [StudyFields, ModelsTableFields, JobFields],
);

export default function OverviewPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <Overview />
    </Hydrated>
  );
}

function Overview() {
  const { data, error, retry } = useLiveQuery(OverviewQuery, {});
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const [study] = data.studies.nodes;
  const { models, jobs } = data;
  if (!study && models.totalCount === 0) return <FirstRun />;
  const others = jobs.nodes.filter((job) => job.study === null || job.study.id !== study?.id).slice(0, 8);
  return (
    <Stack>
      {study ? (
        <StudySection key={study.id} study={study} actions={<RunStudyMenu />} />
      ) : (
        <PageHead title="Overview" actions={<RunStudyMenu />} />
      )}
      <Panel title="Models" bare aside={`${models.totalCount} in all`}>
        <ModelsTable models={models.nodes} />
      </Panel>
      <Panel
        title={study ? 'Other recent jobs' : 'Recent jobs'}
        bare
        aside={<InternalLink href={links.jobs}>All {jobs.totalCount} jobs</InternalLink>}
      >
        {others.length > 0 ? (
          <JobList jobs={others} dated />
        ) : (
          <Empty>None beside those of the study above.</Empty>
        )}
      </Panel>
    </Stack>
  );
}
