// node drills/volume.mjs [--models 10000]
// What the dashboard and its lists are like with thousands of models: how long lists, filters and searches take the
// server, and in a real browser when a page has drawn its largest part, how many nodes it has and how much memory it takes.
// Needs a build (npm start or npm test makes one).
import { parseArgs } from 'node:util';
import { untilJob } from '@trojanscope/testing/live';
import { addCopies } from '@trojanscope/testing/modelCopies';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/setup/prerequisites.mjs';

const { values: options } = parseArgs({ options: { models: { type: 'string', default: '10000' } } });
const MODELS = Number(options.models);
const LIMITS = { startMs: 3_000, listMs: 150, paintMs: 1_500, curvesMs: 1_000, heapMb: 400, nodes: 5_000 };
const ASKED = 15;
const CURVES = 100;

const failures = [];
const measured = (what, value, limit, unit) => {
  console.log(`${what.padEnd(48)}${`${Math.round(value)} ${unit}`.padStart(12)}   at most ${limit}`);
  if (value > limit) failures.push(`${what}: ${Math.round(value)} ${unit}, more than ${limit}.`);
};
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const data = await temporaryData();
let server;
try {
  const origin = await smokeModel();
  const from = performance.now();
  const ids = await addCopies(data.folder, MODELS, origin);
  console.log(`${ids.length} models written in ${Math.round((performance.now() - from) / 1000)} s`);
  server = await startServer({ data: data.folder, args: ['--no-quickstart', '--rate-limit', '0'] });
  measured('start', server.startMs, LIMITS.startMs, 'ms');
  await lists();
  await pages(ids);
} finally {
  await server?.stop();
  await data.remove();
}
for (const failure of failures) console.error(failure);
process.exit(failures.length === 0 ? 0 : 1);

/** @returns the id of a trojaned model with six sweeps */
async function smokeModel() {
  const server = await startServer({ data: data.folder });
  const { study } = await server.mutate(
    'runStudy',
    'RunStudyInput',
    { preset: 'smoke' },
    'study { jobs { id } }',
  );
  await untilJob(server, study.jobs.at(-1).id, undefined, 300_000);
  const { models } = await server.query('{ models(first: 1, filter: { kind: TROJANED }) { nodes { id } } }');
  await server.stop();
  return models.nodes[0].id;
}

/** As the models page asks. */
async function lists() {
  const fields = `totalCount nodes { id name kind tags status asr { value } cleanAccuracy { value } dataset { title } attack { title } }
    pageInfo { hasNextPage endCursor }`;
  const query = `query ($after: String, $filter: ModelFilter, $orderBy: ModelOrder, $thenBy: [ModelOrder!]) {
    models(first: 50, after: $after, filter: $filter, orderBy: $orderBy, thenBy: $thenBy) { ${fields} } }`;
  const first = await server.query(query);
  let { endCursor } = first.models.pageInfo;
  for (let page = 2; page < 100 && endCursor; page++)
    endCursor = (await server.query(query, { after: endCursor })).models.pageInfo.endCursor ?? endCursor;
  const asked = {
    'list, first page': {},
    'list, page 100': { after: endCursor },
    'list, one tag of a trojaned model': { filter: { kind: 'TROJANED', tags: ['batch 7'] } },
    'list, search': { filter: { search: 'seed 4711' } },
    'list, by ASR, then name': {
      orderBy: { field: 'ASR', direction: 'DESC' },
      thenBy: [{ field: 'NAME', direction: 'ASC' }],
    },
  };
  for (const [what, variables] of Object.entries(asked)) {
    const times = [];
    for (let i = 0; i < ASKED; i++) {
      const from = performance.now();
      await server.query(query, variables);
      times.push(performance.now() - from);
    }
    measured(what, median(times), LIMITS.listMs, 'ms');
  }
}

async function pages(ids) {
  const browser = await chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const some = (count) => ids.slice(-count);
    const places = {
      overview: ['/', 'heading'],
      models: ['/models/', 'row'],
      'models, filtered and searched': ['/models/?q=seed&tags=batch 7&sort=-asr,name', 'row'],
      'New, sweep': ['/new/?kind=sweep', 'form'],
      'New, implant': ['/new/', 'form'],
      'two models compared': [`/compare/?ids=${some(2).join('+')}`, 'row'],
      'fifty models compared': [`/compare/?ids=${some(50).join('+')}`, 'row'],
      curves: ['/curves/', 'img'],
      jobs: ['/jobs/', 'listitem'],
    };
    // A browser that has the files already, as everybody's has from the second visit on.
    const context = await browser.newContext({ viewport: { width: 1400, height: 1000 } });
    for (const [what, [address, role]] of Object.entries(places)) {
      const page = await context.newPage();
      await page.addInitScript(() => {
        new PerformanceObserver((list) => {
          window.largest = list.getEntries().at(-1).startTime;
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      });
      await page.goto(server.url + address);
      await page.getByRole('main').getByRole(role).first().waitFor();
      await page.waitForLoadState('networkidle');
      measured(`${what}: largest paint`, await page.evaluate(() => window.largest), LIMITS.paintMs, 'ms');
      await memoryOf(page, what);
      await page.close();
    }
    const times = [];
    for (let i = 0; i < 5; i++) {
      const page = await context.newPage();
      // The page's own clock: a question from outside would be answered up to half a second later.
      await page.addInitScript((curves) => {
        const look = () => {
          if (document.querySelectorAll(`[aria-label$=": ${curves} curves"] svg`).length > 0)
            window.drawn = performance.now();
          else requestAnimationFrame(look);
        };
        look();
      }, CURVES);
      // From a tab that is open: a new one's process would be measured too.
      await page.goto(server.url);
      await page.waitForLoadState('networkidle');
      await page.goto(`${server.url}/curves/?models=${some(CURVES).join(',')}`);
      await page.waitForLoadState('networkidle');
      times.push(await page.evaluate(() => window.drawn));
      if (i === 4) await memoryOf(page, `${CURVES} models' curves`);
      await page.close();
    }
    measured(`${CURVES} models' curves: drawn after`, median(times), LIMITS.curvesMs, 'ms');
  } finally {
    await browser.close();
  }
}

async function memoryOf(page, what) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  measured(`${what}: memory`, of('JSHeapUsedSize') / 2 ** 20, LIMITS.heapMb, 'MB');
  measured(
    `${what}: nodes`,
    await page.evaluate(() => document.querySelectorAll('*').length),
    LIMITS.nodes,
    '',
  );
}
