import { Skeleton } from '@mantine/core';
import { Columns } from './Columns';
import { Stack } from './Stack';

/** The shape of a page that is on its way. */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <title>trojanscope</title>
      <Stack>
        <div>
          <Skeleton height={26} width="min(340px, 70%)" />
          <Skeleton height={14} width="min(220px, 50%)" mt={10} />
        </div>
        <Columns wide="left">
          <Skeleton height={300} />
          <Skeleton height={300} />
        </Columns>
        <Skeleton height={220} />
      </Stack>
    </div>
  );
}
