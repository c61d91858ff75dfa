import type { CombinedError } from '@urql/core';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { type Outcome, OutcomeFields, type OutcomeKind } from './fragments';
import { graphql } from './graphql';

/** Rows of a full grid at most widths, and quick to send. */
const PAGE_SIZE = 60;

const OutcomesQuery = graphql(
  `
  query Outcomes($pointId: ID!, $filter: OutcomeFilter, $first: Int!, $after: String) {
    node(id: $pointId) {
      ... on Point {
        outcomes(filter: $filter, first: $first, after: $after) {
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

interface Pages {
  outcomes: Outcome[];
  cursor: string | null;
  more: boolean;
}

/** The outcomes of a point, page by page. Key the caller by point and kind. */
export function useOutcomes(pointId: string, kind: OutcomeKind | null) {
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
          { pointId, filter: kind && { kind }, first: PAGE_SIZE, after },
          { requestPolicy: 'cache-first' },
        )
        .toPromise();
      setFetching(false);
      setError(error);
      if (!data?.node || !('outcomes' in data.node)) return;
      const { nodes, pageInfo } = data.node.outcomes;
      setPages((before) => ({
        outcomes: after === null ? nodes : [...(before?.outcomes ?? []), ...nodes],
        cursor: pageInfo.endCursor,
        more: pageInfo.hasNextPage,
      }));
    },
    [client, pointId, kind],
  );
  useEffect(() => {
    fetchAfter(null);
  }, [fetchAfter]);
  return {
    outcomes: pages?.outcomes,
    more: pages?.more ?? false,
    fetching,
    error,
    fetchMore: () => fetchAfter(pages?.cursor ?? null),
  };
}
