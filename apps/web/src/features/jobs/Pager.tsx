import { Button, Group } from '@mantine/core';

interface PagerProps {
  first: boolean;
  last: boolean;
  onFirst: () => void;
  onNext: () => void;
}

/** Steps through a long list. */
export function Pager({ first, last, onFirst, onNext }: PagerProps) {
  return (
    <Group gap="xs">
      <Button variant="default" disabled={first} onClick={onFirst}>
        Newest
      </Button>
      <Button variant="default" disabled={last} onClick={onNext}>
        Older
      </Button>
    </Group>
  );
}
