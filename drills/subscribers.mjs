// node drills/subscribers.mjs [--subscribers 500] [--killed 1000] [--seconds 30] [--per-second 20]
// Many websocket subscribers: how old events are when they arrive, what becomes of one that does not read, and whether
// anything is left of a thousand whose process is killed. Needs a build (npm start or npm test makes one).
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { temporaryData } from '@trojanscope/testing/server';
import {
  percentile,
  startCountedServer,
  startStalledReader,
  startSubscribers,
} from '@trojanscope/testing/subscribers';

const { values: options } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '500' },
    killed: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '30' },
    'per-second': { type: 'string', default: '20' },
  },
});
const [subscriberCount, killedCount, seconds, perSecond] = [
  options.subscribers,
  options.killed,
  options.seconds,
  options['per-second'],
].map(Number);
const PATIENCE_MS = 60_000;
const GONE_LIMIT_MS = 10_000;
const DELAY_LIMIT_MS = 500;
const STALLED_MB = 100;

const { check, end } = createFindings();
const ms = (value) => (value === undefined ? 'never' : `${value.toFixed(0)} ms`);

const data = await temporaryData();
const server = await startCountedServer(data.folder);
const empty = await server.count();

const killed = await startSubscribers(server.url, killedCount);
check((await server.until(killedCount, PATIENCE_MS)) !== undefined, 'Not all came in.');
server.emit(1000 / perSecond);
await sleep(1_000);
await killed.kill();
const goneMs = await server.until(0, GONE_LIMIT_MS);
check(goneMs !== undefined, `${(await server.count()).iterators} of ${killedCount} iterators are left.`);
server.emit(0);

const subscribers = await startSubscribers(server.url, subscriberCount);
const stalled = await startStalledReader(server.url, STALLED_MB);
check((await server.until(subscriberCount + 1, PATIENCE_MS)) !== undefined, 'Not all came in again.');
server.emit(1000 / perSecond);
await sleep(1_000);
const before = await server.count();
stalled.stall();
const from = performance.now();
const droppedAfterMs = server.until(subscriberCount, GONE_LIMIT_MS);
let largest = 0;
while (performance.now() - from < seconds * 1000) {
  largest = Math.max(largest, (await server.count()).rssMb);
  await sleep(500);
}
const droppedMs = await droppedAfterMs;
check(droppedMs !== undefined, 'The stalled reader was not dropped.');
const delays = await subscribers.delays();
server.emit(0);
const p95 = percentile(delays, 0.95);
check(p95 < DELAY_LIMIT_MS, `95 % of events had arrived after ${ms(p95)}.`);
stalled.close();
await subscribers.kill();
const leftMs = await server.until(0, GONE_LIMIT_MS);
check(leftMs !== undefined, 'Iterators are left at the end.');
const after = await server.count();
await server.stop();
await data.remove();

end(
  {
    'subscribers killed, iterators gone after': `${killedCount}, ${ms(goneMs)}`,
    'subscribers, events a second, seconds': `${subscriberCount}, ${perSecond}, ${seconds}`,
    'events that arrived': delays.length,
    'their age: median, 95 %, 99 %, oldest': [0.5, 0.95, 0.99, 1]
      .map((share) => ms(percentile(delays, share)))
      .join(', '),
    [`stalled reader that asked for ${STALLED_MB} MB dropped after`]: ms(droppedMs),
    'memory: empty, with all, largest while one stalls, at the end': [
      empty.rssMb,
      before.rssMb,
      largest,
      after.rssMb,
    ]
      .map((mb) => `${mb.toFixed(0)} MB`)
      .join(', '),
  },
  'Nobody waited, nothing was left.',
);
