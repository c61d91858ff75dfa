import { useState } from 'react';
import { counted } from '../format/count';
import { graphql } from '../graphql/graphql';
import { useLiveQuery } from '../graphql/useLiveQuery';
import { links } from '../words/links';
import { ChosenModels } from './ChosenModels';
import { InternalLink } from './InternalLink';
import { LoadError } from './LoadError';
import classes from './ModelBrowser.module.css';
import { ModelFilters } from './ModelFilters';
import { ModelRowFields, ModelRows } from './ModelRows';
import { modelsFilter, parseOrders } from './modelList';
import { Notice } from './Notice';
import { PageHead } from './PageHead';
import { PageLink } from './PageLink';
import { PageSkeleton } from './PageSkeleton';
import { Pages } from './Pages';
import { useAddress } from './useAddress';

export const ModelsQuery = graphql(
  `
  query Models(
    $first: Int
    $after: String
    $last: Int
    $before: String
    $filter: ModelFilter
    $orderBy: ModelOrder
    $thenBy: [ModelOrder!]
  ) {
    models(
      first: $first
      after: $after
      last: $last
      before: $before
      filter: $filter
      orderBy: $orderBy
      thenBy: $thenBy
    ) {
      totalCount
      nodes {
        ...ModelRowFields
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`,
  [ModelRowFields],
);

const PAGE_SIZE = 50;

/** All models: found, ordered, kept in order, chosen for comparison. What is shown stands in the address. */
export function ModelBrowser() {
  const { get, change } = useAddress();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const trash = get('trash') !== null;
  const [orderBy, ...thenBy] = parseOrders(get('sort'));
  const before = get('before');
  const backwards = before !== null;
  const { data, error, retry } = useLiveQuery(ModelsQuery, {
    // An empty `before` is the end of the list.
    ...(backwards ? { last: PAGE_SIZE, before: before || null } : { first: PAGE_SIZE, after: get('after') }),
    filter: modelsFilter(get),
    orderBy: orderBy ?? null,
    thenBy,
  });
  if (!data) return error ? <LoadError error={error} retry={retry} /> : <PageSkeleton />;
  const { nodes, totalCount, pageInfo } = data.models;
  const filtered = ['q', 'data', 'network', 'attack', 'status', 'tags'].some((name) => get(name) !== null);
  const nothing = nodes.length === 0 && !filtered && !trash;
  return (
    <>
      <PageHead
        title={trash ? 'Models in the trash' : 'Models'}
        facts={[
          counted(totalCount, filtered ? 'match' : 'model', filtered ? 'matches' : undefined),
          trash ? (
            <InternalLink key="all" href={links.models}>
              All models
            </InternalLink>
          ) : (
            <InternalLink key="trash" href={`${links.models}?trash=1`}>
              Trash
            </InternalLink>
          ),
        ]}
        actions={!nothing && !trash && <PageLink href={links.new('implant')}>New model</PageLink>}
      />
      {nothing ? (
        <Notice
          part
          title="No models yet"
          action={<PageLink href={links.new('implant')}>Implant a backdoor</PageLink>}
        >
          Train a benign classifier, or implant a backdoor into one: the benign model it is compared with is
          trained first by itself.
        </Notice>
      ) : (
        <div className={classes.list}>
          <ModelFilters />
          {nodes.length > 0 ? (
            <ModelRows models={nodes} chosen={chosen} onChoose={setChosen} />
          ) : (
            <Notice part title={filtered ? 'No model matches' : 'The trash is empty'}>
              {filtered
                ? 'None has all that is asked for above. Take some of it away.'
                : 'What is moved here is kept until it is restored.'}
            </Notice>
          )}
          <Pages info={pageInfo} shown={nodes.length} total={totalCount} onChange={change} />
          <ChosenModels chosen={chosen} shown={nodes} trash={trash} onClear={() => setChosen(new Set())} />
        </div>
      )}
    </>
  );
}
