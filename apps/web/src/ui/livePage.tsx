import type { AnyVariables, TypedDocumentNode } from '@urql/core';
import type { ComponentType, ReactNode } from 'react';
import { useLiveQuery } from '../graphql/useLiveQuery';
import { Hydrated } from './Hydrated';
import { LoadError } from './LoadError';
import { PageSkeleton } from './PageSkeleton';
import { useAddress } from './useAddress';

interface LiveProps<Data, Variables> {
  query: TypedDocumentNode<Data, Variables>;
  variables: Variables;
  /** What stands there until the first answer, where this is a part of a page and not all of it. */
  part?: ReactNode;
  children: (data: Data, retry: () => void) => ReactNode;
}

/** What a live query answers: a skeleton before, and why where it cannot be fetched. */
export function Live<Data, Variables extends AnyVariables>({
  query,
  variables,
  part,
  children,
}: LiveProps<Data, Variables>) {
  const { data, error, retry } = useLiveQuery(query, variables);
  // Where an error stands beside it, nothing found means nothing known.
  if (error && !known(data)) return <LoadError error={error} retry={retry} part={part !== undefined} />;
  return data ? children(data, retry) : (part ?? <PageSkeleton />);
}

const known = (data: unknown) =>
  typeof data === 'object' && data !== null && !('node' in data && data.node === null);

/** A page that needs a browser, for its address and the server. */
export const hydratedPage = (View: ComponentType) =>
  function HydratedPage() {
    return (
      <Hydrated fallback={<PageSkeleton />}>
        <View />
      </Hydrated>
    );
  };

/** A page of what one live query answers. @param variablesOf what to ask for, by the page's address */
export const livePage = <Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variablesOf: (get: ReturnType<typeof useAddress>['get']) => Variables,
  View: ComponentType<{ data: Data; variables: Variables }>,
) =>
  hydratedPage(function LivePage() {
    const variables = variablesOf(useAddress().get);
    return (
      <Live query={query} variables={variables}>
        {(data) => <View data={data} variables={variables} />}
      </Live>
    );
  });

/** The variables of a page about one thing. */
export const idOf = (get: ReturnType<typeof useAddress>['get']) => ({ id: get('id') ?? '' });
