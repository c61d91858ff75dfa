import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createFolderBlobs } from '@trojanscope/api/blobs/folderBlobs';
import { importImageFolder } from '@trojanscope/api/datasets/imageFolder';
import { writeFiles } from '@trojanscope/testing/folder';
import { images } from '@trojanscope/testing/images';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { expectReadable, signIn } from './browser';
import { type Server, useSession } from './session';

/**
 * What a team does with a server that has accounts, in real browsers: the first admin signs in, gives others their roles,
 * keeps order among the models and compares them; a viewer looks, and is told what is not theirs to do. The tests follow
 * one another.
 */

const PASSWORD = 'correct horse battery';

const session = useSession({
  copyOf: inject('smoke').data,
  prepare: importPets,
  args: ['--no-quickstart', '--auth'],
});
let server: Server;
let admin: Page;
let viewer: Page;

beforeAll(async () => {
  ({ server } = session);
  [admin, viewer] = [await session.open('admin'), await session.open('viewer')];
});

/** What somebody might call something. */
const ATTEMPT = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>';
const FORMULA = '=HYPERLINK("http://elsewhere.example", "look")';

/** A data set whose classes are called so. */
async function importPets(dataFolder: string) {
  const from = path.join(dataFolder, 'pets');
  const manifest = { title: 'Pets', size: 32, classNames: { cat: ATTEMPT, dog: FORMULA } };
  const files = ['cat', 'dog'].flatMap((folder) =>
    ['train', 'test'].map((split) => [`${split}/${folder}/1.png`, images.rgb]),
  );
  await writeFiles(from, { 'manifest.json': JSON.stringify(manifest), ...Object.fromEntries(files) });
  await importImageFolder({ from, blobs: createFolderBlobs(dataFolder), id: 'pets' });
}

/** What the admin's browser may ask. */
const ask = (query: string, variables = {}) =>
  admin.evaluate(async (body) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return (await response.json()).data;
  }, JSON.stringify({ query, variables }));
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const row = (page: Page, name: string | RegExp) => page.getByRole('row').filter({ hasText: name });

describe('the first admin', () => {
  test('is made with the token that the server printed', async () => {
    await admin.goto(`${server.url}/settings/`);
    const form = admin.getByRole('form', { name: 'First admin' });
    await form.getByLabel('Token').fill(/ts_setup_[\w-]{43}/.exec(server.log())![0]);
    await form.getByLabel('Name').fill('ann');
    await form.getByRole('textbox', { name: 'Password' }).fill('short');
    await form.getByRole('button', { name: /^Make the admin/ }).click();
    await form.getByText(/12/).nth(1).waitFor();
    await form.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await form.getByRole('button', { name: /^Make the admin/ }).click();
    // The page that was asked for follows.
    await heading(admin, 'Settings').waitFor();
  });

  test('adds a viewer, and makes a token that works and is shown once', async () => {
    const users = admin.getByRole('form', { name: 'New user' });
    await users.getByLabel('Name').fill('vic');
    await users.getByRole('textbox', { name: 'First password' }).fill(PASSWORD);
    await users.getByRole('button', { name: 'Add' }).click();
    await admin.getByLabel('Role of vic').waitFor();

    const tokens = admin.getByRole('form', { name: 'New access token' });
    await tokens.getByLabel('Where it is used').fill('notebook');
    await tokens.getByRole('button', { name: 'Make a token' }).click();
    const secret = await admin
      .getByText(/^ts_pat_/)
      .first()
      .innerText();
    const ask = () => server.post({ query: '{ viewer { name } }' }, { authorization: `Bearer ${secret}` });
    expect((await ask()).body.data.viewer.name).toBe('ann');
    await admin.getByRole('button', { name: 'I have it' }).click();
    await admin.getByRole('button', { name: 'Revoke notebook' }).click();
    await row(admin, 'notebook').getByText('revoked').waitFor();
    expect((await ask()).status).toBe(401);
    expect(await admin.getByText(secret).count()).toBe(0);
  });
});

