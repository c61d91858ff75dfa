'use client';

import { Button } from '@mantine/core';
import { Notice } from '../ui/Notice';

export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <Notice
      title="This page broke"
      action={
        <Button variant="default" onClick={reset}>
          Show it again
        </Button>
      }
    >
      {error.message} Nothing on the server was changed by it.
    </Notice>
  );
}
