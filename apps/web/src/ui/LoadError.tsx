import { Button } from '@mantine/core';
import type { CombinedError } from '@urql/core';
import { errorMessage } from '../graphql/errorMessage';
import { RetryIcon } from './icons';
import { Notice } from './Notice';

interface LoadErrorProps {
  error: CombinedError;
  retry: () => void;
  /** Of a page rather than all of it. */
  part?: boolean;
}

/** Something that could not be fetched: why, and another try. */
export function LoadError({ error, retry, part = false }: LoadErrorProps) {
  return (
    <Notice
      part={part}
      title={error.networkError ? 'The server does not answer' : 'The server refused'}
      action={
        <Button variant="default" leftSection={<RetryIcon />} onClick={retry}>
          Try again
        </Button>
      }
    >
      {error.networkError
        ? 'It may be starting, or it has been stopped. This page comes back by itself when it answers again.'
        : errorMessage(error)}
    </Notice>
  );
}
