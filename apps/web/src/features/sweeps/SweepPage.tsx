'use client';

import { useState } from 'react';
import { ValueStrip } from '../../controls/ValueStrip';
import { moment } from '../../format/moment';
import { CurveFields, JobFields, type Point, type SweepCurve } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { statuses } from '../../lib/statuses';
import { lowestPoint, samplesOf, samplesText, targets } from '../../lib/sweep';
import { InternalLink } from '../../ui/InternalLink';
import { idOf, livePage } from '../../ui/livePage';
import { PageHead } from '../../ui/PageHead';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { StatusMark } from '../../ui/StatusMark';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { JobList } from '../jobs/JobList';
import { PointSection } from '../outcomes/PointSection';
import { RobustnessFigure } from './RobustnessFigure';
import { RobustnessLegend } from './RobustnessLegend';
import { sweepsSource } from './sweepsSource';
import { useSweepPoints } from './useSweepPoints';

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

export const SweepPage = livePage(SweepQuery, idOf, ({ data: { node } }) =>
  node?.__typename === 'Sweep' ? <SweepView key={node.id} sweep={node} /> : <UnknownId what="sweep" />,
);

function SweepView({ sweep }: { sweep: Sweep }) {
  const { get, change } = useAddress();
  const points = useSweepPoints(sweep);
  const { model, transform, target, status, job, seed, createdAt } = sweep;
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
          samplesText(sweep, ' samples a point'),
          `seed ${seed}`,
          moment(createdAt),
        ]}
      />
      <Stack>
        {job && job.status !== 'SUCCEEDED' && <JobList jobs={[job]} />}
        <Panel
          title="When the backdoor fires"
          source={sweepsSource(`${title}: ${model.name}`, [{ sweep, points }])}
          aside={<RobustnessLegend samples={samplesOf(sweep)} benign={model.benign !== null} />}
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

interface SweepFigureProps {
  sweep: SweepCurve;
  points: readonly Point[];
  selectedId: string | undefined;
  onSelect: (pointId: string) => void;
}

/** The curve of a sweep, large, with a strip of its values to step through. */
function SweepFigure({ sweep, points, selectedId, onSelect }: SweepFigureProps) {
  const [hovered, setHovered] = useState<number | null>(null);
  const { transform, status, values } = sweep;
  return (
    <>
      <RobustnessFigure
        label={`ASR over ${transform.valueName.toLowerCase()}: ${points.length} of ${values.length} points, ${statuses[status]}`}
        sweep={sweep}
        points={points}
        height={360}
        selectedId={selectedId}
        onSelect={onSelect}
        hovered={hovered}
        onHover={setHovered}
      />
      <ValueStrip
        values={values}
        unit={transform.unit}
        points={points}
        selectedId={selectedId}
        onSelect={onSelect}
        onHover={setHovered}
      />
    </>
  );
}
