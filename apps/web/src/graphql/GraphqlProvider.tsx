'use client';

import { cacheExchange, createClient, fetchExchange, subscriptionExchange } from '@urql/core';
import { type ReactNode, useState } from 'react';
import { Provider } from 'urql';
import { ActivityProvider } from './activity';
import { pageConnection } from './connection';

const newClient = () =>
  createClient({
    url: '/graphql',
    preferGetMethod: false,
    // What was shown before comes back at once; what is true now follows.
    requestPolicy: 'cache-and-network',
    exchanges: [
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
  return (
    <Provider value={client}>
      <ActivityProvider>{children}</ActivityProvider>
    </Provider>
  );
}
