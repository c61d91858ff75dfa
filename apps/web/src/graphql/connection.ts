import { type Client, createClient } from 'graphql-ws';
import { GRAPHQL_ADDRESS } from '../basePath';

export type ConnectionState = 'connecting' | 'live' | 'lost';

/** How long a cut may go unnoticed: one ping interval and the patience for its answer. */
const PING_EVERY_MS = 3_000;
const PONG_WITHIN_MS = 1_500;
const LONGEST_RETRY_MS = 3_000;

export interface Connection {
  client: Client;
  state(): ConnectionState;
  onChange(listener: () => void): () => void;
}

/** The one websocket of a page: tells whether it is alive and never gives up. */
function openConnection(url: string): Connection {
  let state: ConnectionState = 'connecting';
  let patience: ReturnType<typeof setTimeout> | undefined;
  const listeners = new Set<() => void>();
  const become = (next: ConnectionState) => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener();
  };
  const client = createClient({
    url,
    // Open at once and stay open, so that the badge tells the truth on a page without subscriptions too.
    lazy: false,
    keepAlive: PING_EVERY_MS,
    connectionAckWaitTimeout: 5_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (attempts) =>
      new Promise((resolve) => setTimeout(resolve, Math.min(250 * 2 ** attempts, LONGEST_RETRY_MS))),
    on: {
      connected: () => become('live'),
      closed: () => {
        clearTimeout(patience);
        become('lost');
      },
      error: () => become('lost'),
      ping: (received) => {
        if (received) return;
        // A cut cable closes no socket: without an answer the socket is given up.
        patience = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(patience);
      },
    },
  });
  return {
    client,
    state: () => state,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

let connection: Connection | undefined;

/** The page's connection, opened on first use; only in a browser. */
export function pageConnection(): Connection {
  connection ??= openConnection(`${location.origin.replace(/^http/, 'ws')}${GRAPHQL_ADDRESS}`);
  return connection;
}
