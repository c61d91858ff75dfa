'use client';

import { RobustnessLegend } from '../../charts/RobustnessLegend';
import { AttackFacts, AttackFactsFields } from '../../components/AttackFacts';
import { Columns } from '../../components/Columns';
import { Curation, CurationFields } from '../../components/Curation';
import { CurveGrid } from '../../components/CurveGrid';
import { Hydrated } from '../../components/Hydrated';
import { InternalLink } from '../../components/InternalLink';
import { JobList } from '../../components/JobList';
import { LoadError } from '../../components/LoadError';
import { ModelCard, ModelCardFields } from '../../components/ModelCard';
import { ModelTraining } from '../../components/ModelTraining';
import { PageHead } from '../../components/PageHead';
import { PageLink } from '../../components/PageLink';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Panel } from '../../components/Panel';
import { ProvenanceFacts, ProvenanceFactsFields } from '../../components/ProvenanceFacts';
import { Stack } from '../../components/Stack';
import { StatusMark } from '../../components/StatusMark';
import { SweepsTable, SweepsTableFields } from '../../components/SweepsTable';
import { TriggerSteps, TriggerStepsFields } from '../../components/TriggerSteps';
import { UnknownId } from '../../components/UnknownId';
import { useAddress } from '../../components/useAddress';
import { moment } from '../../format/moment';
import { SweepForm } from '../../forms/SweepForm';
import { CurveFields, JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../words/links';
import { isUnfinished } from '../../words/statuses';

const ModelQuery = graphql(
  `
  query ModelPage($id: ID!) {
    catalog {
      transforms {
        id
      }
    }
    node(id: $id) {
      __typename
      ... on Model {
        id
        name
        kind
        status
        createdAt
        dataset {
          title
        }
        architecture {
          title
        }
        benign {
          id
          name
        }
        job {
          ...JobFields
        }
        ...ModelCardFields
        ...AttackFactsFields
        ...ProvenanceFactsFields
        ...TriggerStepsFields
        ...CurationFields
        curves {
          sweep {
            ...CurveFields
          }
        }
        sweeps(first: 50) {
          totalCount
          nodes {
            ...SweepsTableFields
          }
        }
      }
    }
  }
`,
  [
    JobFields,
    ModelCardFields,
    AttackFactsFields,
    ProvenanceFactsFields,
    TriggerStepsFields,
    CurationFields,
    CurveFields,
    SweepsTableFields,
  ],
);
type Model = Extract<ResultOf<typeof ModelQuery>['node'], { __typename: 'Model' }>;

export default function ModelPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <ModelOfAddress />
    </Hydrated>
  );
}

function ModelOfAddress() {
  const id = useAddress().get('id') ?? '';
  const { data, error, retry } = useLiveQuery(ModelQuery, { id });
  if (!data?.node && error) return <LoadError error={error} retry={retry} />;
  if (!data) return <PageSkeleton />;
  if (data.node?.__typename !== 'Model') return <UnknownId what="model" />;
  return <ModelView key={id} model={data.node} transforms={data.catalog.transforms.map(({ id }) => id)} />;
}

function ModelView({ model, transforms }: { model: Model; transforms: readonly string[] }) {
  const { id, name, kind, status, job, dataset, architecture, benign, attack, curves, sweeps, createdAt } =
    model;
  const trojaned = kind === 'TROJANED';
  return (
    <>
      <PageHead
        title={name}
        mark={<StatusMark status={status} />}
        facts={[
          trojaned ? 'trojaned model' : 'benign model',
          `${architecture.title} on ${dataset.title}`,
          benign && (
            <>
              compared to <InternalLink href={links.model(benign.id)}>{benign.name}</InternalLink>
            </>
          ),
          moment(createdAt),
        ].filter((fact) => fact !== null)}
        actions={<PageLink href={links.new(trojaned ? 'implant' : 'train', id)}>Clone and edit</PageLink>}
      />
      <Stack>
        {job && job.status !== 'SUCCEEDED' && <JobList jobs={[job]} />}
        <Columns>
          <Panel title="How well it works">
            <ModelCard model={model} named={false} />
          </Panel>
          <Panel title="Training">
            <ModelTraining modelId={id} jobId={job && isUnfinished(job.status) ? job.id : null} />
          </Panel>
        </Columns>
        {model.triggerSteps.length > 0 && (
          <Panel title="How the trigger came to be">
            <TriggerSteps model={model} />
          </Panel>
        )}
        {curves.length > 0 && (
          <Panel title="When the backdoor fires" bare aside={<RobustnessLegend samples={null} />}>
            <CurveGrid sweeps={curves.map(({ sweep }) => sweep)} order={transforms} />
          </Panel>
        )}
        {trojaned && (
          <Columns wide="left">
            <Panel title="Sweeps" bare aside={`${sweeps.totalCount} in all`}>
              <SweepsTable sweeps={sweeps.nodes} />
            </Panel>
            <Panel title="Run another sweep">
              <SweepForm modelId={id} triggerRefusal={attack?.triggerRefusal ?? null} />
            </Panel>
          </Columns>
        )}
        <Columns>
          {attack && (
            <Panel title={`Attack: ${attack.title}`}>
              <AttackFacts model={model} />
            </Panel>
          )}
          <Panel title="Provenance">
            <ProvenanceFacts model={model} />
          </Panel>
        </Columns>
        <Curation key={id} item={model} what="model" />
      </Stack>
    </>
  );
}
