import type { EntityType } from './store/ids.js';

export interface Change {
  type: EntityType;
  id: string;
}

/**
 * Tells that rows changed, never what they hold: whoever listens reads them again. A missed or doubled event is
 * harmless, and one that comes while the same is still unread is dropped, so a slow reader costs nobody anything.
 */
export interface Events {
  emit(type: EntityType, id: string): void;
  /** Changes from now on, of one entity or of all, until the signal. */
  changes(signal: AbortSignal, id?: string): AsyncGenerator<Change>;
}

export function createEvents(): Events {
  const listeners = new Set<(change: Change) => void>();
  return {
    emit(type, id) {
      for (const listener of listeners) listener({ type, id });
    },
    changes(signal, id) {
      const unread = new Map<string, Change>();
      let wake = () => {};
      const listener = (change: Change) => {
        if (id !== undefined && change.id !== id) return;
        unread.set(change.id, change);
        wake();
      };
      // Listening starts here, not at the first read: nothing is missed between a subscriber's look and its wait.
      listeners.add(listener);
      signal.addEventListener('abort', () => {
        listeners.delete(listener);
        wake();
      });
      async function* read(): AsyncGenerator<Change> {
        while (!signal.aborted) {
          const changes = [...unread.values()];
          unread.clear();
          yield* changes;
          if (unread.size > 0 || signal.aborted) continue;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
      return read();
    },
  };
}
