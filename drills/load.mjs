// node drills/load.mjs [--clients 50] [--models 10000] [--seconds 60] [--data FOLDER]
// Many clients page through the dashboard's list of a great many models: while nothing else runs, then while a model
// trains on all cores. Needs a build, pages included (npm start makes one), and a Chromium, which opens the list meanwhile.
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { dashboardDocuments } from '@trojanscope/testing/documents';
import { createFindings } from '@trojanscope/testing/findings';
import { untilJob } from '@trojanscope/testing/live';
import { addCopies } from '@trojanscope/testing/modelCopies';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';
import { percentile } from '@trojanscope/testing/subscribers';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/setup/prerequisites.mjs';

const { values: options } = parseArgs({
  options: {
    clients: { type: 'string', default: '50' },
    models: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '60' },
    /** A data folder with a finished smoke study to work on a copy of; without it one is run first. */
    data: { type: 'string' },
  },
});
const [CLIENTS, MODELS, SECONDS] = [options.clients, options.models, options.seconds].map(Number);
const LEAST_PER_SECOND = 300;
const LOOP_DELAY_LIMIT_MS = 50;
const ROWS_LIMIT_MS = 2_000;
const { text: QUERY } = dashboardDocuments().find(({ name }) => name === 'Models');

const { check, end } = createFindings();
const data = await temporaryData(options.data);
const server = await startServer({ data: data.folder, args: ['--no-quickstart', '--rate-limit', '0'] });
if (!options.data) await runSmokeStudy(server);
await addCopies(data.folder, MODELS);
const rows = { 'clients, models, seconds': `${CLIENTS}, ${MODELS}, ${SECONDS}` };

const alone = await measure('while nothing else runs', 200);
check(alone.perSecond >= LEAST_PER_SECOND, `${alone.perSecond.toFixed(0)} requests a second.`);
check(
  alone.loopDelayMs < LOOP_DELAY_LIMIT_MS,
  `99 % of event-loop delays: ${alone.loopDelayMs.toFixed(0)} ms.`,
);

const input = { dataset: 'shapes', architecture: 'lenet', recipe: { epochs: 200 } };
const { model } = await server.mutate('trainModel', 'TrainModelInput', input, 'model { job { id } }');
await untilJob(server, model.job.id, ({ stage, done }) => stage === 'training' && done > 0, 120_000);
const [, rowsMs] = await Promise.all([measure('while a model trains', 800), openList()]);
rows['the list in a browser meanwhile: first rows'] = `${rowsMs.toFixed(0)} ms`;
check(rowsMs < ROWS_LIMIT_MS, `The first rows stood there after ${rowsMs.toFixed(0)} ms.`);
const { node } = await server.query('query ($id: ID!) { node(id: $id) { ... on Job { status } } }', {
  id: model.job.id,
});
check(node.status === 'RUNNING', `The training was ${node.status} before the end.`);

await server.stop();
await data.remove();
end(rows, 'Quick enough.');

/** @param p99LimitMs below which 99 % of requests are to be answered */
async function measure(when, p99LimitMs) {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const times = [];
  let errors = 0;
  await loopDelayMs(); // counts anew from here
  const from = performance.now();
  const client = async () => {
    for (let after = null; performance.now() - from < SECONDS * 1000; ) {
      const asked = performance.now();
      const answer = await ask(agent, { first: 50, after });
      times.push(performance.now() - asked);
      const page = answer?.data?.models;
      if (!page || page.totalCount < MODELS || page.nodes.length === 0) errors++;
      after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const perSecond = times.length / ((performance.now() - from) / 1000);
  const measured = { perSecond, loopDelayMs: await loopDelayMs() };
  agent.destroy();
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(times, share));
  rows[when] =
    `${perSecond.toFixed(0)} requests a second; median ${p50.toFixed(0)} ms, 99 % ${p99.toFixed(0)} ms; ` +
    `errors ${errors}; event-loop delay 99 % ${measured.loopDelayMs.toFixed(0)} ms`;
  console.log(`${when}: ${rows[when]}`);
  check(errors === 0, `${when}: ${errors} wrong answers.`);
  check(p99 < p99LimitMs, `${when}: 99 % of requests took up to ${p99.toFixed(0)} ms.`);
  return measured;
}

/** As the page asks; undefined where the answer is none. */
function ask(agent, variables) {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${server.url}/graphql`, { method: 'POST', headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', () => resolve(undefined));
      response.on('end', () =>
        resolve(response.statusCode === 200 ? JSON.parse(Buffer.concat(chunks).toString()) : undefined),
      );
    });
    asked.on('error', () => resolve(undefined));
    asked.end(JSON.stringify({ query: QUERY, variables }));
  });
}

/** The 99th percentile since it was last asked for. */
async function loopDelayMs() {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)[1]) * 1000;
}

async function openList() {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const from = performance.now();
  await page.goto(`${server.url}/models`);
  await page.locator('tbody tr').first().waitFor();
  const ms = performance.now() - from;
  await browser.close();
  return ms;
}
