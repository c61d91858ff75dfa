'use client';

import { Skeleton, VisuallyHidden } from '@mantine/core';
import dynamic from 'next/dynamic';

// An editor of its own weight, loaded only here.
const Explorer = dynamic(() => import('./Explorer').then(({ Explorer }) => Explorer), {
  ssr: false,
  loading: () => <Skeleton height="100dvh" radius={0} />,
});

export function GraphiqlPage() {
  return (
    <>
      <title>GraphiQL · trojanscope</title>
      <VisuallyHidden component="h1">GraphiQL</VisuallyHidden>
      <Explorer />
    </>
  );
}
