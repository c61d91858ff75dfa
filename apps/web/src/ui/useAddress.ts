import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

type Changes = Record<string, string | null>;

/** The query part of the address as state: links can be shared and “back” works. */
export function useAddress() {
  const params = useSearchParams();
  const change = useCallback((changes: Changes, how: 'push' | 'replace' = 'push') => {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) next.delete(name);
      else next.set(name, value);
    }
    // Not the router: the page stays the same file, so there is nothing to fetch.
    history[`${how}State`](null, '', `?${next}`);
  }, []);
  return { get: (name: string) => params.get(name), change };
}