describe('the models', () => {
  test('are searched and ordered by several columns, all in the address', async () => {
    await admin.goto(`${server.url}/models/`);
    await row(admin, 'BadNets LeNet on Shapes').waitFor();
    await admin.getByRole('button', { name: /^ASR/ }).click();
    await admin.getByRole('button', { name: /^Name/ }).click({ modifiers: ['Shift'] });
    await expect.poll(() => new URL(admin.url()).searchParams.get('sort')).toBe('-asr,name');
    await admin.keyboard.press('/');
    await admin.keyboard.type('benign');
    await expect.poll(() => new URL(admin.url()).searchParams.get('q')).toBe('benign');
    await row(admin, 'BadNets LeNet on Shapes').waitFor({ state: 'detached' });
    await admin.getByRole('searchbox').fill('');
    await row(admin, 'BadNets LeNet on Shapes').waitFor();
  });

  test('have the columns that one wants, in the order that one wants', async () => {
    const table = admin.getByRole('region', { name: 'Table of models' });
    const titles = async () => (await table.getByRole('columnheader').allInnerTexts()).slice(1);
    await admin.getByRole('button', { name: 'Columns', exact: true }).click();
    const columns = admin.getByRole('list', { name: 'Columns to show' });
    for (const name of ['Data set', 'Network', 'Status', 'Made', 'Seed']) {
      const column = columns.getByRole('checkbox', { name, exact: true });
      const before = await column.isChecked();
      await column.click();
      await expect.poll(() => column.isChecked()).toBe(!before);
    }
    await columns.getByRole('button', { name: 'Seed: further left' }).click();
    await expect.poll(() => new URL(admin.url()).searchParams.get('cols')).toBe('attack,clean,seed,asr');
    expect((await titles()).map((title) => title.replace(/[↓↑\d\s]+$/, ''))).toEqual([
      'Name',
      'Attack',
      'Clean accuracy',
      'Seed',
      'ASR',
    ]);
    await admin.keyboard.press('Escape');
  });

  test('are chosen with the keyboard, tagged, locked, thrown away and brought back', async () => {
    await admin.getByRole('searchbox').blur();
    await admin.keyboard.press('j');
    await admin.keyboard.press('x');
    const chosen = admin.getByRole('region', { name: 'Chosen models' });
    await chosen.getByText('1 model chosen').waitFor();
    await chosen.getByRole('button', { name: 'Lock' }).click();
    await chosen.getByRole('button', { name: 'Unlock' }).waitFor();
    const trash = chosen.getByRole('button', { name: 'Move to the trash' });
    expect(await trash.getAttribute('aria-disabled')).toBe('true');
    await chosen.getByRole('button', { name: 'Unlock' }).click();
    await expect.poll(() => trash.getAttribute('aria-disabled')).toBeNull();
    await trash.click();
    await admin.getByText('1 model moved to the trash.').waitFor();
    await expect.poll(() => row(admin, / LeNet on Shapes/).count()).toBe(1);
    await admin.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => row(admin, / LeNet on Shapes/).count()).toBe(2);
  });

  test('are compared: differences only, the best marked, a baseline with Δ in every cell', async () => {
    await admin.getByRole('checkbox', { name: 'Choose all on this page' }).check();
    await admin.getByRole('link', { name: 'Compare' }).click();
    await heading(admin, '2 models compared').waitFor();
    await row(admin, /^Attack/)
      .first()
      .waitFor();
    expect(await row(admin, /^Network/).count()).toBe(0);
    await admin.getByRole('switch', { name: 'Only differences' }).click();
    await row(admin, /^Network/)
      .getByText('LeNet')
      .first()
      .waitFor();
    await admin.getByRole('button', { name: 'Baseline: Benign LeNet on Shapes' }).click();
    await row(admin, /^Attack/)
      .getByText('differs')
      .first()
      .waitFor();
    await row(admin, /^Network/)
      .getByText('=')
      .waitFor();
  });

  test('are priced before they are made, the benign one included where none is chosen', async () => {
    await admin.goto(`${server.url}/new/?kind=implant`);
    const form = admin.getByRole('form', { name: 'Implant a backdoor' });
    await form.getByLabel('Data set').selectOption('shapes');
    await form.getByText(/^About .* of work.* are for the benign model to compare with/).waitFor();
  });

  test('are in the audit log by their ids, which lead to them', async () => {
    await admin.goto(`${server.url}/settings/`);
    const log = admin.getByRole('region', { name: 'Table of the audit log' });
    await log.getByRole('link', { name: /^mod_/ }).first().click();
    await heading(admin, / LeNet on Shapes/).waitFor();
  });

  test('may be implanted with transforms at random, a row for each, which a clone has again', async () => {
    await admin.goto(`${server.url}/new/?kind=implant`);
    const form = admin.getByRole('form', { name: 'Implant a backdoor' });
    await form.getByLabel('Data set').selectOption('shapes');
    await form.getByLabel('Name').fill('Turned at training');
    await form.getByText('How it is trained').click();
    await form.getByLabel('Epochs').fill('1');
    await form.getByLabel(/^Cover ratio/).fill('0.5');
    const group = form.getByRole('group', { name: 'Training transforms' });
    const add = group.getByRole('button', { name: 'Add a transform' });
    // What is transformed is asked first.
    expect(await add.count()).toBe(0);
    await group.getByLabel('Target').selectOption('TRIGGER');
    await add.click();
    await add.click();
    const row = (label: string | RegExp, at: number) => group.getByLabel(label, { exact: true }).nth(at);
    await row('Transform', 0).selectOption('rotation');
    await row('From (°)', 0).fill('-20');
    await row('To (°)', 0).fill('400');
    await group.getByText('Expected a number, −360 to 360 °; got 400.').waitFor();
    await row('To (°)', 0).fill('20');
    await group.getByRole('button', { name: 'Remove' }).nth(1).click();
    await form.getByRole('button', { name: 'Implant the backdoor' }).click();
    await heading(admin, 'Turned at training').waitFor();
    await admin.getByText('the trigger: rotation -20 to 20 °').waitFor();
    await admin
      .getByText(/^\d+ (of \d+ )?planned$/)
      .nth(1)
      .waitFor();
    await admin.getByRole('link', { name: 'Clone and edit' }).click();
    await form.getByText(/^(About|Under) .* of work/).waitFor();
    expect(await form.getByLabel('Name').inputValue()).toBe('Turned at training, again');
    expect(await row('From (°)', 0).inputValue()).toBe('-20');
    expect(await form.getByLabel(/^Cover ratio/).inputValue()).toBe('0.5');
  });

  test('can be cloned into a form, whose errors stand at their fields', async () => {
    await admin.goto(`${server.url}/models/`);
    await admin.getByRole('link', { name: 'BadNets LeNet on Shapes' }).click();
    await admin.getByRole('link', { name: 'Clone and edit' }).click();
    const form = admin.getByRole('form', { name: 'Implant a backdoor' });
    await form.getByText(/^About .* of work/).waitFor();
    expect(await form.getByLabel('Name').inputValue()).toBe('BadNets LeNet on Shapes, again');
    const side = form.getByLabel(/^Patch size/);
    await side.fill('100');
    await form.getByText('Expected a whole number, 1 to 64 px; got 100.').waitFor();
    const start = form.getByRole('button', { name: 'Implant the backdoor' });
    expect(await start.getAttribute('aria-disabled')).toBe('true');
    await side.fill('2');
    await form.getByLabel(/^Poison rate/).fill('2');
    await form.getByText('Expected a number, above 0 to 0.9; got 2.').waitFor();
    await form.getByLabel(/^Poison rate/).fill('0.2');
    // What only the server can know is refused at its field too.
    await form.getByLabel('Name').fill('x'.repeat(300));
    await start.click();
    await form.getByText(/^name: /).waitFor();
  });
});

