// node drills/kill.mjs [--rounds 20] [--seed 1] [--reference FOLDER] [--ready-limit 3]
// Kills the worker, then the server, again and again at random moments of running studies, and shows that nothing that
// was acknowledged is lost, doubled or changed. Needs a build (npm start or npm test makes one).
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { processesOf } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { faultsIn } from '@trojanscope/testing/wholeness';
import Database from 'better-sqlite3';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    /** The data folder of an undisturbed smoke study of seed 1; without it one is run first. */
    reference: { type: 'string' },
    /** Seconds in which a restarted server has to be ready. */
    'ready-limit': { type: 'string', default: '3' },
  },
});
const ROUNDS = Number(options.rounds);
const READY_LIMIT_MS = 1000 * Number(options['ready-limit']);
const STUDY_SEED = 1; // All studies are the same one, so one undisturbed run tells what each has to come to.
const CRASHES_ALLOWED = 3; // A job gives up after five deaths without a result in between: let it get on before.
const PATIENCE_MS = 180_000;

const random = createRandom(Number(options.seed));
const { failures, check, end } = createFindings();
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const started = performance.now();

const reference = options.reference ?? (await undisturbedRun());
// From just started to well into its work, however fast this machine is.
const studyMs = durationOf(reference);
const longestWaitMs = studyMs / 3;
console.log(`Undisturbed, the study takes ${seconds(studyMs)}.`);
const data = await temporaryData();
let server = await startServer({ data: data.folder });
const db = new Database(join(data.folder, 'trojanscope.sqlite'), { readonly: true });
const studies = [];
const acknowledged = createRecorder();
const readyTimes = [];
const interrupted = new Map();

for (let round = 1; round <= 2 * ROUNDS; round++) {
  const target = round <= ROUNDS ? 'worker' : 'server';
  await keepBusy();
  const worker = await theWorker();
  const moment = await aRandomMoment();
  const job = running();
  const stage = job ? `${job.kind}: ${job.stage} ${job.done}/${job.total}` : 'between two jobs';
  const kind = job ? `${job.kind}: ${job.stage}` : 'between two jobs';
  interrupted.set(kind, (interrupted.get(kind) ?? 0) + 1);
  const line = `${String(round).padStart(3)}/${2 * ROUNDS}  kill -9 ${target}  ${moment}  ${stage}  (${acknowledged.points.size} points acknowledged)`;
  if (target === 'worker') {
    process.kill(worker, 'SIGKILL');
    await until(() => !processesOf('dist/worker.js', server.pid).includes(worker), 'the death of the worker');
    console.log(line);
  } else {
    acknowledged.detach();
    await server.kill();
    server = await startServer({ data: data.folder });
    const { status } = await fetch(`${server.url}/readyz`);
    check(status === 200, `The server was not ready after kill ${round}: ${status}`);
    readyTimes.push(server.startMs);
    acknowledged.attach(server);
    console.log(`${line}, ready again in ${seconds(server.startMs)}`);
    await until(
      () => !processesOf('dist/worker.js').includes(worker),
      'the end of a worker whose server is dead',
    );
  }
}

await until(() => unfinished() === 0, 'the end of all jobs');
await acknowledged.done();
const points = await finalPoints();
const { code } = await server.stop();
check(code === 0, `At the end the server stopped with exit code ${code}.`);

checkDatabase();
checkAcknowledged();
checkAgainstReference();
const rows = figures();
if (failures.length === 0) await data.remove();
else console.log(`\nThe data is kept in ${data.folder}. What the last server said:\n${server.log()}`);
end(rows, 'Nothing lost, doubled or changed.');

async function runStudy(on, number) {
  const input = { preset: 'smoke', seed: STUDY_SEED, idempotencyKey: `study ${number}` };
  const selection = 'study { id sweeps { id } }';
  return (await on.mutate('runStudy', 'RunStudyInput', input, selection)).study;
}

