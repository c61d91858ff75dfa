import 'graphiql/graphiql.css';
import { useComputedColorScheme } from '@mantine/core';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef } from 'react';
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

const fields = {
  '.graphiql-query-editor': 'Query',
  '.result-window': 'Answer',
  '.graphiql-editor-tool > :nth-child(1)': 'Variables',
  '.graphiql-editor-tool > :nth-child(2)': 'Headers',
};

/** The editors’ fields have no names of their own, and come when they have been fetched. */
function nameFields(root: HTMLElement): void {
  for (const [place, name] of Object.entries(fields))
    for (const field of root.querySelectorAll(`${place} .CodeMirror textarea`))
      field.setAttribute('aria-label', name);
}

/** GraphiQL on this server, subscriptions included. */
export function Explorer() {
  const scheme = useComputedColorScheme('light');
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = frame.current!;
    const observer = new MutationObserver(() => nameFields(root));
    observer.observe(root, { childList: true, subtree: true });
    return () => observer.disconnect();
  }, []);
  return (
    <div className={classes.explorer} ref={frame}>
      <GraphiQL fetcher={graphqlFetcher} forcedTheme={scheme} defaultQuery={firstQuery} />
    </div>
  );
}
