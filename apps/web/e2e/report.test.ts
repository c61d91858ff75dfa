import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilJob } from '../../api/src/testing/live.mjs';
import { startServer, temporaryData } from '../../api/src/testing/server.mjs';
import { complaintsOf, launch } from './browser';

/** A study's report in a real browser, of a study that really ran. */

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let browser: Browser;
let page: Page;
let studyId: string;
let complaints: string[] = [];

beforeAll(async () => {
  data = await temporaryData();
  server = await startServer({ data: data.folder });
  const { study } = await server.mutate(
    'runStudy',
    'RunStudyInput',
    { preset: 'smoke' },
    'study { id jobs { id } }',
  );
  studyId = study.id;
  await untilJob(server, study.jobs.at(-1).id, undefined, 120_000);
  browser = await launch();
  page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
  page.setDefaultTimeout(20_000);
  complaints = complaintsOf(page, new URL(server.url).host);
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await data?.remove();
});

test('the overview links a study’s report, which shows verdicts, tables and figures', async () => {
  await page.goto(server.url);
  await page.getByRole('link', { name: 'Report' }).click();
  await page.getByRole('heading', { name: 'Report: Smoke test: BadNets on shapes' }).waitFor();
  const statements = page.getByRole('region', { name: 'The paper’s statements' });
  await statements.getByText('As the trigger is translated further').waitFor();
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Study { report { verdicts { id } sections { title blocks { kind } } } } } }',
    { id: studyId },
  );
  const rows = statements.getByRole('row');
  expect(await rows.count()).toBe(node.report.verdicts.length + 1);
  const blocks = node.report.sections.flatMap(({ blocks }: { blocks: { kind: string }[] }) => blocks);
  const pictures = page.getByRole('figure').getByRole('img');
  expect(await pictures.count()).toBe(
    blocks.filter(({ kind }: { kind: string }) => kind === 'PICTURE').length,
  );
  for (const picture of await pictures.all())
    expect(
      await picture.evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth;
      }),
    ).toBeGreaterThan(100);
  expect(complaints).toEqual([]);
});

test('the report can be read by everybody', async () => {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
  expect(found).toEqual([]);
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
