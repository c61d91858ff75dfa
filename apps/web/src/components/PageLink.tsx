'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { InternalLink } from './InternalLink';

/** A link that looks like a button. */
export function PageLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Button component={InternalLink} href={href} variant="default">
      {children}
    </Button>
  );
}