async function undisturbedRun() {
  const own = await temporaryData();
  process.on('exit', () => rmSync(own.folder, { recursive: true, force: true }));
  const undisturbed = await startServer({ data: own.folder });
  const { id } = await runStudy(undisturbed, 0);
  const query = 'query ($id: ID!) { node(id: $id) { ... on Study { status } } }';
  let status;
  await until(async () => {
    status = (await undisturbed.query(query, { id })).node.status;
    return !['QUEUED', 'RUNNING'].includes(status);
  }, 'an undisturbed study');
  await undisturbed.stop();
  if (status !== 'SUCCEEDED') throw new Error(`The undisturbed study ended ${status}:\n${undisturbed.log()}`);
  return own.folder;
}

function durationOf(folder) {
  const undisturbed = new Database(join(folder, 'trojanscope.sqlite'), { readonly: true });
  const { start, end } = undisturbed
    .prepare('select min(started_at) as start, max(finished_at) as end from job where study_id is not null')
    .get();
  undisturbed.close();
  return Date.parse(end) - Date.parse(start);
}

/** Something to do for the next kill to hit: the same study anew, its models in the trash, or it would take them over. */
async function keepBusy() {
  if (unfinished() > 0) return;
  const ids = db.prepare('select id from model where deleted_at is null').pluck().all();
  if (ids.length > 0) {
    const { errors } = await server.mutate('deleteItems', 'DeleteItemsInput', { ids }, 'items { id }');
    check(errors.length === 0, `The models did not go to the trash: ${JSON.stringify(errors)}`);
  }
  const study = await runStudy(server, studies.length + 1);
  studies.push(study);
  for (const { id } of study.sweeps) acknowledged.follow(id);
  acknowledged.attach(server);
}

function unfinished() {
  return db.prepare(`select count(*) as n from job where status in ('QUEUED', 'RUNNING')`).get().n;
}
function running() {
  return db.prepare(`select kind, stage, done, total from job where status = 'RUNNING'`).get();
}
async function theWorker() {
  let worker;
  await until(() => {
    [worker] = processesOf('dist/worker.js', server.pid);
    return worker;
  }, 'a worker');
  return worker;
}

/** A while after the worker started, or right behind a point that lands. Returns it in words. */
async function aRandomMoment() {
  const worst = () =>
    db.prepare(`select max(crashes) as n from job where status in ('QUEUED', 'RUNNING')`).get().n ?? 0;
  if (worst() >= CRASHES_ALLOWED) await until(() => worst() < CRASHES_ALLOWED, 'a job to get on');
  if (random() < 0.3) {
    const behind = random() * 20;
    const before = acknowledged.points.size;
    const deadline = performance.now() + longestWaitMs;
    while (acknowledged.points.size === before && performance.now() < deadline) await sleep(1);
    await sleep(behind);
    return acknowledged.points.size > before
      ? `${behind.toFixed(0)} ms after a point`.padEnd(20)
      : 'waited in vain'.padEnd(20);
  }
  const delay = random() * longestWaitMs;
  await sleep(delay);
  return `after ${seconds(delay)}`.padEnd(20);
}

/**
 * Follows sweeps over a websocket, also over the server's deaths, and remembers each point the first time it was told.
 * What is told again has to be the same.
 */
