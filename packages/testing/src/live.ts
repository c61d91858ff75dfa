import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const DEADLINE_MS = 30_000;

/** Subscriptions over one websocket, each an async iterator of its data; errors are thrown. */
export function createLive(url) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    // Whoever reads sees it; without this it is printed as well.
    onNonLazyError: () => {},
  });

  /** @returns {AsyncGenerator<any>} */
  async function* subscribe(query, variables = {}) {
    try {
      for await (const { data, errors } of client.iterate({ query, variables })) {
        if (errors) throw errors;
        yield Object.values(data)[0];
      }
    } catch (thrown) {
      // GraphQL's errors come as a list, the end of the connection as an event.
      if (Array.isArray(thrown)) throw Object.assign(new Error(thrown[0].message), { errors: thrown });
      const { code, reason } = thrown;
      if (typeof code !== 'number') throw thrown;
      throw Object.assign(new Error(`The connection closed: ${code} ${reason}`), { closed: code });
    }
  }

  return {
    subscribe,
    /** Everything to the end of a subscription. */
    async all(query, variables, ms = DEADLINE_MS) {
      const items = [];
      await within(ms, query, async () => {
        for await (const item of subscribe(query, variables)) items.push(item);
      });
      return items;
    },
    /** The first item that `wanted` says yes to; the subscription ends there. */
    first(query, variables, wanted, ms = DEADLINE_MS) {
      return within(ms, query, async () => {
        for await (const item of subscribe(query, variables)) if (wanted(item)) return item;
        throw new Error(`${query} ended without what was waited for.`);
      });
    },
    close: () => client.dispose(),
    cut: () => client.terminate(),
  };
}

/**
 * Follows a job until `wanted(progress)`, by default its end.
 * @param {(progress: any) => boolean} [wanted]
 */
export async function untilJob(server, jobId, wanted = hasEnded, ms = DEADLINE_MS) {
  const live = server.live();
  try {
    return await live.first(JOB_PROGRESS, { jobId }, wanted, ms);
  } finally {
    await live.close();
  }
}

export const hasEnded = ({ status }) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status);

export const JOB_PROGRESS = `subscription ($jobId: ID!) {
  jobProgress(jobId: $jobId) { status stage done total unit etaSeconds job { id attempt error { code message } } }
}`;

export async function within(ms, what, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
