import type { EntityType } from './store/ids.js';
import type { Job } from './store/jobs.js';

export interface Change {
  type: EntityType;
  id: string;
  /** Only work under way got on: nothing came, went, or changed its status. */
  progress: boolean;
}

/**
 * Tells that rows changed, never what they hold: listeners read them again. A missed or doubled event is
 * harmless, and one that comes while the same is still unread is dropped, so a slow reader costs nothing.
 */
export interface Events {
  emit(type: EntityType, id: string, progress?: boolean): void;
  /** Changes from now on, of one entity or of all, until the signal. */
  changes(signal: AbortSignal, id?: string): AsyncGenerator<Change>;
}

/** Tells that a job was queued, started or ended, and so of what takes its status from it. */
export function emitJob(
  events: Pick<Events, 'emit'>,
  { id, model_id, sweep_id, study_id }: Pick<Job, 'id' | 'model_id' | 'sweep_id' | 'study_id'>,
): void {
  events.emit('Job', id);
  if (model_id) events.emit('Model', model_id);
  if (sweep_id) events.emit('Sweep', sweep_id);
  if (study_id) events.emit('Study', study_id);
}

export function createEvents(): Events {
  const listeners = new Set<(change: Change) => void>();
  return {
    emit(type, id, progress = false) {
      for (const listener of listeners) listener({ type, id, progress });
    },
    changes(signal, id) {
      const unread = new Map<string, Change>();
      let wake = () => {};
      const listener = (change: Change) => {
        if (id !== undefined && change.id !== id) return;
        const progress = change.progress && (unread.get(change.id)?.progress ?? true);
        unread.set(change.id, { ...change, progress });
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