function createRecorder() {
  const query = `subscription ($sweepId: ID!) { sweepProgress(sweepId: $sweepId) { status points {
    id value targetCount truthCount otherCount asr { numerator denominator } cleanAccuracy { numerator }
    benignAccuracy { numerator } errorRate { numerator denominator } visibleTrigger pValue asrDrop
  } } }`;
  const sweeps = new Map(); // id -> the status that ended it
  const points = new Map();
  const readers = new Set();
  let live;
  let following = new Set();
  let subscriptions = 0;

  async function read(sweepId, from) {
    const seen = new Set();
    subscriptions++;
    try {
      for await (const { status, points: told } of from.subscribe(query, { sweepId })) {
        for (const point of told) {
          check(!seen.has(point.id), `Point ${point.id} was told twice on one subscription.`);
          seen.add(point.id);
          const known = points.get(point.id);
          const text = JSON.stringify(point);
          check(!known || known.text === text, `Point ${point.id} changed from ${known?.text} to ${text}.`);
          if (!known) points.set(point.id, { text, sweepId, value: point.value });
        }
        if (['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status)) sweeps.set(sweepId, status);
      }
      check(sweeps.get(sweepId), `The subscription to ${sweepId} ended before the sweep.`);
    } catch (error) {
      check(from !== live, `The subscription to ${sweepId} broke off: ${error.message}`);
    }
  }

  return {
    points,
    sweeps,
    subscriptions: () => subscriptions,
    follow: (sweepId) => sweeps.set(sweepId, undefined),
    /** Subscribes to what has not ended. */
    attach(to) {
      live ??= to.live();
      for (const [sweepId, end] of sweeps) {
        if (end || following.has(sweepId)) continue;
        following.add(sweepId);
        const reader = read(sweepId, live).finally(() => readers.delete(reader));
        readers.add(reader);
      }
    },
    /** The server is about to die: from now on a broken subscription is no wonder. */
    detach() {
      live = undefined;
      following = new Set();
    },
    done: () => within(Promise.all(readers), 'the end of all subscriptions'),
  };
}

async function finalPoints() {
  const found = new Map();
  for (const { sweeps } of studies) {
    for (const { id } of sweeps) {
      const { node } = await server.query(
        `query ($id: ID!) { node(id: $id) { ... on Sweep { status curve { points {
          id value targetCount truthCount otherCount asr { numerator denominator } cleanAccuracy { numerator }
          benignAccuracy { numerator } errorRate { numerator denominator } visibleTrigger pValue asrDrop
        } } } } }`,
        { id },
      );
      for (const point of node.curve.points) found.set(point.id, JSON.stringify(point));
    }
  }
  return found;
}

function checkAcknowledged() {
  check(acknowledged.points.size > 0, 'No point was acknowledged.');
  for (const [id, { text }] of acknowledged.points) {
    const now = points.get(id);
    if (check(now, `Acknowledged point ${id} is lost: ${text}`)) {
      check(now === text, `Acknowledged point ${id} is not what it was: ${text} became ${now}`);
    }
  }
  for (const [id, end] of acknowledged.sweeps) check(end === 'SUCCEEDED', `Sweep ${id} ended ${end}.`);
  check(
    acknowledged.points.size === points.size,
    `${acknowledged.points.size} points were told, ${points.size} are there.`,
  );
}

function checkDatabase() {
  const none = (what, statement) => {
    const rows = db.prepare(statement).all();
    check(rows.length === 0, `${what}: ${JSON.stringify(rows.slice(0, 5))}`);
  };
  for (const fault of faultsIn(data.folder)) check(false, fault);
  none('Jobs did not succeed', `select id, kind, status, error_message from job where status != 'SUCCEEDED'`);
  none(
    'A place of a sweep holds several points',
    'select sweep_id, position, count(*) as n from point group by sweep_id, position having n != 1',
  );
  none(
    'A sweep has not one point for each value',
    `select sweep.id from sweep left join point on point.sweep_id = sweep.id
     group by sweep.id having count(point.id) != json_array_length(sweep."values")`,
  );
  none(
    'A point lacks outcomes, or has too many',
    `select point.id, count(*) as n from point left join outcome on outcome.point_id = point.id group by point.id
     having n != point.counts ->> 'samples' or count(distinct outcome.position) != n or max(outcome.position) != n - 1`,
  );
  none(
    'A point’s counts are not those of its outcomes',
    `select point.id from point join outcome on outcome.point_id = point.id group by point.id
     having sum(kind = 'TARGET') != point.counts ->> 'target' or sum(kind = 'TRUTH') != point.counts ->> 'truth'
         or sum(kind = 'OTHER') != point.counts ->> 'other'`,
  );
  none(
    'An outcome has no point',
    'select point_id from outcome where point_id not in (select id from point)',
  );
  none(
    'An explanation has no pictures',
    'select id from explanation where image is null or saliency is null',
  );
}

/** Every study has to come to what the undisturbed one came to. */
function checkAgainstReference() {
  const undisturbed = new Database(join(reference, 'trojanscope.sqlite'), { readonly: true });
  const [{ id: expectedId }] = undisturbed
    .prepare(`select id from study where preset = 'smoke' and seed = ? order by id`)
    .all(STUDY_SEED);
  const expected = tableOf(undisturbed, expectedId);
  const expectedHistory = historyOf(undisturbed, expectedId);
  let largest = 0;
  for (const { id } of studies) {
    const table = tableOf(db, id);
    const different = expected.filter((line, i) => line !== table[i]);
    check(
      different.length === 0 && table.length === expected.length,
      `Study ${id} differs from the undisturbed one at ${different.length} of ${expected.length} lines, e.g. ${different[0]}`,
    );
    const history = historyOf(db, id);
    check(
      JSON.stringify(history.map(({ kind, step }) => [kind, step])) ===
        JSON.stringify(expectedHistory.map(({ kind, step }) => [kind, step])),
      `Study ${id} has another training history: ${history.length} entries, undisturbed ${expectedHistory.length}.`,
    );
    for (const [i, { loss }] of history.entries()) {
      largest = Math.max(largest, Math.abs(loss - (expectedHistory[i]?.loss ?? loss)));
    }
  }
  undisturbed.close();
  console.log(
    `\nLargest difference of a training loss to the undisturbed run: ${largest}${largest ? ' (threads add up in varying order)' : ''}`,
  );
}

function tableOf(from, studyId) {
  return [
    ...from
      .prepare(
        `select 'point', sweep.transform, sweep.target, point.value, point.counts from point
         join sweep on sweep.id = point.sweep_id join job on job.id = sweep.job_id
         where job.study_id = ? order by sweep.transform, sweep.target, point.position`,
      )
      .raw()
      .all(studyId),
    ...from
      .prepare(
        `select 'model', model.kind, record ->> '$.clean.hits', record ->> '$.asr.hits', model.poison from model
         join job on job.id = model.job_id where job.study_id = ? order by model.kind`,
      )
      .raw()
      .all(studyId),
  ].map((row) => row.join(' '));
}

function historyOf(from, studyId) {
  return from
    .prepare(
      `select model.kind, step, epoch, loss, accuracy from training_step join model on model.id = training_step.model_id
       join job on job.id = model.job_id where job.study_id = ? order by model.kind, step`,
    )
    .all(studyId);
}

function figures() {
  const slowest = Math.max(0, ...readyTimes);
  check(
    slowest < READY_LIMIT_MS,
    `The slowest restart took ${seconds(slowest)}; allowed are ${seconds(READY_LIMIT_MS)}.`,
  );
  const count = (statement) => db.prepare(statement).pluck().get();
  const median = readyTimes.toSorted((a, b) => a - b)[Math.floor(readyTimes.length / 2)] ?? 0;
  return {
    'kills of the worker, of the server': `${ROUNDS}, ${ROUNDS}`,
    'killed in': [...interrupted].map(([kind, times]) => `${kind} ×${times}`).join(', '),
    'studies, jobs': `${studies.length}, ${count('select count(*) from job')}`,
    'starts of jobs': count('select sum(attempt) from job'),
    'points acknowledged, there at the end': `${acknowledged.points.size}, ${points.size}`,
    outcomes: count('select count(*) from outcome'),
    subscriptions: acknowledged.subscriptions(),
    'server ready again, median and slowest': `${seconds(median)}, ${seconds(slowest)}`,
    took: seconds(performance.now() - started),
  };
}

async function until(holds, what) {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`Waited ${seconds(PATIENCE_MS)} for ${what}. The server said:\n${server.log()}`);
    }
    await sleep(10);
  }
}

function within(promise, what) {
  const late = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`Waited ${seconds(PATIENCE_MS)} for ${what}.`);
  });
  return Promise.race([promise, late]);
}

/** Mulberry32: the same seed kills after the same delays. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
