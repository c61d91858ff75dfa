import type { AnyVariables, CombinedError, TypedDocumentNode } from '@urql/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from 'urql';
import { useActivity } from './activity';
import { type Activity, concern } from './concern';

/** At most two fetches a second, however busy the server is. */
const REFETCH_EVERY_MS = 500;

interface LiveQuery<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  /** Fetches again at once. */
  retry: () => void;
  /** Fetches again soon, for events that may come thick and fast. */
  refetch: () => void;
}

/** A query that is fetched again when something changes on the server that its answer shows or lists. */
export function useLiveQuery<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): LiveQuery<Data> {
  const [{ data: answer, error, fetching }, execute] = useQuery({ query, variables });
  const data = useKept(answer, fetching, JSON.stringify(variables));
  const retry = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const refetch = useThrottled(retry, fetching);
  const concerns = useMemo(() => concern(query, data), [query, data]);
  const listener = useCallback(
    (activity?: Activity) => {
      // Something not loaded yet may be affected, and an error may be over.
      if (!data || error || !activity || concerns(activity)) refetch();
    },
    [data, error, concerns, refetch],
  );
  useActivity(listener);
  return { data, error, retry, refetch };
}

/** What was answered last, also when the next request for the same fails: a server that goes away takes nothing with it. */
function useKept<Data>(answer: Data | undefined, fetching: boolean, asked: string): Data | undefined {
  const [kept, keep] = useState({ asked, answer });
  if (answer && !fetching && answer !== kept.answer) keep({ asked, answer });
  return answer ?? (kept.asked === asked ? kept.answer : undefined);
}

/** Lets `run` happen at most every REFETCH_EVERY_MS and not while `busy`; the last call is never lost. */
function useThrottled(run: () => void, busy: boolean): () => void {
  const state = useRef({
    last: 0,
    wanted: false,
    busy,
    timer: undefined as ReturnType<typeof setTimeout> | undefined,
  });
  const attempt = useCallback(() => {
    const { current } = state;
    if (!current.wanted || current.busy || current.timer !== undefined) return;
    const wait = Math.max(0, current.last + REFETCH_EVERY_MS - performance.now());
    current.timer = setTimeout(() => {
      current.timer = undefined;
      if (current.busy) return;
      current.wanted = false;
      current.last = performance.now();
      run();
    }, wait);
  }, [run]);
  useEffect(() => {
    state.current.busy = busy;
    attempt();
  }, [busy, attempt]);
  useEffect(
    () => () => {
      clearTimeout(state.current.timer);
      state.current.timer = undefined;
    },
    [],
  );
  return useCallback(() => {
    state.current.wanted = true;
    attempt();
  }, [attempt]);
}
