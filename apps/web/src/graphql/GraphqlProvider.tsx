'use client';

import { cacheExchange, createClient, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core';
import { type ReactNode, useState } from 'react';
import { Provider } from 'urql';
import { GRAPHQL_ADDRESS } from '../basePath';
import { pageConnection } from './connection';
import { noteRefusal } from './refused';

const newClient = () =>
  createClient({
    url: GRAPHQL_ADDRESS,
    preferGetMethod: false,
    // What was shown before comes back at once; what is true now follows.
    requestPolicy: 'cache-and-network',
    exchanges: [
      mapExchange({ onError: noteRefusal }),
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: pageConnection().client.subscribe({ query: query ?? '', variables }, sink),
          }),
        }),
      }),
    ],
  });

export function GraphqlProvider({ children }: { children: ReactNode }) {
  const [client] = useState(newClient);
  return <Provider value={client}>{children}</Provider>;
}
