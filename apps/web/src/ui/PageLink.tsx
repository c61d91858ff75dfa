'use client';

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { InternalLink } from './InternalLink';

/** A link that looks like a button. */
export function PageLink({
  href,
  size = 'sm',
  children,
}: {
  href: string;
  size?: 'xs' | 'sm';
  children: ReactNode;
}) {
  return (
    <Button component={InternalLink} href={href} size={size} variant="default">
      {children}
    </Button>
  );
}
