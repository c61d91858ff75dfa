import { Notice } from './Notice';
import { PageLink } from './PageLink';

/** A page for an id that leads nowhere. */
export function UnknownId({ what, part = false }: { what: string; part?: boolean }) {
  return (
    <Notice
      title={`There is no such ${what}`}
      part={part}
      action={<PageLink href="/">Go to the overview</PageLink>}
    >
      The address names none that this server knows. It may come from another data folder, or a part of it is
      missing.
    </Notice>
  );
}
