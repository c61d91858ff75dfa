'use client';

import { Button, Group, Tooltip } from '@mantine/core';
import { rateAcross } from '../../export/rates';
import { type Column, tableOf } from '../../export/table';
import { moment } from '../../format/moment';
import { CurveFields, JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { isUnfinished } from '../../lib/statuses';
import { Columns } from '../../ui/Columns';
import { InternalLink } from '../../ui/InternalLink';
import { idOf, livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { PageLink } from '../../ui/PageLink';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { StatusMark } from '../../ui/StatusMark';
import { UnknownId } from '../../ui/UnknownId';
import { Curation, CurationFields } from '../curation/Curation';
import { multiplesOf, useBoardSource } from '../curves/CurvesBoard';
import { OverlaidCurveFields } from '../curves/curves';
import { overlayOf } from '../curves/overlay';
import { JobList } from '../jobs/JobList';
import { CurveGrid } from '../sweeps/CurveGrid';
import { RobustnessLegend } from '../sweeps/RobustnessLegend';
import { SweepForm } from '../sweeps/SweepForm';
import { SweepsTable, SweepsTableFields } from '../sweeps/SweepsTable';
import { sweepListSource } from '../sweeps/sweepsSource';
import { AttackFacts, AttackFactsFields } from './AttackFacts';
import { ModelCard, ModelCardFields } from './ModelCard';
import { NetworkFacts, NetworkFactsFields } from './NetworkFacts';
import { ProvenanceFacts, ProvenanceFactsFields } from './ProvenanceFacts';
import { TrainingPanel } from './TrainingPanel';
import { TriggerPictures, TriggerPicturesFields, triggerSheet } from './TriggerPictures';
import { TriggerSteps, TriggerStepsFields, triggerStepsSheet } from './TriggerSteps';
import { Warnings } from './Warnings';

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
        warnings
        dataset {
          title
        }
        architecture {
          id
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
        ...NetworkFactsFields
        ...TriggerStepsFields
        ...TriggerPicturesFields
        ...CurationFields
        curves {
          ...OverlaidCurveFields
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
    NetworkFactsFields,
    TriggerStepsFields,
    TriggerPicturesFields,
    CurationFields,
    CurveFields,
    OverlaidCurveFields,
    SweepsTableFields,
  ],
);

/** One part of the page each, for callers that need only that. */
const ModelCardQuery = graphql(
  `
  query Table2Row($id: ID!) {
    node(id: $id) {
      ...ModelCardFields
    }
  }
`,
  [ModelCardFields],
);
const TriggerQuery = graphql(
  `
  query Trigger($id: ID!) {
    node(id: $id) {
      ...TriggerPicturesFields
      ...TriggerStepsFields
    }
  }
`,
  [TriggerPicturesFields, TriggerStepsFields],
);
const AttackQuery = graphql(
  `
  query Attack($id: ID!) {
    node(id: $id) {
      ...AttackFactsFields
    }
  }
`,
  [AttackFactsFields],
);
const ProvenanceQuery = graphql(
  `
  query Provenance($id: ID!) {
    node(id: $id) {
      ...ProvenanceFactsFields
    }
  }
`,
  [ProvenanceFactsFields],
);
const NetworkQuery = graphql(
  `
  query Network($id: ID!) {
    node(id: $id) {
      ...NetworkFactsFields
    }
  }
`,
  [NetworkFactsFields],
);

type Model = Extract<ResultOf<typeof ModelQuery>['node'], { __typename: 'Model' }>;

/** A line of the paper's Table 2. */
const table2: readonly Column<Model>[] = [
  { title: 'data set', value: ({ dataset }) => dataset.title },
  { title: 'network', value: ({ architecture }) => architecture.title },
  { title: 'attack', value: ({ attack }) => attack?.title ?? 'none' },
  ...rateAcross<Model>('clean accuracy', ({ cleanAccuracy }) => cleanAccuracy),
  ...rateAcross<Model>('clean accuracy, benign model', ({ benign }) => benign?.cleanAccuracy ?? null),
  ...rateAcross<Model>('ASR', ({ asr }) => asr),
];

export const ModelPage = livePage(ModelQuery, idOf, ({ data: { node, catalog } }) =>
  node?.__typename === 'Model' ? (
    <ModelView key={node.id} model={node} transforms={catalog.transforms.map(({ id }) => id)} />
  ) : (
    <UnknownId what="model" />
  ),
);

function ModelView({ model, transforms }: { model: Model; transforms: readonly string[] }) {
  const { id, name, kind, status, job, dataset, architecture, benign, attack, curves, sweeps, createdAt } =
    model;
  const { warnings } = model;
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
          trojaned && !benign ? 'compared to no benign model' : null,
          moment(createdAt),
        ].filter((fact) => fact !== null)}
        actions={
          <ModelLinks id={id} kind={kind} ready={status === 'SUCCEEDED'} ours={architecture.id !== 'onnx'} />
        }
      />
      <Stack>
        {job && job.status !== 'SUCCEEDED' && <JobList jobs={[job]} />}
        {warnings.length > 0 && <Warnings warnings={warnings} />}
        <Columns>
          <Panel
            title="How well it works"
            source={{
              name: 'table-2',
              query: ModelCardQuery,
              variables: { id },
              table: () => tableOf([model], table2),
            }}
          >
            <ModelCard model={model} named={false} />
          </Panel>
          {architecture.id === 'onnx' ? (
            <Panel title="Network" source={{ name: 'network', query: NetworkQuery, variables: { id } }}>
              <NetworkFacts model={model} />
            </Panel>
          ) : (
            <TrainingPanel
              title="Training"
              modelId={id}
              jobId={job && isUnfinished(job.status) ? job.id : null}
            />
          )}
        </Columns>
        <Attack model={model} />
        {curves.length > 0 && <Curves model={model} transforms={transforms} />}
        {trojaned && (
          <Columns wide="left">
            <Panel
              title="Sweeps"
              bare
              aside={`${sweeps.totalCount} in all`}
              source={sweepListSource(id, sweeps.nodes)}
            >
              <SweepsTable sweeps={sweeps.nodes} />
            </Panel>
            <Panel title={sweeps.totalCount > 0 ? 'Run another sweep' : 'Run a sweep'}>
              <SweepForm modelId={id} triggerRefusal={attack?.triggerRefusal ?? null} />
            </Panel>
          </Columns>
        )}
        <Columns>
          <Panel
            title="Provenance"
            source={{ name: 'provenance', query: ProvenanceQuery, variables: { id } }}
          >
            <ProvenanceFacts model={model} />
          </Panel>
          <Curation key={id} item={model} what="model" />
        </Columns>
      </Stack>
    </>
  );
}

