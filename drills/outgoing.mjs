// node drills/outgoing.mjs [--requests 1500] [--seed 1]
// Traces every connection that the server and its processes try to open, while a study runs and every operation of the
// schema is asked for with addresses wherever a text may stand: there is none. Needs a build (npm start or npm test makes
// one), Linux and strace (Debian: apt install strace).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFindings } from '@trojanscope/testing/findings';
import { randomRequests } from '@trojanscope/testing/randomQueries';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { runSmokeStudy } from '@trojanscope/testing/smokeStudy';
import fc from 'fast-check';
import { buildSchema } from 'graphql';

const { values: options } = parseArgs({
  options: { requests: { type: 'string', default: '1500' }, seed: { type: 'string', default: '1' } },
});
/** Of a network that is for examples: nobody answers there. */
const ELSEWHERE = 'http://192.0.2.7';

/** From strace 5.3 on only the traced calls stop a process; without it, a busy machine starves. */
const SECCOMP = `${spawnSync('strace', ['--help']).stdout}`.includes('--seccomp-bpf')
  ? ['--seccomp-bpf']
  : [];

const { check, end } = createFindings();
const folder = mkdtempSync(join(tmpdir(), 'trojanscope-trace-'));
const traced = (name) => {
  const file = join(folder, name);
  const strace = [
    'strace',
    '-D',
    '-f',
    ...SECCOMP,
    '-qq',
    '-e',
    'trace=connect,sendto,sendmsg,sendmmsg',
    '-o',
    file,
  ];
  // An address to connect or send to; what goes over a connection that came in has none.
  const tries = () =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /sa_family=AF_INET6?\b/.test(line));
  return { strace, tries };
};

// What is looked for is seen where it happens.
const control = traced('control');
const program = `fetch('${ELSEWHERE}/', { signal: AbortSignal.timeout(2000) }).catch(() => {})`;
const { error } = spawnSync(control.strace[0], [...control.strace.slice(1), process.execPath, '-e', program]);
if (error) {
  console.error(`strace cannot be started (Debian: apt install strace): ${error.message}`);
  process.exit(1);
}
const trial = control.tries().length;
check(trial > 0, 'A connection that was made for a trial was not seen.');

const { strace, tries } = traced('server');
const data = await temporaryData();
const args = ['--no-quickstart', '--rate-limit', '0'];
const server = await startServer({ data: data.folder, args, under: strace });
await runSmokeStudy(server);

const schema = buildSchema(
  readFileSync(new URL('../packages/schema/schema.graphql', import.meta.url), 'utf8'),
);
const { models, sweeps, jobs } = await server.query(
  '{ models(first: 2) { nodes { id } } sweeps(first: 1) { nodes { id } } jobs(first: 1) { nodes { id } } }',
);
const ids = [models, sweeps, jobs].flatMap(({ nodes }) => nodes.map(({ id }) => id));
const texts = [
  `${ELSEWHERE}/x`,
  '//192.0.2.7/x',
  'file:///etc/passwd',
  'gopher://192.0.2.7/',
  'ftp://elsewhere.example/',
];
const asked = new Set();
const requests = fc.sample(randomRequests(schema, [...ids, ...texts]), {
  numRuns: Number(options.requests),
  seed: Number(options.seed),
});
for (const request of requests) {
  const { status } = await server.post(request);
  check(status < 500, `${JSON.stringify(request)} answered ${status}.`);
  asked.add(/{\s*(\w+)/.exec(request.query)[1]);
  // What it started is not to keep the machine busy.
  if (/runStudy|trainModel|implantBackdoor|runSweep|findLargestRange/.test(request.query)) await cancelAll();
}
// What random texts do not come to: files, uploads, headers.
for (const name of ['styleFolder', 'generatorFile', 'pictureFile'])
  await server.mutate(
    'runStudy',
    'RunStudyInput',
    { preset: 'smoke', [name]: `${ELSEWHERE}/x` },
    'study { id }',
  );
for (const [kind, text] of [
  ['MODEL', `<svg xmlns="http://www.w3.org/2000/svg"><image href="${ELSEWHERE}/x.png"/></svg>`],
  ['DATASET', `PK\u0003\u0004${ELSEWHERE}`],
]) {
  const upload = {
    kind,
    fileName: `${ELSEWHERE}/x.zip`,
    bytes: Buffer.byteLength(text),
    sha256: '0'.repeat(64),
  };
  const { created } = await server.mutate('createUpload', 'CreateUploadInput', upload, 'created { url }');
  await fetch(server.url + created.url, { method: 'PUT', body: text });
}
for (const address of [
  '/',
  '/models',
  '/graphiql',
  '/metrics',
  '/readyz',
  '/downloads/curves.csv',
  `/artifacts/${ELSEWHERE}`,
])
  await fetch(server.url + address, { headers: { 'x-forwarded-for': '192.0.2.7', referer: ELSEWHERE } });

const { code } = await server.stop();
check(code === 0, `The server ended with exit code ${code}.`);
const roots = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
  Object.keys(type.getFields()),
);
const missed = roots.filter((name) => !asked.has(name));
check(missed.length === 0, `Never asked for: ${missed.join(', ')}.`);
const found = tries();
for (const line of found) check(false, `It tried to reach somebody: ${line}`);
rmSync(folder, { recursive: true });
await data.remove();
end(
  {
    'operations of the schema, requests': `${roots.length}, ${requests.length}`,
    'connections tried': found.length,
    'connections seen of a trial that makes one': trial,
  },
  'It reaches out to nobody.',
);

async function cancelAll() {
  const active = '{ jobs(first: 100, filter: { status: [QUEUED, RUNNING] }) { nodes { id } } }';
  for (const { id } of (await server.query(active)).jobs.nodes)
    await server.mutate('cancelJob', 'CancelJobInput', { jobId: id }, 'job { id }');
}
