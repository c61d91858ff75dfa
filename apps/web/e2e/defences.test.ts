import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { download, expectCount, expectDrawn, expectLight, expectReadable } from './browser';
import { type Server, useSession } from './session';

/** From no detector tried to the images that one catches and misses; each test goes on where the one before left the page. */

const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;
let model: { id: string; name: string };

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id name } } }',
  );
  model = models.nodes[0];
  // The smoke study has tried one.
  const { detections } = await server.query('{ detections(first: 10) { nodes { id } } }');
  const ids = detections.nodes.map(({ id }: { id: string }) => id);
  await server.mutate('deleteItems', 'DeleteItemsInput', { ids }, 'items { id }');
  await server.mutate('purgeTrash', 'PurgeTrashInput', { olderThanDays: 0 }, 'purged { ids }');
});

const SAMPLES = 20;
const region = (name: string | RegExp, within: Page | Locator = page) => within.getByRole('region', { name });
const addressed = (name: string) => new URL(page.url()).searchParams.get(name);
const detectionOfModel = async () => {
  const { detections } = await server.query(
    `query ($id: ID!) { detections(first: 5, filter: { modelId: $id, newest: true }) { nodes { id
       measures { auroc { value low high } roc { threshold truePositiveRate falsePositiveRate } }
       images(first: 100, filter: {}) { nodes { kind score } } } } }`,
    { id: model.id },
  );
  return detections.nodes[0];
};

