import type { Page } from 'playwright-core';
import { beforeAll, test } from 'vitest';
import { expectCount, expectDrawn, expectReadable } from './browser';
import { SERVER_GONE, useSession } from './session';

/** What somebody sees who starts the demo: finished results from the first page on. */

const session = useSession({ demo: true });
let page: Page;

beforeAll(async () => {
  page = await session.open();
});

const region = (name: string | RegExp) => page.getByRole('region', { name });
const NAMES = ['UAT', 'Blend', 'BadNets'].map((attack) => `${attack} LeNet on MNIST`);

test('the first page says that it is the demo, and shows what there is', async () => {
  await page.goto(session.server.url);
  const line = page.getByRole('complementary', { name: 'Demo' });
  await line.getByText('npm start').waitFor();
  await line.getByText(`${session.folder}/trojanscope-demo-`).waitFor();
  await region('Studies').getByText('25 of 25 done').waitFor();
  await expectCount(region('Models').getByRole('row'), 1 + 4);
  await line.getByRole('link', { name: 'curves' }).click();
  await page.getByRole('heading', { name: 'Curves', level: 1 }).waitFor();
});

test('curves of the three trojaned models, and the benign one’s beside them', async () => {
  const panels = page.getByRole('img', { name: /: 3 curves$/ });
  await expectCount(panels, 6);
  for (const name of NAMES) await region('ASR under transforms').getByText(name).first().waitFor();
  await page.getByText('of the benign model without colour').waitFor();
});

test('a click on a point shows its samples, a click on a sample what the model saw', async () => {
  const surface = page.getByRole('button', { name: /^Rotation of the trigger: 3 curves/ });
  const { width, height } = (await surface.boundingBox())!;
  // Drawn from 52 px on the left to 22 px on the right; 45° is half of it, where UAT's is near the bottom.
  await surface.click({ position: { x: 52 + (width - 74) / 2, y: height * 0.75 } });
  const samples = region('The samples at 45°');
  await samples
    .getByText(/ of 1,000/)
    .first()
    .waitFor();
  const tiles = samples.getByRole('listitem');
  await expectDrawn(tiles.getByRole('img').first());
  await tiles.getByRole('button').first().click();
  const sample = page.getByRole('dialog', { name: 'Sample' });
  await expectDrawn(sample.getByRole('img', { name: /^What the model saw: / }));
});

test('explanations are drawn', async () => {
  await page.goto(`${session.server.url}/explanations/`);
  await expectDrawn(page.getByRole('img', { name: /^Saliency map, / }).first());
});

test('everybody can read it', { timeout: 120_000 }, async () => {
  await expectReadable(page, session.server.url, page.getByRole('complementary', { name: 'Demo' }));
});

test('killed and started again, it is what it was, and an open page goes on', async () => {
  await page.goto(session.server.url);
  const before = (await session.server.query('{ server { demoFolder } }')).server.demoFolder;
  await page.getByRole('status').getByText('live').waitFor();
  await session.server.kill();
  await page.getByRole('status').getByText('connection lost').waitFor();
  await session.restartServer();
  await page.getByRole('status').getByText('live').waitFor();
  // Nobody reloaded: it has the new folder.
  await expectCount(page.getByText(before), 0);
  await page.getByText(`${session.folder}/trojanscope-demo-`).waitFor();
  await expectCount(region('Models').getByRole('row'), 1 + 4);
  session.excuse(SERVER_GONE);
});
