import { Notice } from '../ui/Notice';
import { PageLink } from '../ui/PageLink';

export default function NotFound() {
  return (
    <Notice title="There is no such page" action={<PageLink href="/">Go to the overview</PageLink>}>
      The address may be mistyped, or it may come from another version.
    </Notice>
  );
}
