import type { CombinedError } from '@urql/core';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { type Outcome, OutcomeFields, type OutcomeKind } from '../../graphql/fragments';
import { graphql } from '../../graphql/graphql';

/** As many as the server gives at once. */
const PAGE_SIZE = 100;

export const OutcomesQuery = graphql(
  `
  query Outcomes(
    $pointId: ID!
    $kind: OutcomeKind
    $order: OutcomeOrderField!
    $direction: Direction!
    $first: Int!
    $after: String
  ) {
    node(id: $pointId) {
      ... on Point {
        outcomes(
          filter: { kind: $kind }
          orderBy: { field: $order, direction: $direction }
          first: $first
          after: $after
        ) {
          nodes {
            ...OutcomeFields
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
      }
    }
  }
`,
  [OutcomeFields],
);

/** The orders a grid can have. */
export const outcomeOrders = {
  surest: { title: 'Surest first', order: 'CONFIDENCE', direction: 'DESC' },
  least: { title: 'Least sure first', order: 'CONFIDENCE', direction: 'ASC' },
  drawn: { title: 'As drawn', order: 'DRAWN', direction: 'ASC' },
} as const;
export type OrderName = keyof typeof outcomeOrders;

export const outcomesVariables = (pointId: string, kind: OutcomeKind, order: OrderName) => {
  const { title: _, ...orderBy } = outcomeOrders[order];
  return { pointId, kind, ...orderBy, first: PAGE_SIZE };
};

interface Pages {
  outcomes: Outcome[];
  cursor: string | null;
  more: boolean;
}

/** The outcomes of one kind of a point, page by page. Key the caller by all three. */
export function useOutcomes(pointId: string, kind: OutcomeKind, order: OrderName) {
  const client = useClient();
  const [pages, setPages] = useState<Pages | null>(null);
  const [fetching, setFetching] = useState(false);
  const [error, setError] = useState<CombinedError>();
  const fetchAfter = useCallback(
    async (after: string | null) => {
      setFetching(true);
      const { data, error } = await client
        .query(
          OutcomesQuery,
          { ...outcomesVariables(pointId, kind, order), after },
          { requestPolicy: 'cache-first' },
        )
        .toPromise();
      setFetching(false);
      setError(error);
      if (!data?.node || !('outcomes' in data.node)) return;
      const { nodes, pageInfo } = data.node.outcomes;
      setPages((before) => {
        // Asked for twice, a page is shown once.
        if (after !== null && after !== before?.cursor) return before;
        return {
          outcomes: after === null ? nodes : [...(before?.outcomes ?? []), ...nodes],
          cursor: pageInfo.endCursor,
          more: pageInfo.hasNextPage,
        };
      });
    },
    [client, pointId, kind, order],
  );
  useEffect(() => {
    fetchAfter(null);
  }, [fetchAfter]);
  const cursor = pages?.cursor ?? null;
  const idle = pages?.more && !fetching && !error;
  const fetchMore = useCallback(() => {
    if (idle) fetchAfter(cursor);
  }, [idle, cursor, fetchAfter]);
  return { outcomes: pages?.outcomes, error, fetchMore, retry: () => fetchAfter(cursor) };
}
