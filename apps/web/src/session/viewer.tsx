'use client';

import type { CombinedError } from '@urql/core';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { useQuery } from 'urql';
import { pageConnection } from '../graphql/connection';
import { graphql, type ResultOf } from '../graphql/graphql';
import { onRefusal } from '../graphql/refused';
import { useHydrated } from '../ui/Hydrated';
import { isAtLeast } from './roles';

const ViewerQuery = graphql(`
  query Viewer {
    signIn {
      required
      awaitsFirstAdmin
    }
    viewer {
      id
      name
      role
      signedInBy
    }
  }
`);
type Answer = ResultOf<typeof ViewerQuery>;
export type Viewer = NonNullable<Answer['viewer']>;
export type Role = Viewer['role'];

interface WhoAsks {
  /** Undefined until the server has said it. */
  answer: Answer | undefined;
  error: CombinedError | undefined;
  /** Asks the server again. */
  refresh: () => void;
}

/** How often a server is asked that did not answer yet. */
const RETRY_MS = 2_000;

const ViewerContext = createContext<WhoAsks>({ answer: undefined, error: undefined, refresh: () => {} });

/** Finds out who looks at the page, and again whenever the server refuses something or the line was cut. */
export function ViewerProvider({ children }: { children: ReactNode }) {
  const [{ data, error }, execute] = useQuery({ query: ViewerQuery, pause: !useHydrated() });
  const [answer, setAnswer] = useState(data);
  // A server that does not answer has not signed anybody out.
  if (data && data !== answer) setAnswer(data);
  const refresh = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const unknown = error !== undefined && answer === undefined;
  useEffect(() => {
    if (!unknown) return;
    const timer = setInterval(refresh, RETRY_MS);
    return () => clearInterval(timer);
  }, [unknown, refresh]);
  const isIn = answer?.viewer != null;
  useEffect(() => onRefusal(refresh), [refresh]);
  // A line there is only once somebody is in.
  useEffect(() => (isIn ? pageConnection().onChange(refresh) : undefined), [isIn, refresh]);
  return <ViewerContext value={{ answer, error, refresh }}>{children}</ViewerContext>;
}

export const useWhoAsks = (): WhoAsks => useContext(ViewerContext);

/** Who is signed in; for what is shown only to those who are. */
export function useViewer(): Viewer {
  const viewer = useWhoAsks().answer?.viewer;
  if (!viewer) throw new Error('Expected somebody to be signed in here.');
  return viewer;
}

/** Why the viewer may not do what takes this role; null where they may. */
export function useRefusal(least: Role = 'RUNNER'): string | null {
  const { role } = useViewer();
  if (isAtLeast(role, least)) return null;
  return `This takes the role ${least.toLowerCase()}; yours is ${role.toLowerCase()}. An admin can change it.`;
}
