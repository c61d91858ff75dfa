import 'graphiql/graphiql.css';
import { useComputedColorScheme } from '@mantine/core';
import { GraphiQL } from 'graphiql';
import classes from './Explorer.module.css';
import { graphqlFetcher } from './graphqlFetcher';

const firstQuery = `# Every field is described: hover it, or open the documentation at the left.
{
  models(first: 10) {
    nodes {
      name
      kind
      asr { value numerator denominator low high }
      curves {
        transform { id }
        target
        points { value asr { value low high } benignAccuracy { value } }
      }
    }
  }
}
`;

/** GraphiQL on this server, subscriptions included. */
export function Explorer() {
  const scheme = useComputedColorScheme('light');
  return (
    <div className={classes.explorer}>
      <GraphiQL fetcher={graphqlFetcher} forcedTheme={scheme} defaultQuery={firstQuery} />
    </div>
  );
}
