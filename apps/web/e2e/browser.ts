import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { findChromium } from '../../../scripts/setup/prerequisites.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The installed Chromium. */
export function launch(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium found. Install one, or set CHROMIUM to its path.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page as somebody else's browser would have it: nothing shared with the other pages. */
export async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 1000 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`content policy: ${violatedDirective} refused ${blockedURI}`),
    );
  });
  // As `expect.poll` in vitest.config.ts: what a busy machine may need.
  page.setDefaultTimeout(20_000);
  return page;
}

/** Adds to `complaints` what must not happen: requests elsewhere, refusals, errors in the console. */
export function noteComplaints(page: Page, host: string, complaints: string[]): void {
  page.on('request', (request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (!['data:', 'blob:'].includes(protocol) && asked !== host)
      complaints.push(`a request to ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`in the console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack ?? error.message}`));
}

/** A failure is easier to see than to read. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trojanscope-e2e-'));
  const file = path.join(folder, `${name.replace(/\W+/g, '-').slice(0, 60)}.png`);
  await page.screenshot({ path: file, fullPage: true }).catch(() => {});
  console.error(`The page as it was: ${file} (${page.url()})`);
}

export async function signIn(page: Page, name: string, password: string): Promise<void> {
  const form = page.getByRole('form', { name: 'Sign in' });
  await form.getByLabel('Name').fill(name);
  await form.getByRole('textbox', { name: 'Password' }).fill(password);
  await form.getByRole('button', { name: 'Sign in' }).click();
}

/** What an open panel's dialog gives: `CSV`, `JSON`, `SVG`, `PNG` or `LaTeX`. */
export async function download(page: Page, format: string): Promise<Buffer> {
  const button = page
    .getByRole('dialog', { name: 'Query and downloads' })
    .getByRole('button', { name: `Download ${format}`, exact: true });
  const [file] = await Promise.all([page.waitForEvent('download'), button.click()]);
  // Chromium drops what would be a page's eleventh download within a second, without a word.
  await page.waitForTimeout(100);
  return readFile((await file.path())!);
}

/** So many are there, or will be: what is drawn by a chunk of its own may come later than the heading over it. */
export async function expectCount(locator: Locator, count: number): Promise<void> {
  await expect.poll(() => locator.count()).toBe(count);
}

/** So many pictures are there at least, and all have been drawn. */
export async function expectDrawn(pictures: Locator, least = 1): Promise<void> {
  await expect.poll(() => pictures.count()).toBeGreaterThanOrEqual(least);
  for (const picture of await pictures.all()) {
    await picture.scrollIntoViewIfNeeded();
    await expect
      .poll(() => picture.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
  }
}

/**
 * A page fits its window at 400, 900 and 1600 px, in both schemes, and axe finds nothing serious.
 * @param open brings up what is not there at once
 */
export async function expectReadable(
  page: Page,
  address: string,
  shows: Locator,
  open = async () => {},
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(address);
    await open();
    for (const width of [400, 900, 1600]) {
      await page.setViewportSize({ width, height: 900 });
      await shows.waitFor();
      const where = `${address}, ${width} px, ${colorScheme}`;
      const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      await expect.poll(beyond, { message: where }).toBeLessThanOrEqual(0);
      // At 900 px nothing is there that the other two do not have.
      if (width !== 900)
        expect({ where, violations: await violations(page) }).toEqual({ where, violations: [] });
    }
  }
}

/**
 * What a browser without a cache receives: at most 350 kB of scripts and 40 kB of styles for the first page, and at most
 * 120 kB of scripts more for another.
 * @param page of a browser that has seen nothing yet
 */
export async function expectLight(page: Page, origin: string, name: string): Promise<void> {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const types = new Map<string, string>();
  let received = { Script: 0, Stylesheet: 0 };
  network.on('Network.responseReceived', ({ requestId, type }) => void types.set(requestId, type));
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const type = types.get(requestId);
    if (type === 'Script' || type === 'Stylesheet') received[type] += encodedDataLength;
  });
  const open = async (path: string) => {
    received = { Script: 0, Stylesheet: 0 };
    await page.goto(`${origin}/${path}`, { waitUntil: 'networkidle' });
    return received;
  };
  const first = await open('');
  expect(first.Script).toBeGreaterThan(50_000);
  expect(first.Script).toBeLessThanOrEqual(350_000);
  expect(first.Stylesheet).toBeLessThanOrEqual(40_000);
  expect((await open(name)).Script).toBeLessThanOrEqual(120_000);
}

/** Of GraphiQL’s own making: tabs that hold their closing buttons, and an editor that its field beside it scrolls. */
const GRAPHIQLS = /^(nested-interactive: \.graphiql-tab|scrollable-region-focusable: .*\.CodeMirror-scroll) /;

/** Serious and critical findings of axe: rule and element. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
      );
  });
  return found.filter((violation) => !GRAPHIQLS.test(violation));
}
