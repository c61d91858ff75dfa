import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { startShared } from '@trojanscope/testing/sharedServer';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import sharp from 'sharp';
import { afterAll, describe, expect, inject, test } from 'vitest';

/** What people do in a shell, as they do it: the built command line as a process, on a folder or at a real server. */

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const PAGE = new URL('../../../../docs/command-line.md', import.meta.url);

const temporary = await temporaryFolder();
const { server } = await smokeServer();
afterAll(() => temporary.remove());
const at = (name: string) => path.join(temporary.folder, name);

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function begin(
  args: string[],
  env: Record<string, string | undefined> = {},
  program = [process.execPath, CLI],
) {
  const [file, ...first] = program;
  const child: ChildProcess = spawn(file!, [...first, ...args], {
    cwd: temporary.folder,
    env: { ...process.env, TROJANSCOPE_SERVER: undefined, TROJANSCOPE_TOKEN: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.on('data', (chunk) => {
      said[name] += chunk;
    });
  const ended: Promise<Ended> = once(child, 'close').then(([code]) => ({ code, ...said }));
  async function saying(words: RegExp): Promise<void> {
    while (!words.test(said.stderr + said.stdout) && child.exitCode === null)
      await Promise.race([once(child.stdout!, 'data'), once(child.stderr!, 'data'), ended]);
    expect(said.stderr + said.stdout).toMatch(words);
  }
  return { child, ended, saying };
}
const run = (args: string[], env?: Record<string, string | undefined>) => begin(args, env).ended;
/** At the server with the finished smoke study. */
const there = (...args: string[]) => run([...args, '--server', server.url]);

test('the page’s examples, one after the other, on an empty folder', async () => {
  const [example, ...more] = [...(await readFile(PAGE, 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```/gm)];
  expect(more).toEqual([]);
  const commands = example![1]!.trimEnd().split('\n');
  // All that the tree has but what other pages and tests show.
  const { COMMANDS } = await import('./tree.js');
  const elsewhere = ['doctor', 'data', 'study', 'plugins', 'backup', 'restore', 'user', 'completion'];
  expect(new Set(commands.map((line) => line.split(' ')[1]))).toEqual(
    new Set(COMMANDS.map(({ name }) => name).filter((name) => !elsewhere.includes(name))),
  );
  const script = `set -e; trojanscope() { '${process.execPath}' '${CLI}' "$@"; }\n${example![1]}`;
  const { code, stdout, stderr } = await begin(['-c', script], { TROJANSCOPE_DATA: at('data') }, ['bash'])
    .ended;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/training, \d+ of \d+ steps/)]);
  expect(stdout).toMatch(
    /^mod_\w{26} {2}clean\n {2}clean accuracy +[\d.]+ % \([\d.]+ to [\d.]+\), \d+ of 500\n/,
  );
  expect(stdout).toMatch(
    /^mod_\w{26} {2}patch\n(.*\n) {2}ASR +[\d.]+ % \(.* of 375\n {2}benign model +mod_\w{26} {2}clean$/m,
  );
  expect(stdout).toMatch(
    /^swp_\w{26} {2}Rotation of the image, 100 samples at each value\nangle +ASR \(95 %\) .*p\n +0° .*–\n +15° .*\n +30° /m,
  );
  expect(stdout).toMatch(
    /^swp_\w{26} {2}Translation of the trigger(.*\n){2} +0 px .*\n +2 px .*\n +4 px .*\n +6 px /m,
  );
  expect(stdout).toMatch(/^rng_\w{26} {2}Rotation, accuracy at most 5 points lower/m);
  expect(stdout.match(/^exp_\w{26} /gm)).toHaveLength(2);
  expect(stdout).toMatch(/^clean .*\ntrojaned .*\ntransformed /m);
  expect(stdout).toMatch(/^100 % ┤[\u2800-\u28ff]+$/m);
  expect(stdout).toMatch(/^ +patch +clean +difference$/m);
  expect(stdout).toMatch(
    /^det_\w{26} {2}STRIP {"blend":"SUM","overlays":8}: AUROC .*8 queries an image, 40 samples/m,
  );
  expect(stdout).toMatch(/Nothing runs, and nothing is queued\.\n$/);
  // Three looks above, their maps and what the last one shows more below, each 28 px wide five times over.
  expect(await sharp(at('strip.png')).metadata()).toMatchObject({ width: 4 + 4 * 144, height: 4 + 2 * 144 });
  expect(await readdir(at('maps'))).toHaveLength(2);
  const [header, ...rows] = (await readFile(at('curves.csv'), 'utf8')).trimEnd().split('\r\n');
  expect([header, rows.length]).toEqual([expect.stringMatching(/^modelId,modelName,dataset,attack,/), 3 + 4]);
}, 600_000);

describe('on a folder', () => {
  test('Ctrl-C stops the work; the same command goes on, and then finds it', async () => {
    const data = await temporaryData();
    const args = [
      'train',
      '--dataset',
      'shapes',
      '--architecture',
      'lenet',
      '--epochs',
      '40',
      '--data',
      data.folder,
    ];
    const first = begin(args);
    await first.saying(/training/);
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    expect([stopped.code, stopped.stdout]).toEqual([130, '']);
    expect(stopped.stderr).toMatch(/Stopped\. The same command goes on from here\.\n$/);
    const second = await run(args);
    expect([second.code, second.stdout]).toEqual([0, expect.stringMatching(/^mod_\w{26} /)]);
    const third = await run([...args, '--json']);
    const model = JSON.parse(third.stdout);
    expect(third.stderr).toBe(`${model.id} was made before.\n`);
    expect(second.stdout.startsWith(model.id)).toBe(true);
    expect(model).toMatchObject({ kind: 'BENIGN', training: { recipe: { epochs: 40 } } });
    // Another answer than its own id is another model.
    const other = await run([...args, '--seed', '2', '--no-wait']);
    expect([other.code, other.stdout]).toEqual([0, expect.stringMatching(/^mod_\w{26}\n$/)]);
    expect(other.stdout).not.toContain(model.id);
    expect(other.stderr).toMatch(/next server, or command that waits/);
    const watched = await run(['watch', '--work', '--until-idle', '--data', data.folder]);
    expect([watched.code, watched.stdout]).toEqual([0, expect.stringMatching(/seed 2: done\nNothing runs/)]);
    await data.remove();
  }, 240_000);

  test('that a server uses: to look is fine, what would change it names the server', async () => {
    const looked = await run(['curve', '--data', server.data]);
    expect([looked.code, looked.stdout]).toEqual([0, expect.stringContaining('ASR (95 %)')]);
    const { code, stdout, stderr } = await run([
      ...['train', '--dataset', 'shapes', '--architecture', 'lenet', '--data', server.data],
    ]);
    expect([code, stdout, stderr]).toEqual([
      1,
      '',
      `Another server uses the data in ${server.data}. Ask that one: add --server ${server.url}\n`,
    ]);
  });

  test.each<[string[], number, RegExp]>([
    [['curve', '--data', 'none'], 1, /There is nothing in .*none yet/],
    [['curve', '--data', ''], 78, /Expected a path, got nothing/],
    [['curve', '--server', 'nowhere'], 2, /Expected an address like/],
    [['compare', 'a', 'b', '--server', 'http://127.0.0.1:9', '--data', 'x'], 2, /leave one of them out/],
    [['train', '--dataset', 'shapes'], 2, /required option '--architecture <network>'/],
    [['sweep', 'x', 'shear', '--target', 'image'], 2, /Allowed choices are translation, /],
    [['sweep', 'x', 'rotation', '--target', 'image', '--range', '0:90'], 2, /such as 0:90:15/],
    [['implant', 'badnets', '--patch-size-px', 'three'], 2, /Expected a number, got three/],
    [['everything'], 2, /unknown command 'everything'/],
  ])('%j is refused in words', async (args, code, words) => {
    expect(await run(args)).toEqual({ code, stdout: '', stderr: expect.stringMatching(words) });
  });
});

describe('at a server', () => {
  const models = async (kind: string) => {
    const { models } = await server.query('{ models(first: 100) { nodes { id name kind } } }');
    return models.nodes.find((model: { kind: string }) => model.kind === kind);
  };

  test('curves and looks are exactly those of GraphQL', async () => {
    const { id, name } = await models('TROJANED');
    const { stdout } = await there('curve', name, '--transform', 'rotation', '--target', 'image', '--json');
    const [curve] = JSON.parse(stdout);
    const { robustnessCurves } = await server.query(
      'query ($filter: CurveFilter!) { robustnessCurves(filter: $filter) { points { id value asr { value low high } pValue } } }',
      { filter: { modelIds: [id], transform: 'rotation', target: 'IMAGE' } },
    );
    expect([curve]).toMatchObject(robustnessCurves);
    expect((await there('model', 'list')).stdout).toMatch(
      /^mod_\w{26} {2}.*: succeeded, clean accuracy [\d.]+ % \(/,
    );
    const csv = await there('curve', id, '--csv');
    const download = await (await fetch(`${server.url}/downloads/curves.csv?modelIds=${id}`)).text();
    expect(csv.stdout).toBe(download);
    const looks = JSON.parse(
      (await there('probe', id, '--sample', '1', '--to', 'there.png', '--json')).stdout,
    );
    expect(Object.keys(looks)).toEqual(['clean', 'trojaned']);
    expect(looks.trojaned.image.url).toMatch(/^data:image\/png/);
    expect((await sharp(at('there.png')).metadata()).format).toBe('png');
  });

  test('work is waited for, or only begun; watch shows it to its end', async () => {
    const { id } = await models('TROJANED');
    const begun = await there(
      'sweep',
      id,
      'scaling',
      '--target',
      'trigger',
      '--values',
      '1,0.7',
      '--no-wait',
    );
    expect([begun.code, begun.stdout]).toEqual([0, expect.stringMatching(/^swp_\w{26}\n$/)]);
    const watched = await there('watch', '--until-idle');
    expect([watched.code, watched.stdout]).toEqual([
      0,
      expect.stringMatching(/Nothing runs, and nothing is queued/),
    ]);
    const { code, stdout } = await there(
      'sweep',
      id,
      'scaling',
      '--target',
      'trigger',
      '--values',
      '1,0.7',
      '--json',
    );
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { id: begun.stdout.trim(), status: 'SUCCEEDED', curve: { points: [{ value: 1 }, { value: 0.7 }] } },
    ]);
    const maps = await there('explain', id, '--samples', '2', '--kind', 'target', '--to', 'there', '--json');
    expect(JSON.parse(maps.stdout)).toMatchObject([
      { explainer: { id: 'smoothGrad' } },
      { status: 'SUCCEEDED' },
    ]);
    expect(await readdir(at('there'))).toHaveLength(2);
  }, 240_000);

  test('what it refuses is said as it says it', async () => {
    const benign = await models('BENIGN');
    expect(await there('sweep', benign.name, 'rotation', '--target', 'image')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('is benign'),
    });
    expect((await there('sweep', 'nobody', 'rotation', '--target', 'image')).stderr).toBe(
      'There is no model nobody.\n',
    );
    const tooBig = await there(
      'implant',
      'badnets',
      '--dataset',
      'shapes',
      '--architecture',
      'lenet',
      '--margin-px',
      '99',
    );
    expect([tooBig.code, tooBig.stderr]).toEqual([1, expect.stringMatching(/marginPx.*got 99/)]);
  });

  test('Ctrl-C only stops waiting', async () => {
    const args = [
      'train',
      '--dataset',
      'shapes',
      '--architecture',
      'lenet',
      '--epochs',
      '100',
      '--server',
      server.url,
    ];
    const waiting = begin(args);
    await waiting.saying(/lenet|LeNet/);
    waiting.child.kill('SIGINT');
    const { code, stderr } = await waiting.ended;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/the server goes on with job_\w{26}/)]);
    const jobId = /job_\w{26}/.exec(stderr)![0];
    const { node } = await server.query('query ($id: ID!) { node(id: $id) { ... on Job { status } } }', {
      id: jobId,
    });
    expect(['QUEUED', 'RUNNING']).toContain(node.status);
    await server.mutate('cancelJob', 'CancelJobInput', { jobId }, 'job { id }');
  });

  test('a study: run, list, show, report', async () => {
    const { code, stdout } = await there('study', 'run', 'smoke');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Study stu_\w{26} at http/)]);
    const id = /stu_\w{26}/.exec(stdout)![0];
    const listed = JSON.parse((await there('study', 'list', '--json')).stdout);
    expect(listed.map(({ id }: { id: string }) => id)).toContain(id);
    expect(listed.at(-1)).toMatchObject({ preset: 'smoke', done: 10, total: 10, options: { seeds: [1] } });
    expect((await there('study', 'show', id)).stdout).toMatch(
      /\(smoke\): done.*\n {2}job_\w{26} {2}succeeded/,
    );
    expect((await there('study', 'report', id, '--to', 'report')).stdout).toMatch(/files in report/);
    const markdown = await readFile(at('report/report.md'), 'utf8');
    const figures = [...markdown.matchAll(/\]\((figures\/[^)]+)\)/g)];
    expect(figures.length).toBeGreaterThan(0);
    for (const [, figure] of figures) expect(await readFile(at(`report/${figure}`))).not.toHaveLength(0);
  }, 240_000);
});

test('with accounts: a token in a file or in the environment, and none at all', async () => {
  const shared = await startShared();
  try {
    const token = await shared.issue(await shared.add('ada', 'RUNNER'), 'TOKEN', { scope: 'READ' });
    await writeFile(at('token'), `${token.secret}\n`, { mode: 0o600 });
    const asked = ['watch', '--until-idle', '--server', shared.url];
    expect((await run([...asked, '--token-file', 'token'], { TROJANSCOPE_TOKEN: 'wrong' })).code).toBe(0);
    expect((await run(asked, { TROJANSCOPE_TOKEN: token.secret })).code).toBe(0);
    const none = await run(asked);
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/Sign in, or send an access token/)]);
    const narrow = await run([
      'train',
      '--dataset',
      'shapes',
      '--architecture',
      'lenet',
      '--server',
      shared.url,
      '--token-file',
      'token',
    ]);
    expect([narrow.code, narrow.stderr]).toEqual([1, expect.stringMatching(/runner/i)]);
    const lost = await run([...asked, '--token-file', 'nowhere']);
    expect([lost.code, lost.stderr]).toEqual([1, '--token-file: nowhere cannot be read: ENOENT.\n']);
  } finally {
    await shared.stop();
  }
}, 240_000);

test('a server that is away for a moment is waited for', async () => {
  const data = await temporaryData(inject('smoke').data);
  const first = await startServer({ data: data.folder });
  const port = Number(new URL(first.url).port);
  const waiting = begin([
    'train',
    '--dataset',
    'shapes',
    '--architecture',
    'lenet',
    '--epochs',
    '30',
    '--server',
    first.url,
  ]);
  await waiting.saying(/training/);
  await first.stop();
  await waiting.saying(/Trying again/);
  const second = await startServer({ data: data.folder, port });
  expect(await waiting.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^mod_\w{26} /) });
  await second.stop();
  await data.remove();
}, 240_000);

test('a tabulator completes in a real bash', async () => {
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { name } } }',
  );
  const script = `
    trojanscope() { '${process.execPath}' '${CLI}' "$@"; }
    eval "$(trojanscope completion bash)"
    press() {
      # As readline cuts a line: at blanks, and at the signs of COMP_WORDBREAKS.
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=\${#COMP_LINE}
      $(complete -p trojanscope | sed 's/.*-F \\([^ ]*\\).*/\\1/') trojanscope "\${COMP_WORDS[COMP_CWORD]}" ''
      printf '%s|' "\${COMPREPLY[@]}"; echo
    }
    press trojanscope imp
    press trojanscope implant bad
    press trojanscope implant badnets --patch
    press trojanscope implant badnets --corner top
    press trojanscope implant badnets --corner = top
    press trojanscope sweep '' rot
    press trojanscope curve ${models.nodes[0].name.slice(0, 3)}
    press trojanscope study run ''
    press trojanscope nothing ''
  `;
  const { stdout, code } = await begin(['-c', script], { TROJANSCOPE_DATA: server.data }, ['bash']).ended;
  const quoted = models.nodes[0].name.replace(/[^\w@%+=:,./-]/g, '\\$&');
  expect([code, stdout.split('\n')]).toEqual([
    0,
    [
      'implant|',
      'badnets|',
      '--patch-size-px|',
      'topRight|topLeft|',
      'topRight|topLeft|',
      'rotation|',
      expect.stringContaining(`${quoted}|`),
      '|',
      '|',
      '',
    ],
  ]);
}, 240_000);

test('a reader that has seen enough is no fault', async () => {
  const script = `'${process.execPath}' '${CLI}' implant badnets --help | true; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await begin(['-c', script], {}, ['bash']).ended;
  expect([stdout, stderr]).toEqual(['0\n', '']);
});

test('help and completion load nothing that they do not need', async () => {
  for (const name of ['../cli.ts', 'tree.ts']) {
    const text = await readFile(new URL(name, import.meta.url), 'utf8');
    const loaded = [...text.matchAll(/^import (?!type\b).* from '(.*)';$/gm)].map(([, from]) => from);
    // Which plugins there are is known before what they add to is loaded.
    const light = [
      'commander',
      '@trojanscope/core/pluginFolder',
      './commands/tree.js',
      './plugins/choose.js',
    ];
    expect(loaded.filter((from) => !light.includes(from!))).toEqual([]);
  }
});
