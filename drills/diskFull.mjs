// node drills/diskFull.mjs
// A data folder on a disk of 64 MB that fills up while people write and a model trains: what was acknowledged stays, what
// cannot be kept is refused in words and leaves no half file, and with room again everything goes on. Needs a build (npm
// start makes one), and Linux, where it mounts the disk in a namespace of its own: no root.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, cpSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { untilJob } from '@trojanscope/testing/live';
import { startServer } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';
import { faultsIn, halvesIn } from '@trojanscope/testing/wholeness';

const { values: options } = parseArgs({
  options: {
    /** A data folder with a finished smoke study to work on a copy of; without it one is run first. */
    data: { type: 'string' },
  },
});
if (!process.env.TROJANSCOPE_OWN_MOUNTS) {
  const command = [process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = { ...process.env, TROJANSCOPE_OWN_MOUNTS: '1' };
  const { status, error } = spawnSync('unshare', ['--user', '--map-root-user', '--mount', ...command], {
    stdio: 'inherit',
    env,
  });
  if (error) console.error(`unshare cannot be started (Debian: apt install util-linux): ${error.message}`);
  process.exit(status ?? 1);
}

const PATIENCE_MS = 60_000;
const { check, end } = createFindings();
const disk = mkdtempSync(join(tmpdir(), 'trojanscope-disk-'));
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
const folder = join(disk, 'data');
const ballast = join(disk, 'ballast');
if (options.data) cpSync(options.data, folder, { recursive: true });

const server = await startServer({ data: folder });
if (!options.data) await runSmokeStudy(server);
const { models, sweeps } = await server.query(
  `{ models(first: 1, filter: { kind: TROJANED }) { nodes { id } }
     sweeps(first: 1) { nodes { curve { points { outcomes(first: 1) { nodes { image { url } } } } } } } }`,
);
const modelId = models.nodes[0].id;
const input = { dataset: 'shapes', architecture: 'lenet', recipe: { epochs: 100 } };
const { model } = await server.mutate('trainModel', 'TrainModelInput', input, 'model { job { id } }');
const { id } = model.job;
await untilJob(server, id, ({ stage, done }) => stage === 'training' && done > 0, PATIENCE_MS);

// Notes grow until one is refused: the log of changes still has some room of its own.
fill();
let kept = '';
let writes = 0;
let refused = [];
for (let i = 0; refused.length === 0 && i < 2_000; i++) {
  const notes = `${i} ${'x'.repeat(19_000)}`;
  const { errors } = await annotate(notes);
  if (errors.length === 0) [kept, writes] = [notes, writes + 1];
  refused = errors;
}
check(refused[0]?.code === 'DISK_FULL', `A note on a full disk: ${JSON.stringify(refused)}`);
const upload = { kind: 'MODEL', fileName: 'm.zip', bytes: 10, sha256: '0'.repeat(64) };
const { errors: noUpload } = await server.mutate(
  'createUpload',
  'CreateUploadInput',
  upload,
  'created { url }',
);
check(noUpload[0]?.code === 'DISK_FULL', `An upload to a full disk: ${JSON.stringify(noUpload)}`);
const started = await server.mutate('trainModel', 'TrainModelInput', input, 'model { id }');
check(started.errors[0]?.code === 'DISK_FULL', `A training on a full disk: ${JSON.stringify(started)}`);
const { image } = sweeps.nodes[0].curve.points[0].outcomes.nodes[0];
for (const address of ['/readyz', '/metrics', image.url, '/downloads/curves.csv']) {
  const { status } = await fetch(server.url + address);
  check(status === 200, `${address} on a full disk: ${status}`);
}
await sleep(10_000);
const full = statfsSync(disk);
check((await server.post('{"query": "{ __typename }"}')).status === 200, 'It no longer answers.');

rmSync(ballast);
const { status, job } = await untilJob(server, id, undefined, PATIENCE_MS);
check(
  status === 'SUCCEEDED' || job.error?.code === 'DISK_FULL',
  `The training on a full disk ended ${status}: ${JSON.stringify(job.error)}`,
);
const found = await server.query('query ($id: ID!) { node(id: $id) { ... on Model { notes } } }', {
  id: modelId,
});
check(found.node.notes === kept, 'The last note that was acknowledged is not there.');
check((await annotate('room again')).errors.length === 0, 'With room again it still refuses.');
if (status === 'FAILED') {
  await server.mutate('retryJob', 'RetryJobInput', { jobId: id }, 'job { id }');
  const again = await untilJob(server, id, undefined, 5 * PATIENCE_MS);
  check(again.status === 'SUCCEEDED', `Tried again, the training ended ${again.status}.`);
}
const { code } = await server.stop();
check(code === 0, `The server ended with exit code ${code}.`);
for (const fault of faultsIn(folder)) check(false, fault);
for (const name of halvesIn(folder)) check(false, `${name} was left half.`);
execFileSync('umount', [disk]);
rmSync(disk, { recursive: true });
end(
  {
    'the disk, and what was free on it when full': `${(full.blocks * full.bsize) / 2 ** 20} MB, ${full.bavail * full.bsize} bytes`,
    'notes of 19 kB acknowledged before one was refused': writes,
    'the training that ran meanwhile': `${status}${job.error ? `: ${job.error.code}` : ''}`,
  },
  'Nothing lost, nothing half, and with room again it goes on.',
);

function annotate(notes) {
  return server.mutate('annotate', 'AnnotateInput', { ids: [modelId], notes }, 'items { id }');
}

function fill() {
  const file = openSync(ballast, 'w');
  for (const size of [2 ** 20, 2 ** 12, 1]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size));
    } catch (error) {
      if (error.code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
}
