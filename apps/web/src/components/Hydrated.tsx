'use client';

import { type ReactNode, Suspense, useSyncExternalStore } from 'react';

const never = () => () => {};

/** Keeps what needs a browser (the address, the server) out of the exported page. */
export function Hydrated({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const hydrated = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return hydrated ? <Suspense fallback={fallback}>{children}</Suspense> : fallback;
}
