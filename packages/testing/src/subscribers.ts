import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { builtFile } from './builtFile.js';
import type { Answer } from './live.js';

function start(name: string, ...args: string[]) {
  const child = fork(builtFile(name), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  return { child, log: () => output };
}
const answer = async (child: ChildProcess, message?: string): Promise<Answer> => {
  if (message !== undefined) child.send(message);
  const [reply] = await once(child, 'message');
  return reply;
};

/** A server that tells how many iterators its subscriptions hold, and makes events when told to. */
export async function startCountedServer(dataFolder: string) {
  const { child, log } = start('countedServer.js', dataFolder);
  const { url }: { url: string } = await answer(child);
  const count = (): Promise<{ iterators: number; rssMb: number }> => answer(child, 'count');
  return {
    url,
    count,
    log,
    /** One event each so many milliseconds; 0 for none. */
    emit: (everyMs: number) => child.send({ everyMs }),
    /** How long it took until so many iterators were there, in ms; undefined when they were not in time. */
    async until(iterators: number, ms: number): Promise<number | undefined> {
      const from = performance.now();
      while (performance.now() - from < ms) {
        if ((await count()).iterators === iterators) return performance.now() - from;
        await sleep(20);
      }
      return undefined;
    },
    async stop() {
      child.send('stop');
      await once(child, 'exit');
    },
  };
}

/** Subscribers in a process of their own, all there when this returns. */
export async function startSubscribers(url: string, count: number) {
  const { child } = start('subscriberProcess.js', url, String(count));
  await answer(child);
  return {
    /** How old each event was when it arrived, in ms, since the last call. */
    delays: async (): Promise<number[]> => (await answer(child, 'report')).delays,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/**
 * A subscriber that stops reading, and goes on asking for what it does not read: `megabytes` of pings, which the
 * protocol echoes.
 */
export async function startStalledReader(url: string, megabytes: number) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => {});
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  const query = 'subscription { activity { id } }';
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
  return {
    stall() {
      socket.pause();
      const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
      for (let sent = 0; sent < megabytes * 2 ** 20; sent += ping.length) socket.send(ping);
    },
    close: () => socket.terminate(),
  };
}

export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;
