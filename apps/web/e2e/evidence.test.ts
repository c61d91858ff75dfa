import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { startServer, temporaryData } from '../../api/src/testing/server.mjs';
import { complaintsOf, launch, violations } from './browser';

/** From a number to the images behind it to the reason, on the pages of a real server with models that were trained. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let complaints: string[];
let curves: Curve[];

interface Curve {
  model: { id: string; name: string };
  transform: { id: string; title: string };
  target: string;
  sweep: { id: string; samples: number };
  points: { id: string; value: number; targetCount: number; truthCount: number; otherCount: number }[];
}

beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  complaints = complaintsOf(page, new URL(server.url).host);
  ({ robustnessCurves: curves } = await server.query(
    `{ robustnessCurves(filter: {}) { model { id name } transform { id title } target sweep { id samples }
       points { id value targetCount truthCount otherCount } } }`,
  ));
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail' && page) {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'trojanscope-e2e-')), 'page.png');
    await page.screenshot({ path: file, fullPage: true }).catch(() => {});
    console.error(`The page as it was: ${file} (${page.url()})`);
  }
  expect(complaints.splice(0)).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await data?.remove();
});

const region = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('region', { name });
/** What a busy machine may need. */
const PATIENCE = { timeout: 20_000, interval: 100 };
const rotation = () =>
  curves.find(({ transform, target }) => transform.id === 'rotation' && target === 'IMAGE')!;
const at45 = () => rotation().points.find(({ value }) => value === 45)!;
const addressed = (name: string) => new URL(page.url()).searchParams.get(name);
async function expectDrawn(picture: Locator) {
  await picture.first().waitFor();
  await expect
    .poll(() => picture.first().evaluate((image) => (image as HTMLImageElement).naturalWidth), {
      timeout: 20_000,
    })
    .toBeGreaterThan(0);
}

describe('curves', () => {
  test('stand in small multiples, and a click on a point opens the samples behind it', async () => {
    await page.goto(`${server.url}/curves/`);
    const panels = page.getByRole('img', { name: /: 1 curve$/ });
    await expect.poll(() => panels.count(), PATIENCE).toBe(curves.length);
    const surface = page.getByRole('button', { name: /^Rotation of the image: 1 curve/ });
    const { width, height } = (await surface.boundingBox())!;
    // The page draws from 52 px on the left to 22 px on the right; 45° is half of it.
    await surface.click({ position: { x: 52 + (width - 74) / 2, y: height / 2 } });
    await expect.poll(() => addressed('point'), PATIENCE).toBe(at45().id);
    await region('The samples at 45°').waitFor();
  });

  test('are read with the keyboard: arrows walk the points, Enter opens one', async () => {
    await page.goto(`${server.url}/curves/`);
    const surface = page.getByRole('button', { name: /^Rotation of the image: 1 curve/ });
    await surface.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const values = rotation()
      .points.map(({ value }) => value)
      .sort((a, b) => a - b);
    const third = rotation().points.find(({ value }) => value === values[2])!;
    await expect.poll(() => addressed('point'), PATIENCE).toBe(third.id);
  });

  test('show what the transform took, on request, and keep that in the address', async () => {
    await page.goto(`${server.url}/curves/`);
    await page.getByRole('switch', { name: 'Drop against the identity' }).click();
    await region('ASR lost to transforms').waitFor();
    expect(addressed('drop')).toBe('1');
  });
});

