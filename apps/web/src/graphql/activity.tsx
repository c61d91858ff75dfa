'use client';

import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { Activity } from './concern';
import { pageConnection } from './connection';
import { graphql } from './graphql';

const ActivitySubscription = graphql(`
  subscription Activity {
    activity {
      type
      id
      progress
    }
  }
`);

/** Told of nothing in particular after a cut, when anything may have changed. */
type Listener = (activity?: Activity) => void;

const ActivityContext = createContext<Set<Listener>>(new Set());

/** One `activity` subscription for the whole page, handed to the parts that show something that may have changed. */
export function ActivityProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const [listeners] = useState(() => new Set<Listener>());
  useEffect(() => {
    const tell = (activity?: Activity) => {
      for (const listener of listeners) listener(activity);
    };
    const { unsubscribe } = client
      .subscription(ActivitySubscription, {})
      .subscribe(({ data }) => tell(data?.activity));
    // What happened while the line was cut is not sent again.
    const forget = pageConnection().onChange(() => {
      if (pageConnection().state() === 'live') tell();
    });
    return () => {
      unsubscribe();
      forget();
    };
  }, [client, listeners]);
  return <ActivityContext value={listeners}>{children}</ActivityContext>;
}

/** Calls `listener` with whatever changed on the server. */
export function useActivity(listener: Listener) {
  const listeners = useContext(ActivityContext);
  useEffect(() => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, [listeners, listener]);
}
