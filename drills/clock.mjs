// node drills/clock.mjs
// A server with accounts and a running training whose clock is set an hour ahead and back, or goes through both ends of
// summer time and a leap day: nobody is signed out, the job keeps its worker and tells a sensible time left, what is new
// comes first and nothing is thrown away. Needs a build (npm start makes one) and libfaketime (Debian: apt install faketime).
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const { values: options } = parseArgs({
  options: {
    /** A data folder with a finished smoke study to work on copies of; without it one is run first. */
    data: { type: 'string' },
  },
});
const library = ['/usr/lib', '/usr/lib64']
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
  .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
  .find((file) => existsSync(file));
if (!library) {
  console.error('libfaketime is not installed (Debian: apt install faketime).');
  process.exit(1);
}

const HOUR_S = 3_600;
const WATCH_S = 12;
const JUMPS = [
  { name: 'an hour ahead', jumpS: HOUR_S },
  { name: 'an hour back', jumpS: -HOUR_S },
  { name: 'into summer time', startsAt: '2027-03-28T00:59:50Z' },
  { name: 'out of summer time', startsAt: '2027-10-31T00:59:50Z' },
  { name: 'into a leap day', startsAt: '2028-02-28T23:59:50Z' },
  { name: 'out of a leap day', startsAt: '2028-02-29T23:59:50Z' },
];

const { check, end } = createFindings();
const smoke = await temporaryData(options.data);
if (!options.data) {
  const server = await startServer({ data: smoke.folder });
  await runSmokeStudy(server);
  await server.stop();
}
const rows = {};
for (const jump of JUMPS) rows[jump.name] = await through(jump);
await smoke.remove();
end(rows, 'The clock may go as it likes.');

/** One server through one jump. @returns what was seen, in words */
async function through({ name, jumpS = 0, startsAt }) {
  const data = await temporaryData(smoke.folder);
  const clock = join(data.folder, 'clock');
  // The offset is set once more when the server is there: it takes a while to come up.
  const offsetTo = (time) => (Date.parse(time) - Date.now()) / 1000;
  let offset = startsAt ? offsetTo(startsAt) : 0;
  const set = () => writeFileSync(clock, `${offset < 0 ? '' : '+'}${offset.toFixed(0)}`);
  set();
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    // Setting a clock does not change the one that counts since the start of the machine.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    TZ: 'Europe/Berlin',
  };
  const start = () => startServer({ data: data.folder, args: ['--no-quickstart', '--auth'], env });
  let server = await start();
  const [oneTimeToken] = server.log().match(/ts_setup_[\w-]{43}/);
  const made = await server.post(
    {
      query: `mutation { createFirstAdmin(input: { oneTimeToken: "${oneTimeToken}", name: "ann", password: "correct horse battery" }) { errors { message } } }`,
    },
    { origin: server.url },
  );
  const session = { cookie: made.headers.get('set-cookie').split(';')[0], origin: server.url };
  const ask = async (query, variables, headers = session) =>
    (await server.post({ query, variables }, headers)).body;
  const { data: tokens } = await ask(
    'mutation { createAccessToken(input: { name: "script" }) { created { secret } } }',
  );
  const token = { authorization: `Bearer ${tokens.createAccessToken.created.secret}` };

  const { data: trashed } = await ask('{ sweeps(first: 1) { nodes { id } } }');
  const ids = [trashed.sweeps.nodes[0].id];
  await ask('mutation ($ids: [ID!]!) { deleteItems(input: { ids: $ids }) { errors { message } } }', { ids });
  const TRAIN = `mutation { trainModel(input: { dataset: "shapes", architecture: lenet, recipe: { epochs: 200 } }) {
    model { id job { id } } errors { message } } }`;
  const { data: training } = await ask(TRAIN);
  const { id } = training.trainModel.model.job;
  const JOB =
    'query ($id: ID!) { node(id: $id) { ... on Job { status attempt progress { done etaSeconds } } } }';
  const job = async () => (await ask(JOB, { id })).data.node;
  while ((await job()).progress?.etaSeconds == null) await sleep(250);
  const { closed, activity } = await subscribe(server.url, token);
  if (startsAt) offset = offsetTo(startsAt);
  set();
  await sleep(2_000);
  const before = (await job()).progress.etaSeconds;
  const worker = processesOf('dist/worker.js', server.pid)[0];

  if (jumpS) {
    offset += jumpS;
    set();
  }
  const etas = [];
  for (let second = 0; second < WATCH_S; second++) {
    await sleep(1_000);
    for (const headers of [session, token]) {
      const { data: found } = await ask('{ viewer { name } rateLimit { remaining resetAt } }', {}, headers);
      check(found?.viewer?.name === 'ann', `${name}: after ${second} s somebody was signed out.`);
    }
    const { status, attempt, progress } = await job();
    check(status === 'RUNNING' && attempt === 1, `${name}: the job is ${status}, attempt ${attempt}.`);
    etas.push(progress.etaSeconds);
  }
  const [least, most] = [Math.min(...etas), Math.max(...etas)];
  check(
    !etas.includes(null) && least > 0 && most < 3 * before + 30,
    `${name}: time left ${before.toFixed(0)} s became ${least} to ${most} s.`,
  );
  check(processesOf('dist/worker.js', server.pid)[0] === worker, `${name}: the worker was replaced.`);
  check(!closed(), `${name}: a websocket was closed with ${closed()}.`);
  check(activity() > 0, `${name}: nothing came over the websocket.`);
  const { data: later } = await ask(TRAIN);
  const { data: newest } = await ask('{ models(first: 1) { nodes { id } } }');
  check(newest.models.nodes[0].id === later.trainModel.model.id, `${name}: what is new is not first.`);

  // What tidies up does so at a start.
  await server.stop();
  server = await start();
  const TRASH = '{ sweeps(first: 5, filter: { deleted: true }) { nodes { id } } viewer { name } }';
  const { data: kept } = await ask(TRASH, {}, token);
  check(kept?.sweeps?.nodes[0]?.id === ids[0], `${name}: the trash was emptied.`);
  const { code } = await server.stop();
  check(code === 0, `${name}: the server ended with ${code}.`);
  await data.remove();
  return `signed in, one worker; time left ${before.toFixed(0)} s, then ${least.toFixed(0)} to ${most.toFixed(0)} s`;
}

/** Listens to what changes, with a token. */
async function subscribe(url, connectionParams) {
  let code;
  let events = 0;
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    connectionParams,
    onNonLazyError: () => {},
    on: { closed: (event) => (code ??= event.code) },
  });
  client.subscribe(
    { query: 'subscription { activity { id } }' },
    { next: () => events++, error: () => {}, complete: () => {} },
  );
  return { closed: () => code, activity: () => events };
}
