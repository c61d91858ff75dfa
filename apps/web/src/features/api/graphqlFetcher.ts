import type { GraphiQLProps } from 'graphiql';
import { getOperationAST, parse } from 'graphql';
import { GRAPHQL_ADDRESS } from '../../basePath';
import { pageConnection } from '../../graphql/connection';

type Fetcher = GraphiQLProps['fetcher'];

/** Sends queries and mutations over HTTP and subscriptions over the page's websocket. */
export const graphqlFetcher: Fetcher = ({ query, variables, operationName }) => {
  const operation = getOperationAST(parse(query), operationName);
  if (operation?.operation === 'subscription') {
    return pageConnection().client.iterate({ query, variables, operationName }) as ReturnType<Fetcher>;
  }
  return fetch(GRAPHQL_ADDRESS, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
    },
    body: JSON.stringify({ query, variables, operationName }),
  }).then((answer) => answer.json());
};
