import Link from 'next/link';
import type { ComponentProps } from 'react';

/** A link to another page. Nothing is fetched ahead: the pages lie on this machine, and lists hold many links. */
export function InternalLink(props: ComponentProps<typeof Link>) {
  return <Link prefetch={false} {...props} />;
}
