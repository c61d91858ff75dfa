import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';

const DEADLINE_MS = 30_000;

/** What GraphQL answers: each test knows the shape of what it asked for. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Answer = any;
export type Variables = Record<string, unknown>;

export type Live = ReturnType<typeof createLive>;

/** Subscriptions over one websocket, each an async iterator of its data; errors are thrown. */
export function createLive(url: string) {
  const client: Client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    // Whoever reads sees it; without this it is printed as well.
    onNonLazyError: () => {},
  });

  async function* subscribe(query: string, variables: Variables = {}): AsyncGenerator<Answer> {
    try {
      for await (const { data, errors } of client.iterate({ query, variables })) {
        if (errors) throw errors;
        yield Object.values(data!)[0];
      }
    } catch (error) {
      const thrown = error as Answer;
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
    async all(query: string, variables?: Variables, ms = DEADLINE_MS): Promise<Answer[]> {
      const items: Answer[] = [];
      await within(ms, query, async () => {
        for await (const item of subscribe(query, variables)) items.push(item);
      });
      return items;
    },
    /** The first item that `wanted` says yes to; the subscription ends there. */
    first(
      query: string,
      variables: Variables,
      wanted: (item: Answer) => boolean,
      ms = DEADLINE_MS,
    ): Promise<Answer> {
      return within(ms, query, async () => {
        for await (const item of subscribe(query, variables)) if (wanted(item)) return item;
        throw new Error(`${query} ended without what was waited for.`);
      });
    },
    close: () => client.dispose(),
    cut: () => client.terminate(),
  };
}

/** Follows a job until `wanted(progress)`, by default its end. @returns its progress then */
export async function untilJob(
  server: { live(): Live },
  jobId: string,
  wanted: (progress: Answer) => boolean = hasEnded,
  ms = DEADLINE_MS,
): Promise<Answer> {
  const live = server.live();
  try {
    return await live.first(JOB_PROGRESS, { jobId }, wanted, ms);
  } finally {
    await live.close();
  }
}

export const hasEnded = ({ status }: { status: string }): boolean =>
  ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status);

export const JOB_PROGRESS = `subscription ($jobId: ID!) {
  jobProgress(jobId: $jobId) { status stage done total unit etaSeconds job { id attempt error { code message } } }
}`;

export async function within<T>(ms: number, what: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