describe('outcomes', () => {
  test('are grouped by what became of them, and only those in sight are there', async () => {
    const point = at45();
    await page.goto(`${server.url}/outcomes/?point=${point.id}`);
    const samples = region('The samples at 45°');
    const titles = { Target: point.targetCount, Truth: point.truthCount, Other: point.otherCount };
    for (const [title, count] of Object.entries(titles)) {
      const group = samples.getByRole('region', { name: title, exact: true });
      await group.getByText(`${count} of ${rotation().sweep.samples}`).waitFor();
      if (count > 0) await group.getByRole('listitem').first().waitFor();
    }
    const tiles = await samples.getByRole('listitem').count();
    expect(tiles).toBeLessThan(rotation().sweep.samples);
    await expectDrawn(samples.getByRole('listitem').getByRole('img'));
  });

  test('are walked with the arrow keys; a sample opens its strip', async () => {
    const grid = region('The samples at 45°')
      .getByRole('list', { name: /samples$/ })
      .first();
    const tiles = grid.getByRole('button');
    await tiles.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await tiles.nth(1).evaluate((tile) => tile === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const sample = page.getByRole('dialog', { name: 'Sample' });
    for (const name of [/^Clean sample: /, /^Trojaned, untransformed: /, /^What the model saw: /])
      await expectDrawn(sample.getByRole('img', { name }));
    const strip = region('The same sample across values', sample);
    expect(await strip.getByRole('listitem').count()).toBe(rotation().points.length);
    await expectDrawn(strip.getByRole('img').last());
  });
});

describe('explanations', () => {
  test('are made of any selection of samples', async () => {
    await page.goto(`${server.url}/outcomes/?point=${at45().id}`);
    const samples = region('The samples at 45°');
    await samples.getByRole('button', { name: 'Choose samples to explain' }).click();
    const tiles = samples.getByRole('listitem').getByRole('button');
    await tiles.nth(0).click();
    await tiles.nth(2).click();
    await samples.getByRole('button', { name: 'Explain these 2' }).click();
    await page.getByRole('heading', { name: 'Explanations', level: 1 }).waitFor();
    await expect
      .poll(() => page.getByRole('img', { name: /^Saliency map, Rotation/ }).count(), PATIENCE)
      .toBe(2);
    await expectDrawn(page.getByRole('img', { name: /^Saliency map, Rotation/ }));
  });

  test('with signs, and beside the untransformed ones what the model looks at more and less', async () => {
    await page.getByText('Signed', { exact: true }).click();
    await page.getByText('No signed map yet').first().waitFor();
    await page.getByLabel('n, copies').fill('5');
    await page.getByRole('button', { name: 'Explain 4 samples' }).click();
    await expectDrawn(page.getByRole('img', { name: /^Difference from the untransformed map/ }).first());
    await page.getByText('n = 5, σ = 0.15').first().waitFor();
  });

  test('are shown through the image at any opacity', async () => {
    const map = page.getByRole('img', { name: /^Saliency map/ }).first();
    const opacity = () =>
      map.evaluate((image) => Number((image.closest('[style*="opacity"]') as HTMLElement).style.opacity));
    const before = await opacity();
    await page.getByRole('slider', { name: 'Opacity of the map' }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await opacity()).toBeCloseTo(before - 0.05, 5);
  });
});

describe('the probe', () => {
  test('follows what is moved: image, predictions, saliency and the place on the curve', async () => {
    const { model } = rotation();
    await page.goto(`${server.url}/probe/?model=${model.id}&transform=rotation&sample=3`);
    const image = page.getByRole('img', { name: /^What the model sees/ });
    await expectDrawn(image);
    const [source, place] = [await image.getAttribute('src'), page.getByTestId('place')];
    const left = async () => (await place.boundingBox())!.x;
    const from = await left();
    const slider = page.getByRole('slider', { name: /^Angle/ });
    await slider.focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
    await page.getByText(/^answered in/).waitFor();
    await expect.poll(() => image.getAttribute('src'), PATIENCE).not.toBe(source);
    expect(await left()).toBeGreaterThan(from);
    await expectDrawn(page.getByRole('img', { name: /^Saliency map of/ }));
    const value = Number(addressed('value'));
    expect(value).toBeGreaterThan(0);
    const input = {
      modelId: model.id,
      sampleIndex: 3,
      trigger: true,
      transform: { transform: 'rotation', target: 'IMAGE', value },
    };
    const { probe } = await server.query(
      'query ($input: ProbeInput!) { probe(input: $input) { image { url } probabilities { label { name } probability } } }',
      { input },
    );
    // The picture of the last value, not of one on the way.
    await expect.poll(() => image.getAttribute('src'), PATIENCE).toBe(probe.image.url);
    const first = page.getByRole('list', { name: 'Predictions' }).getByRole('listitem').first();
    expect(await first.textContent()).toContain(`${(100 * probe.probabilities[0].probability).toFixed(1)}`);
  });

  test('says what is refused', async () => {
    await page.goto(`${server.url}/probe/?model=mod_00000000000000000000000000`);
    await page.getByText('There is no such model').waitFor();
  });
});

describe('to everybody', () => {
  const places = (): Record<string, { address: string; shows: Locator }> => ({
    curves: { address: '/curves/', shows: page.getByRole('img', { name: /: 1 curve$/ }).first() },
    outcomes: {
      address: `/outcomes/?point=${at45().id}`,
      shows: region('The samples at 45°').getByRole('listitem').first(),
    },
    explanations: {
      address: '/explanations/',
      shows: page.getByRole('img', { name: /^Saliency map/ }).first(),
    },
    probe: { address: '/probe/', shows: page.getByRole('img', { name: /^What the model sees/ }) },
  });

  test.each(['curves', 'outcomes', 'explanations', 'probe'])(
    'the %s page is readable at 400, 900 and 1600 px, light and dark',
    { timeout: 120_000 },
    async (name) => {
      const { address, shows } = places()[name]!;
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.goto(server.url + address);
        for (const width of [400, 900, 1600]) {
          await page.setViewportSize({ width, height: 900 });
          await shows.waitFor();
          const where = `${name}, ${width} px, ${colorScheme}`;
          const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          await expect.poll(beyond, { ...PATIENCE, message: where }).toBeLessThanOrEqual(0);
          if (width !== 900)
            expect({ where, violations: await violations(page) }).toEqual({ where, violations: [] });
        }
      }
    },
  );

  test.each(['curves', 'outcomes', 'explanations', 'probe', 'model'])(
    'the %s page loads at most 350 kB of compressed JavaScript first',
    async (name) => {
      const out = path.join(import.meta.dirname, '../out');
      const html = await readFile(path.join(out, name, 'index.html'), 'utf8');
      const tags = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"[^>]*>/g)];
      // What only browsers without modules load is nobody’s.
      const scripts = new Set(tags.filter(([tag]) => !/nomodule/i.test(tag)).map(([, source]) => source!));
      let bytes = 0;
      for (const source of scripts) bytes += gzipSync(await readFile(path.join(out, source))).length;
      expect(scripts.size).toBeGreaterThan(3);
      expect(bytes).toBeLessThanOrEqual(350 * 1024);
    },
  );
});
