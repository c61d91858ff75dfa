import { freePort, isInstalled, startProxy } from '@trojanscope/testing/proxies';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { keepPicture, launch, newPage, noteComplaints } from './browser';

/** The dashboard under a path of its host, behind nginx: every request stays below it, and none is refused. */

const BASE = '/user/me/proxy/4000';
const installed = isInstalled('nginx');
const complaints: string[] = [];
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let browser: Browser;
let page: Page;
let port: number;
let stopProxy: () => Promise<void>;

beforeAll(async () => {
  if (!installed) return;
  port = await freePort();
  data = await temporaryData(inject('smoke').data);
  const args = ['--no-quickstart', '--public-url', `http://127.0.0.1:${port}${BASE}`];
  server = await startServer({ data: data.folder, args });
  stopProxy = await startProxy('nginx', { port, upstream: server.url, basePath: BASE, strips: true });
  browser = await launch();
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && page) await keepPicture(page, task.name);
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await stopProxy?.();
  await server?.stop();
  await data?.remove();
});

async function open(host: string): Promise<void> {
  page = await newPage(browser);
  noteComplaints(page, host, complaints);
  page.on('request', (request) => {
    const { protocol, pathname } = new URL(request.url());
    if (protocol.startsWith('http') && !pathname.startsWith(`${BASE}/`))
      complaints.push(`${pathname} is not below the path`);
  });
}
const path = () => new URL(page.url()).pathname;

test.skipIf(!installed)(
  `pages, pictures and a chart that grows, behind nginx${installed ? '' : ': it is not installed'}`,
  async () => {
    await open(`127.0.0.1:${port}`);
    await page.goto(`http://127.0.0.1:${port}${BASE}/`);
    const navigation = page.getByRole('navigation').first();
    for (const [name, at] of [
      ['Models', '/models/'],
      ['Explanations', '/explanations/'],
      ['Jobs', '/jobs/'],
      ['Data sets', '/datasets/'],
    ] as const) {
      await navigation.getByRole('link', { name, exact: true }).click();
      await page.waitForURL(`**${BASE}${at}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await navigation.locator('[aria-current]').allInnerTexts()).toEqual([
        expect.stringContaining(name),
      ]);
    }
    await navigation.getByRole('link', { name: 'Explanations', exact: true }).click();
    const picture = page.getByRole('main').locator('img[src*="/artifacts/"]').first();
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
    await navigation.getByRole('link', { name: 'API', exact: true }).click();
    // Clicks on the button before the editor holds its query do nothing.
    await expect
      .poll(async () => {
        await page.getByRole('button', { name: /Execute/ }).click();
        return page.locator('.result-window').innerText();
      })
      .toContain('nodes');

    const { study } = await server.query(
      'query ($id: ID!) { study: node(id: $id) { ... on Study { models { id } } } }',
      { id: inject('smoke').studyId },
    );
    const input = {
      modelId: study.models[1].id,
      transform: 'rotation',
      target: 'IMAGE',
      values: [0, 15, 30, 45, 60, 75, 90, -15, -30],
      samples: 375,
    };
    const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id }');
    await page.goto(`http://127.0.0.1:${port}${BASE}/sweep/?id=${sweep.id}`);
    const curve = (points: string) =>
      page.getByRole('img', { name: new RegExp(`^ASR over .*: ${points}`) }).first();
    await curve('[1-9] of 9 points|.*9 points').waitFor();
    const csv = await page.evaluate(
      async (address) => (await fetch(address)).status,
      `${BASE}/downloads/curves.csv`,
    );
    expect(csv).toBe(200);
    await page.reload();
    await curve('').waitFor();
  },
);

test.skipIf(!installed)('a page opened at the server’s own address goes to the path', async () => {
  await open(new URL(server.url).host);
  complaints.length = 0;
  await page.goto(`${server.url}${BASE}/models/`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(path()).toBe(`${BASE}/models/`);
  await page.goto(`${server.url}/jobs/?status=FAILED`);
  await page.waitForURL(`${server.url}${BASE}/jobs/?status=FAILED`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  // The first request of the page itself, and what it asked for before it left.
  expect(complaints.splice(0).filter((one) => !/not below the path|ERR_ABORTED|WebSocket/.test(one))).toEqual(
    [],
  );
});
