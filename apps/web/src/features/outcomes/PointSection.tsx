import { Skeleton } from '@mantine/core';
import type { OutcomeKind, SweepCurve } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';
import { useLiveQuery } from '../../graphql/useLiveQuery';
import { links } from '../../lib/links';
import { outcomeKinds } from '../../lib/outcomeKinds';
import { transformValue } from '../../lib/transformValue';
import { Columns } from '../../ui/Columns';
import { LoadError } from '../../ui/LoadError';
import { Panel } from '../../ui/Panel';
import { UnknownId } from '../../ui/UnknownId';
import { useAddress } from '../../ui/useAddress';
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

/** One point of a sweep: its numbers, and the samples behind them. */
export function PointSection({
  pointId,
  transform,
}: {
  pointId: string;
  transform: SweepCurve['transform'];
}) {
  const { get } = useAddress();
  const { data, error, retry } = useLiveQuery(PointQuery, { id: pointId });
  if (!data?.node && error) return <LoadError error={error} retry={retry} part />;
  if (!data) return <Skeleton height={320} />;
  if (data.node?.__typename !== 'Point') return <UnknownId what="point" part />;
  const point = data.node;
  const kind = asKind(get('kind'));
  const at = transformValue(point.value, transform.unit);
  return (
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
  );
}

const asKind = (word: string | null): OutcomeKind | null =>
  word !== null && word in outcomeKinds ? (word as OutcomeKind) : null;