describe('a detector', () => {
  test('is run from a model’s page, by a form that the catalog draws', async () => {
    await page.goto(`${server.url}/model/?id=${model.id}`);
    await page.getByRole('main').getByRole('link', { name: 'Defences', exact: true }).click();
    await page.getByText('No detector has been tried on this model yet. The form below runs one.').waitFor();
    const form = page.getByRole('form', { name: 'Run a detector' });
    await form.getByLabel(/^Samples/).fill(String(SAMPLES));
    const turns = form.getByLabel(/^Rotations/);
    expect(await turns.inputValue()).toBe('-15, 15');
    await turns.fill('-15, 15, x');
    await form.getByText('got x.').waitFor();
    await turns.fill('-10, 10');
    await form.getByText('No detector has been tried on such a model here yet.').waitFor();
    await form.getByRole('button', { name: 'Run the detector' }).click();
    const row = page.getByRole('table', { name: 'Detections' }).getByRole('row', { name: model.name });
    await row.waitFor({ timeout: 60_000 });
    const { measures } = await detectionOfModel();
    const text = await row.textContent();
    expect(text).toContain('Geometric consistency');
    expect(text).toContain('rotations -10 10');
    expect(text).toContain(measures.auroc.value.toFixed(3));
    expect(text).toContain(`${measures.auroc.low.toFixed(3)} to ${measures.auroc.high.toFixed(3)}`);
  });

  test('has a curve; arrows walk it, and Enter opens the images behind a point', async () => {
    const { measures, images } = await detectionOfModel();
    const surface = page.getByRole('button', { name: /^ROC curves of 1 detection\./ });
    await surface.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const [first] = measures.roc.filter(({ threshold }: { threshold: number | null }) => threshold !== null);
    await expect.poll(() => addressed('threshold')).toBe(String(first.threshold));
    const flagged = (kind: string, is: boolean) =>
      images.nodes.filter(
        (one: { kind: string; score: number }) => one.kind === kind && one.score >= first.threshold === is,
      ).length;
    const groups = {
      Caught: flagged('TROJANED', true),
      Missed: flagged('TROJANED', false),
      'False alarms': flagged('CLEAN', true),
    };
    expect(groups.Caught + groups.Missed).toBe(SAMPLES);
    for (const [title, count] of Object.entries(groups)) {
      const group = region(title);
      await group.getByText(new RegExp(`^${count} (trojaned|clean) and`)).waitFor();
      await expectCount(group.getByRole('listitem'), count);
      if (count > 0) await expectDrawn(group.getByRole('img').first());
    }
  });

  test('shows other images at another part of its curve', async () => {
    const before = addressed('threshold');
    const surface = page.getByRole('button', { name: /^ROC curves of 1 detection\./ });
    const { width } = (await surface.boundingBox())!;
    // The upper right corner, where all is flagged.
    await surface.click({ position: { x: width - 20, y: 26 } });
    await expect.poll(() => addressed('threshold')).not.toBe(before);
    await region('Missed').getByText('0 trojaned and not flagged').waitFor();
    await expectCount(region('False alarms').getByRole('listitem'), SAMPLES);
  });

  test('shows the very pictures that it asked about an image, each with its answer', async () => {
    const tile = region('False alarms').getByRole('button').first();
    await tile.focus();
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog', { name: 'What the detector asked about' });
    await drawer.waitFor();
    await expect.poll(() => addressed('image')).toMatch(/^dim_/);
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on DetectionImage { score trueLabel { name } predicted { index name }
         answers { labels confidences } views { text predicted { index name } } } } }`,
      { id: addressed('image') },
    );
    const { views, answers, predicted } = node;
    expect(views.map((view: { predicted: { index: number } }) => view.predicted.index)).toEqual(
      answers.labels,
    );
    expect(views.map(({ text }: { text: string }) => text).slice(0, 4)).toEqual([
      'as it is',
      'rotation -10 °',
      'rotation 10 °',
      'scaling 0.9 ×',
    ]);
    await drawer.getByRole('heading', { name: 'False alarm' }).waitFor();
    const shown = drawer.getByRole('listitem');
    await expectCount(shown, views.length);
    await expectDrawn(shown.getByRole('img'), views.length);
    for (const [i, view] of views.entries()) {
      const of = shown.nth(i);
      await of.getByRole('img', { name: `${view.text}: taken for ${view.predicted.name}` }).waitFor();
      const text = await of.textContent();
      expect(text).toContain(`${(100 * answers.confidences[i]).toFixed(1)}\u202f%`);
      expect(text!.includes('≠')).toBe(view.predicted.index !== predicted.index);
    }
    // As other dialogs: Escape closes, and the keyboard is where it was.
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
    await expect.poll(() => addressed('image')).toBeNull();
    await expect.poll(() => tile.evaluate((one) => one === document.activeElement)).toBe(true);
  });

  test('opens what was asked by its address, and closes it with “back” too', async () => {
    const drawer = page.getByRole('dialog', { name: 'What the detector asked about' });
    await region('False alarms').getByRole('button').nth(1).click();
    await drawer.getByRole('listitem').first().waitFor();
    const address = page.url();
    await page.goBack();
    await drawer.waitFor({ state: 'hidden' });
    await page.goto(address);
    await expectDrawn(drawer.getByRole('listitem').getByRole('img'), 7);
    await drawer.getByRole('button', { name: 'Close' }).click();
    await drawer.waitFor({ state: 'hidden' });
    await expect.poll(() => addressed('image')).toBeNull();
    expect(addressed('threshold')).not.toBeNull();
  });

  test('is taken away with its variant and its controls', async () => {
    await page.getByRole('button', { name: 'Query and downloads: detections', exact: true }).click();
    const [header, line] = (await download(page, 'CSV')).toString().split('\r\n');
    expect(header).toMatch(/^model,detector,variant,AUROC,/);
    expect(header).toContain('permuted labels');
    expect(line).toContain('Geometric consistency');
    await page.keyboard.press('Escape');
  });
});

describe('purifiers', () => {
  const purifiersOfModel = async () => {
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Model { purifiers { text onFront deployed cost
         asr { value low high } cleanAccuracy { value } } } } }`,
      { id: model.id },
    );
    return node.purifiers;
  };
  // Of twenty samples.
  const percent = (share: number) => `${(100 * share).toFixed(0)}\u202f%`;

  test('are told by the same answers, with the one that one would deploy', async () => {
    const purifiers = await purifiersOfModel();
    // The image as it is, two turns, a scaling, shifts.
    expect(purifiers).toHaveLength(5);
    const best = purifiers.find(({ deployed }: { deployed: boolean }) => deployed);
    const row = page.getByRole('table', { name: 'Best purifiers' }).getByRole('row', { name: model.name });
    const text = await row.textContent();
    expect(text).toContain(best ? best.text : 'none');
    if (best) expect(text).toContain(percent(best.asr.value));
    const rows = page.getByRole('table', { name: `Purifiers of ${model.name}` }).getByRole('row');
    const front = purifiers.filter(
      ({ text, onFront }: { text: string; onFront: boolean }) => onFront || text === 'nothing',
    );
    await expectCount(rows, 1 + front.length);
    if (front.length < purifiers.length)
      await page.getByRole('button', { name: 'Show those beside the front, too: 5 purifiers' }).click();
    await expectCount(rows, 1 + purifiers.length);
    for (const { text, asr, cleanAccuracy, onFront } of purifiers) {
      const [line] = (await rows.allTextContents()).filter((line) => line.startsWith(text));
      expect(line).toContain(`${percent(asr.low)} to ${percent(asr.high)}`);
      expect(line).toContain(percent(cleanAccuracy.value));
      expect(/on the front|would deploy/.test(line!)).toBe(onFront);
    }
  });

  test('are walked by arrow keys, from what leaves most clean accuracy', async () => {
    const purifiers = await purifiersOfModel();
    const figure = page.getByRole('button', {
      name: /^ASR against clean accuracy of 5 purifiers of 1 model\./,
    });
    await figure.focus();
    for (const { text } of [purifiers[0], purifiers[1]]) {
      await page.keyboard.press(text === purifiers[0].text ? 'ArrowRight' : 'ArrowLeft');
      await page.getByText(`${model.name}, ${text}: ASR `).waitFor({ state: 'attached' });
    }
  });

  test('are taken away as a table, and as a picture', async () => {
    await page.getByRole('button', { name: 'Query and downloads: purifiers', exact: true }).click();
    const [header, ...lines] = (await download(page, 'CSV')).toString().trimEnd().split('\r\n');
    expect(header).toMatch(/^model,purifier,draws,ASR,/);
    expect(lines).toHaveLength(5);
    await page.keyboard.press('Escape');
    for (const name of ['what-purifiers-leave', 'roc-curves']) {
      await page.getByRole('button', { name: `Query and downloads: ${name}`, exact: true }).click();
      const svg = (await download(page, 'SVG')).toString();
      expect(svg).toMatch(/^<\?xml [^>]*>\n<svg /);
      expect(svg).toContain(model.name);
      await page.keyboard.press('Escape');
    }
  });
});

describe('the page', () => {
  test('is readable at 400, 900 and 1600 px, light and dark', { timeout: 120_000 }, async () => {
    const shows = page.getByRole('img', { name: /^ROC curves of 1 detection/ });
    const { id, measures } = await detectionOfModel();
    const { threshold } = measures.roc.at(-1);
    const address = `${server.url}/defences/?model=${model.id}&detection=${id}&threshold=${threshold}`;
    await expectReadable(page, address, shows);
  });

  test('is readable with what was asked about an image, too', { timeout: 120_000 }, async () => {
    const { id, measures } = await detectionOfModel();
    const { threshold } = measures.roc.at(-1);
    const at = new URLSearchParams({
      model: model.id,
      detection: id,
      threshold,
      image: `dim_${id.slice(4)}_clean_0`,
    });
    const shows = page.getByRole('dialog').getByRole('img', { name: /^rotation 10 °/ });
    await expectReadable(page, `${server.url}/defences/?${at}`, shows);
  });

  test('loads little', async () => expectLight(await session.open(), server.url, 'defences/'));
});
