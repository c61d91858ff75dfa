'use client';

import { RobustnessLegend } from '../../charts/RobustnessLegend';
import { Hydrated } from '../../components/Hydrated';
import { InternalLink } from '../../components/InternalLink';
import { JobList } from '../../components/JobList';
import { LoadError } from '../../components/LoadError';
import { PageHead } from '../../components/PageHead';
import { PageSkeleton } from '../../components/PageSkeleton';
import { Panel } from '../../components/Panel';
import { PointSection } from '../../components/PointSection';
import { Stack } from '../../components/Stack';
import { StatusMark } from '../../components/StatusMark';
import { SweepFigure } from '../../components/SweepFigure';
import { UnknownId } from '../../components/UnknownId';
import { useAddress } from '../../components/useAddress';
import { sweepsSource } from '../../export/sweeps';
import { count } from '../../format/count';
import { moment } from '../../format/moment';
import { CurveFields, JobFields } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { useSweepPoints } from '../../graphql/useSweepPoints';
import { links } from '../../words/links';
import { lowestPoint } from '../../words/lowestPoint';
import { targets } from '../../words/targets';

const SweepQuery = graphql(
  `
  query SweepPage($id: ID!) {
    node(id: $id) {
      __typename
      ... on Sweep {
        ...CurveFields
        seed
        createdAt
        job {
          ...JobFields
        }
      }
    }
  }
`,
  [CurveFields, JobFields],
);
type Sweep = Extract<ResultOf<typeof SweepQuery>['node'], { __typename: 'Sweep' }>;

export default function SweepPage() {
  return (
    <Hydrated fallback={<PageSkeleton />}>
      <SweepOfAddress />
    </Hydrated>
  );
}

function SweepOfAddress() {
  const id = useAddress().get('id') ?? '';
  const { data, error, retry } = useLiveQuery(SweepQuery, { id });
  if (!data?.node && error) return <LoadError error={error} retry={retry} />;
  if (!data) return <PageSkeleton />;
  if (data.node?.__typename !== 'Sweep') return <UnknownId what="sweep" />;
  return <SweepView key={id} sweep={data.node} />;
}

function SweepView({ sweep }: { sweep: Sweep }) {
  const { get, change } = useAddress();
  const points = useSweepPoints(sweep);
  const { model, transform, target, status, job, samples, seed, createdAt } = sweep;
  // A finished sweep opens where there is most to see: where the backdoor fires least.
  const pointId = get('point') ?? (status === 'SUCCEEDED' ? lowestPoint(points)?.id : undefined);
  const title = `${transform.title} of the ${targets[target]}`;
  return (
    <>
      <PageHead
        title={title}
        mark={<StatusMark status={status} />}
        facts={[
          <InternalLink key="model" href={links.model(model.id)}>
            {model.name}
          </InternalLink>,
          `${count(samples)} samples a point`,
          `seed ${seed}`,
          moment(createdAt),
        ]}
      />
      <Stack>
        {job && job.status !== 'SUCCEEDED' && <JobList jobs={[job]} />}
        <Panel
          title="When the backdoor fires"
          source={sweepsSource(`${title}: ${model.name}`, [{ sweep, points }])}
          aside={<RobustnessLegend samples={samples} />}
        >
          <SweepFigure
            sweep={sweep}
            points={points}
            selectedId={pointId}
            onSelect={(point) => change({ point, outcome: null })}
          />
        </Panel>
        {pointId && <PointSection key={pointId} pointId={pointId} transform={transform} />}
      </Stack>
    </>
  );
}
