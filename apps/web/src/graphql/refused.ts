import type { CombinedError } from '@urql/core';

/** Calls `listener` when the server says that nobody is signed in any more, or that a role does not allow something. */
export function onRefusal(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
const listeners = new Set<() => void>();

const CODES = ['UNAUTHENTICATED', 'FORBIDDEN'];

/** Looks at every error that a request ends with. */
export function noteRefusal({ graphQLErrors }: CombinedError): void {
  if (graphQLErrors.some(({ extensions }) => CODES.includes(String(extensions.code))))
    for (const listener of listeners) listener();
}
