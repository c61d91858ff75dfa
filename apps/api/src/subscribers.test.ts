import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryData } from '@trojanscope/testing/server';
import {
  percentile,
  startCountedServer,
  startStalledReader,
  startSubscribers,
} from '@trojanscope/testing/subscribers';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Many subscribers, bad ones among them. drills/subscribers.mjs does the same with more of everything. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startCountedServer>>;
beforeAll(async () => {
  data = await temporaryData();
  server = await startCountedServer(data.folder);
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

test('whose process is killed leave nothing behind', async () => {
  const subscribers = await startSubscribers(server.url, 100);
  expect(await server.until(100, 5_000)).toBeDefined();
  server.emit(20);
  await sleep(200);
  await subscribers.kill();
  expect(await server.until(0, 10_000)).toBeDefined();
  server.emit(0);
});

test('who do not read are dropped and cost little, and the others notice nothing', async () => {
  const subscribers = await startSubscribers(server.url, 20);
  const stalled = await startStalledReader(server.url, 40);
  expect(await server.until(21, 5_000)).toBeDefined();
  server.emit(50);
  const { rssMb } = await server.count();
  stalled.stall();
  await sleep(1_000);
  const during = await server.count();
  expect(during.iterators).toBe(21);
  // Forty megabytes were asked for.
  expect(during.rssMb - rssMb).toBeLessThan(30);
  expect(await server.until(20, 10_000)).toBeDefined();
  const delays = await subscribers.delays();
  server.emit(0);
  expect(delays.length).toBeGreaterThan(20 * 20);
  expect(percentile(delays, 0.95)).toBeLessThan(500);
  stalled.close();
  await subscribers.kill();
  expect(await server.until(0, 10_000)).toBeDefined();
  // Whoever goes is nobody's error.
  expect(server.log()).toBe('');
});
