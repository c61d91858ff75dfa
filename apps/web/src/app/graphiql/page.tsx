'use client';

import { Skeleton, VisuallyHidden } from '@mantine/core';
import dynamic from 'next/dynamic';

// An editor of its own weight, loaded only here.
const Explorer = dynamic(() => import('../../components/Explorer').then(({ Explorer }) => Explorer), {
  ssr: false,
  loading: () => <Skeleton height="calc(100dvh - 53px)" radius={0} />,
});

export default function GraphiqlPage() {
  return (
    <>
      <title>GraphiQL · trojanscope</title>
      <VisuallyHidden component="h1">GraphiQL</VisuallyHidden>
      <Explorer />
    </>
  );
}
