import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { expect, inject, test } from 'vitest';
import WebSocket from 'ws';

const QUERY = `{ robustnessCurves(filter: {}) { points { id asr { value } outcomes(first: 10) { nodes { id trueLabel { name } } } } } }`;
const CLIENTS = 12;
const SOCKETS = 8;

test('a server that is asked to stop under load finishes its replies, says so to websockets, and is gone in ten seconds', async () => {
  const data = await temporaryData(inject('smoke').data);
  const server = await startServer({ data: data.folder });
  try {
    const codes = Array.from({ length: SOCKETS }, () => {
      const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      socket.on('message', (text) => {
        if (!String(text).includes('connection_ack')) return;
        const query = 'subscription { activity { id } }';
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
      });
      return new Promise<number>((resolve) => socket.on('close', resolve));
    });
    const seen = { whole: 0, truncated: 0, refused: 0 };
    const agent = new Agent({ keepAlive: true });
    let stopped = false;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!stopped) {
        const end = await ask(server.url, agent);
        seen[end]++;
        if (end === 'refused') return;
      }
    });
    while (seen.whole < CLIENTS) await sleep(10);
    const beforeStop = seen.whole;
    const { code, ms } = await server.stop();
    stopped = true;
    await Promise.all(clients);
    agent.destroy();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(10_000);
    // Those under way when it was asked to stop were answered.
    expect(seen.whole).toBeGreaterThan(beforeStop);
    expect(seen.truncated).toBe(0);
    expect(await Promise.all(codes)).toEqual(Array(SOCKETS).fill(1001));
    expect(server.log()).not.toMatch(/rror/);
  } finally {
    await server.kill();
    await data.remove();
  }
});

/** A reply that begins has to end, and be what was asked for; one that never begins was refused. */
function ask(url: string, agent: Agent): Promise<'whole' | 'truncated' | 'refused'> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${url}/graphql`, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', () => resolve('truncated'));
      response.on('end', () => {
        try {
          resolve(JSON.parse(text).data.robustnessCurves.length > 0 ? 'whole' : 'truncated');
        } catch {
          resolve('truncated');
        }
      });
    });
    asked.on('error', () => resolve('refused'));
    asked.end(JSON.stringify({ query: QUERY }));
  });
}
