import { temporaryFolder } from '@trojanscope/testing/folder';
import { writeShownPlugins } from '@trojanscope/testing/plugins';
import { startServer } from '@trojanscope/testing/server';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { expectReadable } from './browser';
import { SERVER_GONE, type Server, useSession } from './session';

/** An attack of one's own, from its form to the page of a model whose plugin is gone. */

const own = await temporaryFolder();
await writeShownPlugins(own.folder);
const session = useSession({
  copyOf: inject('smoke').data,
  args: ['--no-quickstart', '--plugins', own.folder],
});
afterAll(() => own.remove());

let server: Server;
let page: Page;
beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
});
const region = (name: string | RegExp) => page.getByRole('region', { name });

test('the settings tell which plugins there are', async () => {
  await page.goto(`${server.url}/settings/`);
  const table = page.getByRole('table').filter({ hasText: 'checkerboard.mjs' });
  await table
    .getByRole('row', { name: /checkerboard\.mjs attack Checkerboard \(checkerboard\) loaded/ })
    .waitFor();
  expect(await table.getByRole('row').count()).toBe(1 + 5);
  await expectReadable(page, `${server.url}/settings/`, table);
  await page.setViewportSize({ width: 1400, height: 900 });
});

test('the form shows the parameters of an attack, and implants it', async () => {
  await page.goto(`${server.url}/new/`);
  const form = page.getByRole('form', { name: 'Implant a backdoor' });
  await form.getByRole('combobox', { name: 'Attack', exact: true }).selectOption('Checkerboard');
  await form.getByText('Parameters of Checkerboard').waitFor();
  await form.getByText('Side of the square.').waitFor();
  const side = form.getByLabel(/^Patch size/);
  expect([await side.inputValue(), await side.getAttribute('placeholder')]).toContain('6');
  await side.fill('8');
  await form.getByRole('combobox', { name: 'Data set' }).selectOption('Shapes');
  await form.getByText('How it is trained').click();
  await form.getByLabel('Epochs').fill('1');
  await form.getByRole('button', { name: 'Implant the backdoor' }).click();
  await page.getByRole('heading', { name: 'Checkerboard LeNet on Shapes', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Export' }).waitFor({ timeout: 120_000 });
  await page.getByText(/^checkerboard\.mjs, [0-9a-f]{12}…$/).waitFor();
});

test('a transform has its place in the form of sweeps', async () => {
  const form = page.getByRole('form', { name: 'Run a sweep' });
  await form.getByLabel('Transform', { exact: true }).first().click();
  await page.getByRole('option', { name: 'Shear' }).click();
  await form.getByLabel('Samples').fill('50');
  await form.getByRole('button', { name: 'Run the sweep' }).click();
  await page.getByRole('heading', { name: 'Shear of the trigger', level: 1 }).waitFor();
  await page.getByRole('img', { name: /4 of 4 points, done/ }).waitFor({ timeout: 60_000 });
});

test('without the plugin its pages say what is missing', async () => {
  const sweepPage = page.url();
  const port = Number(new URL(server.url).port);
  const { models } = await server.query('{ models(first: 10) { nodes { id attack { id } } } }');
  const { id } = models.nodes.find(
    ({ attack }: { attack: { id: string } | null }) => attack?.id === 'checkerboard',
  );
  await page.goto('about:blank');
  await server.stop();
  session.server = await startServer({ data: session.folder, port });
  await page.goto(`${server.url}/model/?id=${id}`);
  await page.getByText(/The attack checkerboard is missing: it is the plugin checkerboard\.mjs’s/).waitFor();
  await page.goto(sweepPage);
  await page.getByRole('heading', { name: 'Shear (missing) of the trigger', level: 1 }).waitFor();
  await page.goto(`${server.url}/models/`);
  await page
    .getByRole('row', { name: /Checkerboard \(missing\)/ })
    .first()
    .waitFor();
  await page.goto(`${server.url}/new/`);
  await page.getByRole('form', { name: 'Implant a backdoor' }).waitFor();
  const attacks = page.getByRole('combobox', { name: 'Attack', exact: true });
  expect(await attacks.locator('option').allTextContents()).not.toContain('Checkerboard');
  await page.goto(`${server.url}/settings/`);
  await region('Server').waitFor();
  expect(await page.getByText('checkerboard.mjs').count()).toBe(0);
  // Pictures that need the plugin are refused.
  session.excuse(SERVER_GONE);
  session.excuse(/40[49]|artifacts/);
});