describe('what people write', () => {
  test('is text and nothing else: names, tags, notes, labels of classes', async () => {
    const { models } = await ask(
      '{ models(first: 1, filter: { kind: TROJANED, search: "BadNets LeNet on Shapes" }) { nodes { id name } } }',
    );
    const [{ id, name }] = models.nodes;
    const annotate = (input: object) =>
      ask('mutation ($input: AnnotateInput!) { annotate(input: $input) { errors { message } } }', {
        input: { ids: [id], ...input },
      });
    const notes = `${ATTEMPT} [a link](javascript:window.ran=1) ![](x)`;
    expect(await annotate({ name: ATTEMPT, notes, addTags: ['<svg onload=alert(1)>', FORMULA] })).toEqual({
      annotate: { errors: [] },
    });
    for (const address of ['/models/', `/model/?id=${id}`, '/curves/', '/probe/', '/new/?kind=sweep', '/']) {
      await admin.goto(server.url + address);
      await expect
        .poll(
          () => admin.evaluate((text) => document.body.innerHTML.includes(text), '&lt;img src=x onerror'),
          {
            message: address,
          },
        )
        .toBe(true);
      expect(await admin.evaluate(() => 'ran' in window)).toBe(false);
    }
    await admin.goto(`${server.url}/new/`);
    await admin.getByLabel('Data set').selectOption('Pets');
    expect(await admin.getByLabel('Target label').locator('option').allTextContents()).toEqual([
      ATTEMPT,
      FORMULA,
    ]);
    expect(await admin.evaluate(() => 'ran' in window)).toBe(false);
    await admin.goto(`${server.url}/model/?id=${id}`);
    await admin.getByText('a link').first().waitFor();
    expect(await admin.locator('a[href^="javascript"], main img[src$="/x"]').count()).toBe(0);
    await annotate({ name: FORMULA });
    await admin.goto(`${server.url}/curves/`);
    await admin.getByRole('button', { name: 'Query and downloads: curves', exact: true }).click();
    const [file] = await Promise.all([
      admin.waitForEvent('download'),
      admin.getByRole('button', { name: 'Download CSV', exact: true }).click(),
    ]);
    const lines = (await readFile(await file.path(), 'utf8')).split('\r\n');
    // A spreadsheet takes what begins with an apostrophe for text.
    expect(lines[1]).toMatch(/^"'=HYPERLINK/);
    await annotate({ name, notes: '', removeTags: ['<svg onload=alert(1)>', FORMULA] });
  });
});

describe('a viewer', () => {
  test('signs in at a shared link, and sees what is there', async () => {
    await viewer.goto(`${server.url}/models/?sort=-asr,name`);
    await signIn(viewer, 'vic', 'wrong password');
    await viewer.getByRole('form', { name: 'Sign in' }).getByRole('alert').waitFor();
    await signIn(viewer, 'vic', PASSWORD);
    await row(viewer, 'BadNets LeNet on Shapes').waitFor();
    expect(new URL(viewer.url()).searchParams.get('sort')).toBe('-asr,name');
  });

  test('is told what takes another role', async () => {
    await viewer.goto(`${server.url}/new/`);
    await viewer.getByText(/^This takes the role runner; yours is viewer/).waitFor();
    const start = viewer.getByRole('button', { name: 'Implant the backdoor' });
    expect(await start.getAttribute('aria-disabled')).toBe('true');
    await viewer.goto(`${server.url}/settings/`);
    await viewer.getByRole('region', { name: 'Account' }).waitFor();
    expect(await viewer.getByRole('region', { name: 'Users' }).count()).toBe(0);
  });

  test('finds pages and models with Ctrl+K, the shortcuts with ?, and signs out', async () => {
    const search = viewer.getByRole('textbox', { name: 'Search and commands' });
    await viewer.keyboard.press('Control+k');
    await search.waitFor();
    await viewer.keyboard.press('Escape');
    await search.waitFor({ state: 'detached' });
    await viewer.keyboard.press('Control+k');
    await search.fill('badnets');
    await viewer.getByRole('option', { name: /^BadNets LeNet on Shapes/ }).click();
    await heading(viewer, 'BadNets LeNet on Shapes').waitFor();
    await viewer.keyboard.press('Shift+?');
    await viewer.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await viewer.keyboard.press('Escape');
    await viewer.getByRole('button', { name: 'vic viewer: account' }).click();
    await viewer.getByRole('menuitem', { name: 'Sign out' }).click();
    await heading(viewer, 'Sign in').waitFor();
  });
});

describe('to everybody', () => {
  test.each([
    ['/models/', 'Models'],
    ['/models/?trash=1', 'Models in the trash'],
    ['/new/', 'New'],
    ['/new/?kind=train', 'New'],
    ['/new/?kind=sweep', 'New'],
    ['/new/?kind=study', 'New'],
    ['/studies/', 'Studies'],
    ['/settings/', 'Settings'],
    ['/compare/', 'Nothing to compare yet'],
  ])('%s is readable at 400, 900 and 1600 px, light and dark', async (address, title) => {
    await expectReadable(admin, server.url + address, heading(admin, title));
  });

  test('a comparison is, and what shows before anybody is signed in', async () => {
    const { nodes } = (await ask('{ models(first: 2) { nodes { id } } }')).models;
    const ids = nodes.map(({ id }: { id: string }) => id).join('+');
    await expectReadable(
      admin,
      `${server.url}/compare/?ids=${ids}&all=1`,
      heading(admin, '2 models compared'),
    );
    await expectReadable(viewer, server.url, heading(viewer, 'Sign in'));
  });
});
