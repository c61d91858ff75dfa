import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { beforeAll, expect, inject, test } from 'vitest';
import { download } from './browser';
import { type Server, useSession } from './session';

/** Whatever a page shows can be taken away: each panel offers its query and its files, and each of them is what it says. */

const { studyId } = inject('smoke');
const session = useSession({ copyOf: inject('smoke').data });
let server: Server;
let page: Page;
let ids: Record<'model' | 'benign' | 'sweep' | 'point' | 'outcome' | 'job', string>;

beforeAll(async () => {
  ({ server } = session);
  page = await session.open();
  const { models, sweeps, jobs } = await server.query(`{
    models(first: 1, filter: { kind: TROJANED }) { nodes { id benign { id } } }
    sweeps(first: 1) { nodes { id curve { points { id outcomes(first: 1) { nodes { id } } } } } }
    jobs(first: 1, filter: { kind: ["model"] }) { nodes { id } }
  }`);
  const point = sweeps.nodes[0].curve.points[1];
  ids = {
    model: models.nodes[0].id,
    benign: models.nodes[0].benign.id,
    sweep: sweeps.nodes[0].id,
    point: point.id,
    outcome: point.outcomes.nodes[0].id,
    job: jobs.nodes[0].id,
  };
});

/** What a file of a format has to be. */
const checks: Readonly<Record<string, (file: Buffer) => unknown>> = {
  CSV: (file) => expect(file.toString()).toMatch(/^[^\r\n]+\r\n[^\r\n]/),
  JSON: (file) => expect(Object.keys(JSON.parse(file.toString())).length).toBeGreaterThan(0),
  SVG: async (file) => expect((await sharp(file).metadata()).format).toBe('svg'),
  PNG: async (file) => expect((await sharp(file).metadata()).format).toBe('png'),
  LaTeX: (file) => expect(file.toString()).toMatch(/^\\begin\{tabular\}\{[lr]+\}[\s\S]* & /),
};

const places = (): Record<string, [address: string, panels: string[]]> => ({
  overview: ['/', ['studies', 'jobs-finished', 'models']],
  models: ['/models/', ['models']],
  model: [
    `/model/?id=${ids.model}`,
    ['table-2', 'training', 'trigger', 'attack', 'curves', 'sweeps', 'provenance'],
  ],
  sweep: [`/sweep/?id=${ids.sweep}`, ['sweeps', 'point-', 'samples-']],
  sample: [`/outcomes/?point=${ids.point}&outcome=${ids.outcome}`, ['sample-\\d']],
  comparison: [`/compare/?ids=${ids.model}+${ids.benign}`, ['comparison']],
  studies: ['/studies/', ['studies']],
  study: [`/study/?id=${studyId}`, ['trojaned-models', 'sweeps', 'explanations']],
  jobs: ['/jobs/', ['jobs']],
  job: [`/job/?id=${ids.job}`, ['job-log']],
  settings: ['/settings/', ['server', 'audit-log']],
});

test.each([
  'overview',
  'models',
  'model',
  'sweep',
  'sample',
  'comparison',
  'studies',
  'study',
  'jobs',
  'job',
  'settings',
])('what the page “%s” shows is taken away as whatever is offered', { timeout: 120_000 }, async (name) => {
  const [address, panels] = places()[name]!;
  await page.goto(server.url + address);
  for (const panel of panels) {
    const button = page.getByRole('button', { name: new RegExp(`^Query and downloads: ${panel}`) });
    await button.first().click();
    const dialog = page.getByRole('dialog', { name: 'Query and downloads' });
    await dialog.getByRole('region', { name: 'The query as GraphQL' }).waitFor();
    const offered = await dialog.getByRole('button', { name: /^Download / }).allInnerTexts();
    expect(offered).toContain('JSON');
    for (const format of offered) await checks[format]!(await download(page, format));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
});

test('a report’s tables are taken away one by one', async () => {
  await page.goto(`${server.url}/report/?id=${studyId}`);
  const buttons = page.getByRole('button', { name: /^Query and downloads: / });
  await expect.poll(() => buttons.count()).toBeGreaterThan(3);
  await buttons.first().click();
  for (const format of ['CSV', 'JSON', 'LaTeX']) await checks[format]!(await download(page, format));
});
