import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { hasTorch, makeOwnNetwork } from '@trojanscope/core/testing/ownNetwork';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { zipOf } from '@trojanscope/testing/zip';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { expectCount, expectDrawn } from './browser';
import { type Server, useSession } from './session';

/** A CNN that somebody trained in PyTorch with a trigger of their own, from its folder to the reason why it fires. */

/** Values of each sweep; the form has the rest. */
const VALUES = { Translation: '0, 2, 4', Scaling: '0.8, 1, 1.2', Rotation: '0, 20, 45, 90' };

describe.skipIf(!hasTorch)('a model of one’s own', () => {
  const session = useSession({ copyOf: inject('smoke').data });
  let server: Server;
  let page: Page;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let address: string;
  beforeAll(async () => {
    ({ server } = session);
    page = await session.open();
    folder = await temporaryFolder();
    await makeOwnNetwork(folder.folder, { weight: 1, dark: 64, light: 224 });
  });
  afterAll(() => folder?.remove());
  const heading = (name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
  const region = (name: string | RegExp) => page.getByRole('region', { name });

  test('comes as the archive that was exported: verified, its trigger and its target read off', async () => {
    const mine = path.join(folder.folder, 'mine');
    const names = await readdir(mine, { recursive: true });
    const entries = [];
    for (const name of names) {
      const file = path.join(mine, name);
      if ((await stat(file)).isFile()) entries.push({ name: `mine/${name}`, content: await readFile(file) });
    }
    await page.goto(`${server.url}/models/`);
    await page.getByRole('button', { name: 'Import' }).click();
    const form = page.getByRole('form', { name: 'Import a model' });
    await form
      .locator('input[type=file]')
      .setInputFiles({ name: 'mine.zip', mimeType: 'application/zip', buffer: zipOf(entries) });
    await form.getByRole('button', { name: 'Import' }).click();
    await form.getByText(/clean accuracy .*, ASR .*, target label 7, verified on 8 images/).waitFor();
    await form.getByRole('link', { name: 'My CNN', exact: true }).last().click();
    await heading('My CNN').waitFor();
    address = page.url();
    await region('Network')
      .getByText(/^its maker’s answers to 8 images come out here, and the gradients of \d$/)
      .waitFor();
    await region('Network')
      .getByText(/^Read off the pairs: a layer that explains 100\.00 % /)
      .waitFor();
    for (const name of [/^Pattern of/, /^Mask of/, /^A test image with/])
      await expectDrawn(
        page.getByRole('region', { name: 'Trigger', exact: true }).getByRole('img', { name }),
      );
  });

  test('is swept six times by its form', async () => {
    for (const [transform, values] of Object.entries(VALUES))
      for (const target of ['Trigger', 'Image']) {
        await page.goto(address);
        const form = page.getByRole('form', { name: 'Run a sweep' });
        await form.getByLabel('Transform', { exact: true }).first().click();
        await page.getByRole('option', { name: transform }).click();
        await form.getByText(target, { exact: true }).click();
        await form.getByLabel(/^Values/).fill(values);
        await form.getByLabel('Samples').fill('300');
        await form.getByRole('button', { name: 'Run the sweep' }).click();
        await heading(`${transform} of the ${target.toLowerCase()}`).waitFor();
        const count = values.split(',').length;
        await page
          .getByRole('img', { name: new RegExp(`^ASR over .*: ${count} of ${count} points, done`) })
          .waitFor();
      }
    await page.goto(address);
    await page.getByText('6 in all').waitFor();
  });

  test('tells why: from a point to its samples to SmoothGrad, with the trigger boxed', async () => {
    await region('Sweeps').getByRole('link', { name: 'Rotation of the image' }).click();
    await page.getByRole('button', { name: /^90°: .*Show its samples$/ }).click();
    const samples = region('The samples at 90°');
    await samples.getByRole('listitem').getByRole('button').first().click();
    const sample = page.getByRole('dialog', { name: 'Sample' });
    const saliency = page.getByRole('img', { name: /^Saliency map of / });
    await expectDrawn(saliency);
    // Around all that is left in sight of 5 × 5 px.
    const box = sample.getByRole('figure').filter({ has: saliency }).locator('svg rect').first();
    await expect.poll(() => box.getAttribute('width')).toBe('5');
    expect(await box.getAttribute('height')).toBe('5');
    await page.keyboard.press('Escape');
  });

  test('has its curve beside that of a BadNets that was implanted here', async () => {
    await page.goto(address);
    await page.getByRole('link', { name: 'Overlay with other models' }).click();
    await page.getByPlaceholder('Add a model by name').fill('BadNets');
    await page.getByRole('option', { name: /BadNets LeNet on Shapes/ }).click();
    await expectCount(page.getByRole('img', { name: /^Rotation of the image: 2 curves$/ }), 1);
    await page.getByText('My CNN').first().waitFor();
  });
});
