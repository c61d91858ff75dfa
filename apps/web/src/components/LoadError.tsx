import { Button } from '@mantine/core';
import type { CombinedError } from '@urql/core';
import { RetryIcon } from './icons';
import { Notice } from './Notice';

/** A page that could not be fetched: why, and another try. */
export function LoadError({ error, retry }: { error: CombinedError; retry: () => void }) {
  return (
    <Notice
      title={error.networkError ? 'The server does not answer' : 'The server refused'}
      action={
        <Button variant="default" leftSection={<RetryIcon />} onClick={retry}>
          Try again
        </Button>
      }
    >
      {error.networkError
        ? 'It may be starting, or it has been stopped. This page comes back by itself when it answers again.'
        : error.graphQLErrors.map(({ message }) => message).join(' ')}
    </Notice>
  );
}
