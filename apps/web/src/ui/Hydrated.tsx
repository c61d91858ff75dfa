'use client';

import { type ReactNode, Suspense, useSyncExternalStore } from 'react';

const never = () => () => {};

/** Whether there is a browser yet: not while the pages are exported. */
export const useHydrated = () =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );

/** Keeps what needs a browser (the address, the server) out of the exported page. */
export function Hydrated({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  return useHydrated() ? <Suspense fallback={fallback}>{children}</Suspense> : fallback;
}
