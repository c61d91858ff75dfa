import { useSyncExternalStore } from 'react';
import { type ConnectionState, pageConnection } from '../graphql/connection';

const subscribe = (listener: () => void) => pageConnection().onChange(listener);

/** Whether the page hears from the server. */
export const useConnectionState = (): ConnectionState =>
  useSyncExternalStore(
    subscribe,
    () => pageConnection().state(),
    () => 'connecting',
  );
