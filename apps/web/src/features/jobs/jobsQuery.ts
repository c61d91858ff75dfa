import { JobFields } from '../../graphql/fragments';
import { graphql, type VariablesOf } from '../../graphql/graphql';

/** Jobs, newest first unless asked for otherwise. */
export const JobsQuery = graphql(
  `
  query Jobs($filter: JobFilter, $orderBy: JobOrder, $first: Int, $after: String) {
    jobs(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      totalCount
      nodes {
        ...JobFields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`,
  [JobFields],
);
export type JobsVariables = VariablesOf<typeof JobsQuery>;
