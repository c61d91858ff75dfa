import type { CombinedError } from '@urql/core';

/** What an error says, in the server's own words where it said anything. */
export function errorMessage({ networkError, graphQLErrors }: CombinedError): string {
  if (networkError) return 'The server does not answer. Nothing was changed; try again when it is back.';
  return graphQLErrors.map(({ message }) => message).join(' ');
}
