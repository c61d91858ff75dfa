import { Button, Group } from '@mantine/core';
import { count } from '../format/count';
import classes from './Pages.module.css';

interface PagesProps {
  info: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
  shown: number;
  total: number;
  /** Puts the page's place into the address. */
  onChange: (place: { after: string | null; before: string | null }) => void;
}

/** Pages of a long list, forwards and backwards; each has an address of its own. */
export function Pages({ info, shown, total, onChange }: PagesProps) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = info;
  if (!hasNextPage && !hasPreviousPage) return null;
  return (
    <nav aria-label="Pages" className={classes.pages}>
      <Group gap={6}>
        <Button
          variant="default"
          size="xs"
          disabled={!hasPreviousPage}
          onClick={() => onChange({ after: null, before: null })}
        >
          First
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!hasPreviousPage}
          onClick={() => onChange({ after: null, before: startCursor })}
        >
          Previous
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!hasNextPage}
          onClick={() => onChange({ after: endCursor, before: null })}
        >
          Next
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!hasNextPage}
          onClick={() => onChange({ after: null, before: '' })}
        >
          Last
        </Button>
      </Group>
      <span>
        {count(shown)} of {count(total)}
      </span>
    </nav>
  );
}
