import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, inject, test } from 'vitest';
import { expectCount, expectReadable } from './browser';
import { type Server, useSession } from './session';

/** A study's report in a real browser, of a study that really ran, and what another one would cost. */

const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;
const { studyId } = inject('smoke');

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
});

test('a study links its report, which shows verdicts, tables and figures', async () => {
  await page.goto(server.url);
  await page.getByRole('link', { name: 'Smoke test: BadNets on shapes' }).first().click();
  await page.getByRole('link', { name: 'Report' }).click();
  await page.getByRole('heading', { name: 'Report: Smoke test: BadNets on shapes' }).waitFor();
  const statements = page.getByRole('region', { name: 'The paper’s statements' });
  await statements.getByText('As the trigger is translated further').waitFor();
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Study { report { verdicts { id } sections { title blocks { kind } } } } } }',
    { id: studyId },
  );
  const rows = statements.getByRole('row');
  await expectCount(rows, node.report.verdicts.length + 1);
  const blocks = node.report.sections.flatMap(({ blocks }: { blocks: { kind: string }[] }) => blocks);
  const pictures = page.getByRole('figure').getByRole('img');
  await expectCount(pictures, blocks.filter(({ kind }: { kind: string }) => kind === 'PICTURE').length);
  for (const picture of await pictures.all())
    expect(
      await picture.evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth;
      }),
    ).toBeGreaterThan(100);
});

test('the report can be read by everybody', async () => {
  const shows = page.getByRole('region', { name: 'The paper’s statements' });
  await expectReadable(page, page.url(), shows);
});

test('it can be taken along as one file that needs nothing else', async () => {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'As one HTML file' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`report-${studyId}.html`);
  const html = readFileSync(await file.path(), 'utf8');
  expect(html).toContain('<h2>The paper’s statements</h2>');
  expect(html).not.toMatch(/<script|src="(?!data:)/);
});

test('what is no study has no report', async () => {
  await page.goto(`${server.url}/report/?id=stu_00000000000000000000000000`);
  await page
    .getByText(/no such study/i)
    .first()
    .waitFor();
});

test('a form says what another study will cost, with memory and disk once the machine is measured', async () => {
  await page.goto(`${server.url}/new/?kind=study`);
  await page.getByText('Smoke test: BadNets on shapes').click();
  await page.getByLabel(/^Seeds/).fill('3');
  await page
    .getByText(
      '4 models to train, 12 sweeps of 11,200 samples in all, 2 detectors to try; 2 models, 6 sweeps and 1 detection are there',
    )
    .waitFor();
  await page.getByRole('button', { name: 'Measure this machine' }).click();
  await page.getByText(/^About .+ of work, \d+ MB of memory, .+ on disk/).waitFor({ timeout: 60_000 });
  expect(await page.getByRole('button', { name: 'Measure this machine' }).count()).toBe(0);
});

test('a document begins as the study that was chosen, says what is wrong by its line, and runs', async () => {
  await page.goto(`${server.url}/new/?kind=study`);
  await page.getByText('Smoke test: BadNets on shapes').click();
  await page.getByRole('link', { name: 'Compose your own from it' }).click();
  await page.getByRole('button', { name: 'Text', exact: true }).click();
  const document = page.getByLabel('Of what it consists');
  const begun = await document.inputValue();
  expect(begun).toContain('title: "Smoke test: BadNets on shapes"');
  await document.fill(begun.replace('badnets: {}', 'badnets: { patchSizePx: [2, 300] }'));
  await page
    .getByText(/line 10, column 47: .*got 300/)
    .first()
    .waitFor();
  const grid = begun
    .replace('badnets: {}', 'badnets: { patchSizePx: [2, 4] }')
    .replace('Smoke test', 'Two sizes');
  await document.fill(grid);
  await page
    .getByText(/2 models to train, 12 sweeps of 11,200 samples in all, 2 detectors to try; 1 model/)
    .waitFor();
  await page.getByRole('button', { name: 'Run the study' }).click();
  await page.getByRole('heading', { name: 'Two sizes: BadNets on shapes' }).waitFor();
  await page.getByRole('button', { name: 'Cancel the study' }).click();
});

test('a study is stopped as a whole, and goes on as a whole', async () => {
  const { runStudy } = await server.query(
    'mutation { runStudy(input: { preset: smoke, seed: 7 }) { study { id } } }',
  );
  await page.goto(`${server.url}/study/?id=${runStudy.study.id}`);
  await page.getByRole('button', { name: 'Cancel the study' }).click();
  await page.getByRole('button', { name: 'Go on with the study' }).click();
  await page.getByRole('button', { name: 'Cancel the study' }).waitFor();
});
