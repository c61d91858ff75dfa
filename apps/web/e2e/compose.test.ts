import { readFile } from 'node:fs/promises';
import { readStudyDocument } from '@trojanscope/core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, inject, test } from 'vitest';
import { expectCount, expectLight, expectReadable } from './browser';
import { type Server, useSession } from './session';

/** A study composed in a real browser: picked, counted, priced, exported, run to its end. */

const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
});
const compose = (query = '') => page.goto(`${server.url}/new/?kind=compose${query}`);
const form = () => page.getByRole('form', { name: 'Compose a study' });
const part = (name: string) => form().getByRole('region', { name, exact: true });
const grid = () => form().getByRole('status', { name: 'Grid' });
const total = () => part('What it comes to');
const fact = async (name: string) =>
  Number(
    (
      await total()
        .locator('div', { has: page.getByText(name, { exact: true }) })
        .last()
        .locator('dd')
        .innerText()
    ).replace(',', ''),
  );
const text = () => form().getByLabel('Of what it consists');
const view = (name: 'Pickers' | 'Text') => form().getByRole('button', { name, exact: true }).click();
async function add(what: string, name: string): Promise<void> {
  await form()
    .getByRole('button', { name: `Add ${what}` })
    .click();
  await page.getByRole('menuitem', { name, exact: true }).click();
}
async function exported(): Promise<{ name: string; yaml: string }> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    form().getByRole('button', { name: 'Export YAML' }).click(),
  ]);
  return { name: file.suggestedFilename(), yaml: await readFile((await file.path())!, 'utf8') };
}

test('a grid grows as one picks, and its price with it', async () => {
  await compose();
  await grid().getByText('1 benign model, and none that is trojaned.').waitFor();
  await form().getByLabel('Title').fill('Two sizes, on shapes');
  await part('LeNet on MNIST').getByLabel('Data set').selectOption('shapes');
  await add('an attack', 'BadNets');
  await grid().getByText('1 trojaned model beside 1 benign.').waitFor();
  // The smoke study has it already.
  await total()
    .getByText(/Everything in it is done/)
    .waitFor();
  const badnets = part('BadNets');
  await badnets.getByText('Parameters of BadNets').click();
  await badnets.getByLabel('Patch size (px)').fill('2, 5');
  await badnets.getByText('2 patch sizes = 2 models').waitFor();
  await total()
    .getByText(/^(About|Under) .+ of work.*1 model to train; 2 models are there/)
    .waitFor();
  await form().getByLabel('Samples').fill('100');
  await add('a transform', 'Rotation');
  const rotation = part('Rotation');
  await rotation.getByText('These', { exact: true }).click();
  await rotation.getByLabel('Values (°)').fill('0, 30');
  await grid().getByText('2 patch sizes = 2 trojaned models beside 1 benign, 4 sweeps.').waitFor();
  await total().getByText('1 model to train, 4 sweeps of 800 samples in all').waitFor();
  await rotation.getByText('Image', { exact: true }).click();
  await total().getByText('2 sweeps of 400 samples in all').waitFor();
  await add('a detector', 'STRIP');
  await part('STRIP').getByText('Parameters of STRIP').click();
  await part('STRIP').getByLabel('Overlays').fill('5, 8');
  await part('STRIP').getByText('2 choices of overlays = 2 variants').waitFor();
  await total()
    .getByText(/4 detectors to try; 2 models are there/)
    .waitFor();
  await expect.poll(() => fact('Jobs in all')).toBe(3 + 2 + 4);
});

test('it outlives a reload, as pickers and as text', async () => {
  await page.reload();
  await expect.poll(() => part('BadNets').getByLabel('Patch size (px)').inputValue()).toBe('2, 5');
  // Enter runs nothing.
  await part('BadNets').getByLabel('Patch size (px)').press('Enter');
  await view('Text');
  await page.reload();
  await expect
    .poll(() => text().inputValue())
    .toMatch(/^title: Two sizes, on shapes\nsamples: 100\nmodels:\n/);
  await view('Pickers');
});

test('what is wrong is said at the picker it belongs to, in the server’s words, and not run', async () => {
  const size = part('BadNets').getByLabel('Patch size (px)');
  await size.fill('2, 40');
  const misfit = 'A square of 40 px at a margin of 3 px does not fit an image of 28×28 px.';
  await total().getByText(misfit).waitFor();
  await part('BadNets').getByText(misfit).waitFor();
  await size.fill('2, 300');
  await part('BadNets').getByText('Expected a whole number, 1 to 64 px; got 300.').waitFor();
  await total()
    .getByText(/^line 7, column \d+: .*got 300/)
    .waitFor();
  expect(await form().getByRole('button', { name: 'Run the study' }).getAttribute('aria-disabled')).toBe(
    'true',
  );
  await form()
    .getByLabel('Seeds')
    .fill(Array.from({ length: 20 }, (_, i) => i).join(', '));
  await size.fill(Array.from({ length: 64 }, (_, i) => i + 1).join(', '));
  await part('BadNets').getByLabel('Poison rate').fill('0.1, 0.2');
  await expect.poll(() => fact('Trojaned models')).toBe(20 * 64 * 2);
  await total()
    .getByText(/expected at most 2,000 models in all/)
    .waitFor();
  await part('Models and attacks')
    .getByText(/^models: expected at most 2,000 models in all/)
    .waitFor();
  await form().getByLabel('Seeds').fill('1');
  await size.fill('2, 5');
  await part('BadNets').getByLabel('Poison rate').fill('');
  await total()
    .getByText(/4 detectors to try/)
    .waitFor();
});

