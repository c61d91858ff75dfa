import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { addCopies } from '@trojanscope/testing/modelCopies';
import type { Locator, Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { download, expectCount, expectDrawn, expectLight, expectReadable } from './browser';
import { SERVER_GONE, type Server, useSession } from './session';

/** From a number to the images behind it to the reason, on the pages of a real server with models that were trained. */

const run = promisify(execFile);

const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;
let curves: Curve[];

interface Curve {
  model: { id: string; name: string };
  transform: { id: string; title: string };
  target: string;
  sweep: { id: string; samples: number };
  points: { id: string; value: number; targetCount: number; truthCount: number; otherCount: number }[];
}

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
  ({ robustnessCurves: curves } = await server.query(
    `{ robustnessCurves(filter: {}) { model { id name } transform { id title } target sweep { id samples }
       points { id value targetCount truthCount otherCount } } }`,
  ));
});

const region = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('region', { name });
const rotation = () =>
  curves.find(({ transform, target }) => transform.id === 'rotation' && target === 'IMAGE')!;
const at45 = () => rotation().points.find(({ value }) => value === 45)!;
const addressed = (name: string) => new URL(page.url()).searchParams.get(name);

describe('curves', () => {
  test('stand in small multiples, and a click on a point opens the samples behind it', async () => {
    await page.goto(`${server.url}/curves/`);
    const panels = page.getByRole('img', { name: /: 1 curve$/ });
    await expectCount(panels, curves.length);
    const surface = page.getByRole('button', { name: /^Rotation of the image: 1 curve/ });
    const { width, height } = (await surface.boundingBox())!;
    // The page draws from 52 px on the left to 22 px on the right; 45° is half of it.
    await surface.click({ position: { x: 52 + (width - 74) / 2, y: height / 2 } });
    await expect.poll(() => addressed('point')).toBe(at45().id);
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
    await expect.poll(() => addressed('point')).toBe(third.id);
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
    // Down the page others take their places.
    await expectDrawn(samples.getByRole('listitem').getByRole('img').first());
  });

  test('are walked with the arrow keys; a sample opens its strip', async () => {
    await page.goto(`${server.url}/outcomes/?point=${at45().id}`);
    const grids = region('The samples at 45°').getByRole('list', { name: /samples?$/ });
    const { targetCount, truthCount, otherCount } = at45();
    await expectCount(grids, [targetCount, truthCount, otherCount].filter((count) => count > 0).length);
    const tiles = grids.first().getByRole('button');
    await tiles.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await tiles.nth(1).evaluate((tile) => tile === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    const sample = page.getByRole('dialog', { name: 'Sample' });
    for (const name of [/^Clean sample: /, /^Trojaned, untransformed: /, /^What the model saw: /])
      await expectDrawn(sample.getByRole('img', { name }));
    const strip = region('The same sample across values', sample);
    await expectCount(strip.getByRole('listitem'), rotation().points.length);
    await expectDrawn(strip.getByRole('img').last());
  });

  test('stay when what lies over them is closed: their downloads, the search', async () => {
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await sample.getByRole('button', { name: /^Query and downloads: sample-/ }).click();
    const downloads = page.getByRole('dialog', { name: 'Query and downloads' });
    const [header] = (await download(page, 'CSV')).toString().split('\r\n');
    expect(header).toBe('model,value,outcome,predicted,confidence');
    await page.keyboard.press('Escape');
    await downloads.waitFor({ state: 'detached' });
    expect(await sample.count()).toBe(1);
    await page.keyboard.press('Control+k');
    const search = page.getByRole('textbox', { name: 'Search and commands' });
    await search.waitFor();
    await page.keyboard.press('Escape');
    await search.waitFor({ state: 'detached' });
    expect(await sample.count()).toBe(1);
  });

  test('are looked at together down to single pixels', async () => {
    const sample = page.getByRole('dialog', { name: 'Sample' });
    await sample.getByRole('slider', { name: 'Zoom' }).focus();
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
    const scales = () =>
      sample
        .getByRole('img', { name: /^(Clean sample|What the model saw|Trojaned|Swiped|.*taken for)/ })
        .evaluateAll((images) =>
          images.map((image) =>
            Number(
              (image.getBoundingClientRect().width / (image.closest('figure, li')!.clientWidth || 1)).toFixed(
                1,
              ),
            ),
          ),
        );
    await expect.poll(async () => new Set(await scales())).toEqual(new Set([4]));
    const pictures = (await scales()).length;
    expect(pictures).toBeGreaterThan(3);
    const clean = page.getByRole('img', { name: /^Clean sample: / });
    // Zoomed in, most of the picture is beyond its frame.
    const frame = (await sample.getByRole('figure').filter({ has: clean }).boundingBox())!;
    for (const at of [40, 60]) await page.mouse.move(frame.x + at, frame.y + at);
    await sample.getByText(/^column \d+, row \d+$/).waitFor();
    // The same pixel is marked in every picture.
    await expectCount(sample.locator('svg rect[width="1"]'), pictures);
    // Clean on the left, what the model saw on the right of an edge that moves.
    await sample.getByRole('slider', { name: 'Swipe' }).focus();
    const edge = () =>
      sample
        .getByRole('img', { name: 'Swiped: what the model saw' })
        .evaluate((image) => getComputedStyle(image.closest('[style*="clip-path"]')!).clipPath);
    expect(await edge()).toBe('inset(0px 0px 0px 50%)');
    await page.keyboard.press('Home');
    await expect.poll(edge).toBe('inset(0px 0px 0px 0%)');
    await page.keyboard.press('Escape');
    await sample.waitFor({ state: 'detached' });
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
    await expect.poll(() => page.getByRole('img', { name: /^Saliency map, Rotation/ }).count()).toBe(2);
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

  test('by another method, which each map names with its parameters and scores', async () => {
    await page.getByRole('combobox', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'Integrated Gradients' }).click();
    expect(addressed('method')).toBe('integratedGradients');
    await page.getByText('No map by this method yet').first().waitFor();
    await page.getByLabel('Steps').fill('8');
    await page.getByRole('button', { name: 'Explain 4 samples' }).click();
    await page.getByText('Integrated Gradients: steps 8, tolerance 0.001, baseline black').first().waitFor();
    await page.getByText('Completeness').first().waitFor();
    await page.getByText('Deletion').first().waitFor();
    await page.getByRole('combobox', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'SmoothGrad' }).click();
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

  test('of all methods are compared at a point that defeats the trigger', async () => {
    const { points } = rotation();
    const defeat = points
      .filter(({ value }) => value !== 0)
      .reduce((best, point) => (point.truthCount > best.truthCount ? point : best));
    await page.goto(`${server.url}/outcomes/?point=${defeat.id}`);
    const panel = region('Which method sees the trigger?');
    await panel.getByRole('button', { name: 'Compare all methods on 50 samples' }).click();
    const rows = panel.getByRole('region', { name: 'Methods compared' }).getByRole('row');
    const comparison = async () =>
      (
        await server.query(
          `query ($id: ID!) { node(id: $id) { ... on Point { explainerComparison {
             samples waiting rows { explainer { title } triggerEnergy { value } } } } } }`,
          { id: defeat.id },
        )
      ).node.explainerComparison;
    await expect.poll(async () => (await comparison())?.waiting, { timeout: 90_000 }).toBe(0);
    const { samples, rows: made } = await comparison();
    await panel.getByText(`Over the same ${samples} samples`).waitFor();
    await expectCount(rows, made.length + 1);
    for (const [i, { explainer, triggerEnergy }] of made.entries()) {
      const shown = () => rows.nth(i + 1).textContent();
      await expect.poll(shown).toContain(explainer.title);
      await expect.poll(shown).toContain(`${(100 * triggerEnergy.value).toFixed(1)}`);
    }
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
    // Not beyond the curve’s last value: there it has no place.
    for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowRight');
    await page.getByText(/^answered in/).waitFor();
    await expect.poll(() => image.getAttribute('src')).not.toBe(source);
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
    await expect.poll(() => image.getAttribute('src')).toBe(probe.image.url);
    const first = page.getByRole('list', { name: 'Predictions' }).getByRole('listitem').first();
    expect(await first.textContent()).toContain(`${(100 * probe.probabilities[0].probability).toFixed(1)}`);
  });

  test('sets the map of an untrained network beside the model’s', async () => {
    const own = page.getByRole('img', { name: /^Saliency map of [^,]+$/ });
    const untrained = page.getByRole('img', { name: /^Saliency map of .*, untrained network$/ });
    expect(await untrained.count()).toBe(0);
    await page.getByRole('switch', { name: 'Untrained network' }).click();
    await expectDrawn(untrained);
    expect(await untrained.getAttribute('src')).not.toBe(await own.getAttribute('src'));
    expect(addressed('untrained')).toBe('1');
  });

  test('explains by another method', async () => {
    const map = page.getByRole('img', { name: /^Saliency map of [^,]+$/ });
    const before = await map.getAttribute('src');
    await page.getByRole('combobox', { name: 'Method' }).click();
    await page.getByRole('option', { name: 'Occlusion' }).click();
    await expect.poll(() => map.getAttribute('src')).not.toBe(before);
    expect(addressed('method')).toBe('occlusion');
  });

  test('says what is refused', async () => {
    await page.goto(`${server.url}/probe/?model=mod_00000000000000000000000000`);
    await page.getByText('There is no such model').waitFor();
  });
});

describe('a panel is taken away', () => {
  const dialog = () => page.getByRole('dialog', { name: 'Query and downloads' });
  const points = () => curves.flatMap((curve) => curve.points).length;

  test('as CSV, JSON, SVG, PNG and LaTeX', async () => {
    await page.goto(`${server.url}/curves/`);
    await page.getByRole('button', { name: 'Query and downloads: curves', exact: true }).click();
    const rows = (await download(page, 'CSV')).toString().trim().split('\r\n');
    expect(rows[0]).toBe(
      'model,transform,target,value,samples,ASR,low,high,ASR drop,McNemar p,"clean, trojaned","clean, benign"',
    );
    expect(rows).toHaveLength(1 + points());

    const json = JSON.parse((await download(page, 'JSON')).toString());
    expect(json.robustnessCurves.map(({ sweep }: Curve) => sweep.id)).toEqual(
      curves.map(({ sweep }) => sweep.id),
    );

    const svg = (await download(page, 'SVG')).toString();
    expect(svg.length).toBeLessThan(200_000);
    for (const word of ['ASR under transforms', rotation().model.name, 'Wilson 95 % interval', '45°', '100'])
      expect(svg).toContain(word);
    // It stands alone: nothing in it points elsewhere.
    expect(svg.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|\/artifacts/);
    const { width, height } = await sharp(Buffer.from(svg)).metadata();

    const png = await sharp(await download(page, 'PNG')).metadata();
    expect([png.format, png.width, png.height]).toEqual(['png', 2 * width!, 2 * height!]);

    const tex = (await download(page, 'LaTeX')).toString();
    expect(tex).toMatch(/^\\begin\{tabular\}\{lll/);
    expect(tex.match(/\\\\$/gm)).toHaveLength(1 + points());
  });

  test('as a query that runs as shown: GraphQL, curl, Python and TypeScript', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'trojanscope-snippets-'));
    const shown = async (language: string) => {
      await dialog().getByText(language, { exact: true }).click();
      return (await dialog()
        .getByRole('region', { name: `The query as ${language}` })
        .textContent())!;
    };
    const graphql = await shown('GraphQL');
    const expected = (await server.post({ query: graphql })).body.data;
    expect(expected.robustnessCurves).toHaveLength(curves.length);

    const { stdout: curl } = await run('bash', ['-c', await shown('curl')], { maxBuffer: 1e8 });
    expect(JSON.parse(curl).data).toEqual(expected);

    await writeFile(path.join(folder, 'query.py'), await shown('Python'));
    const { stdout: python } = await run('python3', [path.join(folder, 'query.py')], { maxBuffer: 1e8 });
    expect(JSON.parse(python)).toEqual(expected);

    await writeFile(path.join(folder, 'query.mjs'), await shown('TypeScript'));
    const { stdout: typescript } = await run(process.execPath, [path.join(folder, 'query.mjs')], {
      maxBuffer: 1e8,
    });
    expect(JSON.parse(typescript)).toEqual(expected);
    await rm(folder, { recursive: true });
    await page.keyboard.press('Escape');
  });

  test('also pictures, which the SVG holds', async () => {
    await page.goto(`${server.url}/explanations/`);
    await page.getByRole('button', { name: 'Query and downloads: explanations', exact: true }).click();
    const svg = (await download(page, 'SVG')).toString();
    expect(svg).toContain('data:image/png;base64,');
    expect(svg).not.toContain('/artifacts');
    await page.keyboard.press('Escape');
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
      await expectReadable(page, server.url + address, shows);
    },
  );

  test.each(['curves', 'outcomes', 'explanations', 'probe', 'model'])(
    'the page “%s” loads little',
    async (name) => expectLight(await session.open(), server.url, name && `${name}/`),
  );
});

describe('a server that goes away', () => {
  test('is noticed, what was there stays, and what is new shows up by itself', async () => {
    await page.setViewportSize({ width: 1400, height: 1000 });
    await page.goto(`${server.url}/curves/`);
    const panels = page.getByRole('img', { name: /: 1 curve$/ });
    await expectCount(panels, curves.length);
    await server.kill();
    await page.getByText('connection lost').waitFor();
    expect(await panels.count()).toBe(curves.length);
    server = await session.restartServer();
    const input = {
      modelId: rotation().model.id,
      transform: 'brightness',
      target: 'IMAGE',
      values: [1, 0.5],
      samples: 20,
    };
    await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id }');
    await page.getByRole('img', { name: /^Brightness of the image: 1 curve$/ }).waitFor();
    // What failed while the server was away is no fault of the page's.
    session.excuse(SERVER_GONE);
  });
});

