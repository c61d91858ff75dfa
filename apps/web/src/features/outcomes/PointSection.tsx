import { Skeleton } from '@mantine/core';
import type { OutcomeKind, SweepCurve } from '../../graphql/fragments';
import { graphql, type ResultOf } from '../../graphql/graphql';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { transformValue } from '../../lib/sweep';
import { Columns } from '../../ui/Columns';
import { Live } from '../../ui/livePage';
import { Panel } from '../../ui/Panel';
import { Stack } from '../../ui/Stack';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
import { ExplainerComparison } from '../explanations/ExplainerComparison';
import { OutcomeBrowser } from './OutcomeBrowser';
import { PointStats, PointStatsFields, pointTable } from './PointStats';
import { OutcomesQuery, outcomesVariables } from './useOutcomes';

const PointQuery = graphql(
  `
  query PointSection($id: ID!) {
    node(id: $id) {
      __typename
      ... on Point {
        id
        value
        ...PointStatsFields
      }
    }
  }
`,
  [PointStatsFields],
);

type Point = Extract<ResultOf<typeof PointQuery>['node'], { __typename: 'Point' }>;

interface PointSectionProps {
  pointId: string;
  transform: SweepCurve['transform'];
}

/** One point of a sweep: its numbers, and the samples behind them. */
export function PointSection({ pointId, transform }: PointSectionProps) {
  return (
    <Live query={PointQuery} variables={{ id: pointId }} part={<Skeleton height={320} />}>
      {({ node }) =>
        node?.__typename === 'Point' ? (
          <PointView point={node} transform={transform} />
        ) : (
          <UnknownId what="point" part />
        )
      }
    </Live>
  );
}

function PointView({ point, transform }: { point: Point; transform: PointSectionProps['transform'] }) {
  const { get } = useAddress();
  const pointId = point.id;
  const kind = asKind(get('kind'));
  const at = transformValue(point.value, transform.unit);
  return (
    <Stack>
      {point.value !== transform.identity && <ExplainerComparison pointId={pointId} />}
      <Columns wide="right">
        <Panel
          title={`${transform.title} by ${at}`}
          source={{
            name: `point-${transform.id}-${point.value}`,
            query: PointQuery,
            variables: { id: pointId },
            table: () => pointTable(point),
          }}
        >
          <PointStats point={point} />
        </Panel>
        <Panel
          title={`The samples at ${at}`}
          source={{
            name: `samples-${transform.id}-${point.value}`,
            query: OutcomesQuery,
            variables: outcomesVariables(pointId, kind ?? 'TARGET', 'surest'),
            csv: links.outcomesOfPoint(pointId),
          }}
        >
          <OutcomeBrowser key={pointId} point={point} kind={kind} />
        </Panel>
      </Columns>
    </Stack>
  );
}

const asKind = (word: string | null): OutcomeKind | null =>
  word !== null && word in outcomeKinds ? (word as OutcomeKind) : null;