/** Its attack, its trigger, and how that came to be where it was made step by step. */
function Attack({ model }: { model: Model }) {
  const { id, name, attack } = model;
  return (
    <>
      {attack && (
        <Columns>
          {model.trigger && (
            <Panel
              title="Trigger"
              source={{
                name: 'trigger',
                query: TriggerQuery,
                variables: { id },
                picture: () => triggerSheet(name, model.trigger!),
              }}
            >
              <TriggerPictures trigger={model.trigger} />
            </Panel>
          )}
          <Panel
            title={`Attack: ${attack.title}`}
            source={{ name: 'attack', query: AttackQuery, variables: { id } }}
          >
            <AttackFacts model={model} />
          </Panel>
        </Columns>
      )}
      {model.triggerSteps.length > 0 && (
        <Panel
          title="How the trigger came to be"
          source={{
            name: 'trigger-steps',
            query: TriggerQuery,
            variables: { id },
            picture: () => triggerStepsSheet(name, model),
          }}
        >
          <TriggerSteps model={model} />
        </Panel>
      )}
    </>
  );
}

function Curves({ model, transforms }: { model: Model; transforms: readonly string[] }) {
  const { id, name, curves } = model;
  const overlay = overlayOf([id], [model], []);
  const curvesSource = useBoardSource(
    `ASR under transforms: ${name}`,
    multiplesOf(curves, transforms, overlay.styles, {
      measure: 'asr',
      bands: true,
      baselines: true,
      seedGroups: [],
    }),
    overlay,
  );
  return (
    <Panel
      title="When the backdoor fires"
      bare
      aside={
        <>
          <RobustnessLegend samples={null} benign={model.benign !== null} />
          <InternalLink href={links.curves([id])}>Overlay with other models</InternalLink>
        </>
      }
      source={curvesSource}
    >
      <CurveGrid sweeps={curves.map(({ sweep }) => sweep)} order={transforms} />
    </Panel>
  );
}

/** What else can be done with a model; looked at and taken away once it is trained. */
function ModelLinks({
  id,
  kind,
  ready,
  ours,
}: {
  id: string;
  kind: Model['kind'];
  ready: boolean;
  /** Else it came as a network from elsewhere, of which nothing here makes another. */
  ours: boolean;
}) {
  return (
    <Group gap={8}>
      {ready && (
        <>
          <PageLink href={links.probe({ model: id })}>Probe</PageLink>
          {kind === 'TROJANED' && <PageLink href={links.defences({ model: id })}>Defences</PageLink>}
          <Tooltip label="The model as a bundle: weights, trigger and record, for another server or PyTorch">
            <Button component="a" variant="default" href={links.bundle(id)} download>
              Export
            </Button>
          </Tooltip>
        </>
      )}
      {ours && (
        <PageLink href={links.new(kind === 'TROJANED' ? 'implant' : 'train', id)}>Clone and edit</PageLink>
      )}
    </Group>
  );
}