describe('a hundred models', () => {
  test('are overlaid, and answer to the pointer', async () => {
    const ids = await addCopies(session.folder, 99, rotation().model.id);
    await page.goto(`${server.url}/curves/?models=${[rotation().model.id, ...ids].join(',')}`);
    const surface = page.getByRole('button', { name: /^Rotation of the image: 100 curves/ });
    await surface.hover();
    await page.getByText('samples; a click shows them').first().waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(10_000);
  });

  test('of one kind are one line, the mean of their seeds, in chart, legend and address', async () => {
    const legend = page.getByRole('list', { name: 'Legend' });
    const lines = legend.getByText('BadNets LeNet on Shapes');
    await expectCount(lines, 100);
    await page.getByRole('switch', { name: 'Seeds as one' }).click();
    await legend.getByText('BadNets LeNet on Shapes: mean of 100 seeds').waitFor();
    await expectCount(lines, 1);
    await expect.poll(() => addressed('seeds')).toBe('1');
  });

  test('are too many to stand side by side, which is said', async () => {
    const { models } = await server.query('{ models(first: 60) { nodes { id } } }');
    const ids = models.nodes.map(({ id }: { id: string }) => id).join('+');
    await page.goto(`${server.url}/compare/?ids=${ids}`);
    await page.getByRole('heading', { name: '50 models compared' }).waitFor();
    await page.getByText('10 more were left out: at most 50 stand side by side').waitFor();
  });
});