test('it is exported as the document that was picked, and runs to its end', async () => {
  const { name, yaml } = await exported();
  expect(name).toBe('two-sizes-on-shapes.yaml');
  const { document, groups } = readStudyDocument(yaml);
  expect(document).toMatchObject({
    title: 'Two sizes, on shapes',
    samples: 100,
    models: [
      {
        dataset: 'shapes',
        architecture: 'lenet',
        attacks: [{ attack: { badnets: { patchSizePx: [2, 5] } } }],
      },
    ],
    sweeps: [{ transform: 'rotation', target: 'IMAGE', values: [0, 30] }],
    detectors: [{ detector: { strip: { overlays: [5, 8] } } }],
  });
  const trojaned = groups.flatMap((group) => group.trojaned);
  await expect.poll(() => fact('Trojaned models')).toBe(trojaned.length);
  await expect.poll(() => fact('Sweeps')).toBe(trojaned.flatMap(({ sweeps }) => sweeps).length);
  await expect.poll(() => fact('Detections')).toBe(trojaned.flatMap(({ detections }) => detections).length);
  await form().getByRole('button', { name: 'Run the study' }).click();
  await page.getByRole('heading', { name: 'Two sizes, on shapes', level: 1 }).waitFor();
  const id = new URL(page.url()).searchParams.get('id');
  await expect
    .poll(
      async () =>
        (await server.query('query ($id: ID!) { node(id: $id) { ... on Study { status } } }', { id })).node
          .status,
      { timeout: 200_000 },
    )
    .toBe('SUCCEEDED');
});

test('a preset fills the pickers; what they do not show stays as it is written', async () => {
  await compose();
  await form().getByLabel('Start from', { exact: true }).selectOption({ label: 'The paper on MNIST' });
  for (const attack of ['BadNets', 'Blend', 'UAT']) await part(attack).waitFor();
  await expectCount(part('Sweeps').getByRole('button', { name: /^Remove/ }), 6);
  await form().getByText('Edited as text only: scored.').waitFor();
  await expect.poll(() => fact('Models explained')).toBe(3);
  await part('UAT').getByRole('button', { name: 'Remove UAT' }).click();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Add an attack');
  await grid().getByText('2 attacks = 2 trojaned models beside 1 benign, 12 sweeps.').waitFor();
  await view('Text');
  const written = await text().inputValue();
  expect(written).toContain("# The paper's MNIST half (section 5.1).");
  expect(written).toContain('scored: { attack: badnets, wellPredicted: 50, defeated: 10, strips: 2 }');
  expect(written).not.toContain('uat');
  // The draft that was begun before is another.
  await form().getByLabel('Start from', { exact: true }).selectOption({ label: 'An empty document' });
  await expect.poll(() => text().inputValue()).toContain('Two sizes, on shapes');
});

test('what is typed as text fills the pickers, and what they cannot read stays text', async () => {
  await text().fill(
    'title: Typed\nmodels: [{ dataset: shapes, architecture: lenet, attacks: [{ attack: { sig: } }] }',
  );
  await form().getByText('The text cannot be read as YAML.').waitFor();
  await total()
    .getByText(/^line \d+, column \d+: /)
    .waitFor();
  await text().fill(
    'title: Typed\nmodels:\n  - { dataset: shapes, architecture: lenet, attacks: [{ attack: { sig: } }] }\n  - { model: mod_1 }\n',
  );
  await view('Pickers');
  await expect.poll(() => form().getByLabel('Title').inputValue()).toBe('Typed');
  await part('SIG').waitFor();
  await part('Entry 2').getByText('Edited as text only: {"model":"mod_1"}').waitFor();
  await part('Entry 2').getByRole('button', { name: 'Remove entry 2' }).click();
  await part('SIG').getByLabel('Poison rate').fill('0.1, 0.2');
  await total()
    .getByText(/2 models to train/)
    .waitFor();
  await form().getByRole('button', { name: 'Start over' }).click();
  await expect.poll(() => form().getByLabel('Title').inputValue()).toBe('A study of my own');
});

test('a document is opened from a file', async () => {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    form().getByRole('button', { name: 'Open a file' }).click(),
  ]);
  const buffer = Buffer.from('title: From a file\nmodels:\n  - { dataset: shapes, architecture: lenet }\n');
  await chooser.setFiles({ name: 'study.yaml', mimeType: 'application/yaml', buffer });
  await expect.poll(() => form().getByLabel('Title').inputValue()).toBe('From a file');
  await part('LeNet on Shapes').waitFor();
});

test('“Run a study” leads to the composer, which begins as what was chosen there', async () => {
  await page.goto(`${server.url}/new/?kind=study`);
  await page.getByText('Who notices, on MNIST').click();
  await page.getByRole('link', { name: 'Compose your own from it' }).click();
  await expectCount(part('Detectors').getByRole('button', { name: /^Remove/ }), 6);
  await expect.poll(() => form().getByLabel('Title').inputValue()).toBe('Who notices, on MNIST');
});

test('it is readable by everybody, as pickers and as text', { timeout: 240_000 }, async () => {
  await expectReadable(page, `${server.url}/new/?kind=compose&from=defences_mnist`, grid(), async () => {
    await part('BadNets').getByText('Parameters of BadNets').click();
  });
  await expectReadable(page, `${server.url}/new/?kind=compose&from=smoke&view=text`, text());
});

test('it loads little', async () => expectLight(await session.open(), server.url, 'new/?kind=compose'));
