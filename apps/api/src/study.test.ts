import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { describe, expect, inject, test } from 'vitest';
import { createFolderBlobs } from './blobs/folderBlobs.js';
import { importModel } from './bundles/importModel.js';
import { openDatabase } from './store/database.js';

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const { data: smokeData, studyId } = inject('smoke');
const { data, server } = await smokeServer();

interface Study {
  id: string;
  status: string;
  options: object;
  jobs: { id: string; kind: string; status: string; study: { id: string } | null }[];
  models: { id: string; kind: string; provenance: { weightsSha256: string } }[];
  sweeps: { id: string; status: string; curve: { points: { asr: { numerator: number } }[] } }[];
  explanations: { id: string; status: string }[];
}
const STUDY = `id status options jobs { id kind status study { id } } models { id kind provenance { weightsSha256 } }
  sweeps { id status curve { points { asr { numerator } } } } explanations { id status }`;
const studyOf = async (id: string, at = server) =>
  (await at.query(`query ($id: ID!) { node(id: $id) { ... on Study { ${STUDY} } } }`, { id })).node as Study;
const run = async (input: object, at = server) =>
  (await at.mutate('runStudy', 'RunStudyInput', input, `study { ${STUDY} }`)) as {
    study: Study | null;
    errors: { code: string; field: string[]; message: string }[];
  };
const ids = (things: { id: string }[]) => things.map(({ id }) => id);

test('a study takes over what another has done, and adds only what is missing', async () => {
  const first = await studyOf(studyId);
  const { study } = await run({ preset: 'smoke', seed: 1 });
  expect(ids(study!.models)).toEqual(ids(first.models));
  expect(ids(study!.sweeps)).toEqual(ids(first.sweeps));
  const own = study!.jobs.filter((job) => job.study?.id === study!.id);
  expect(own.map(({ kind }) => kind)).toEqual(['explain']);
  expect(await untilJob(server, own[0]!.id)).toMatchObject({ status: 'SUCCEEDED' });
  const after = await studyOf(study!.id);
  expect(after.status).toBe('SUCCEEDED');
  expect(after.explanations.length).toBeGreaterThan(0);
  expect(ids(after.explanations)).toEqual(ids((await studyOf(studyId)).explanations));
  const { sweeps } = await server.query(
    `query ($id: ID!) { sweeps(first: 100, filter: { studyId: $id }) { totalCount } }`,
    { id: study!.id },
  );
  expect(sweeps.totalCount).toBe(6);
});

test('other seeds and sizes are other models; every seed has its own', async () => {
  const { study } = await run({ preset: 'smoke', seed: 30, seeds: 2 });
  expect(study!.options).toEqual({ seeds: [30, 31] });
  expect(study!.models.map(({ kind }) => kind)).toEqual(['BENIGN', 'TROJANED', 'BENIGN', 'TROJANED']);
  expect(new Set(ids([...study!.models, ...(await studyOf(studyId)).models])).size).toBe(6);
  for (const { id } of study!.jobs)
    await server.mutate('cancelJob', 'CancelJobInput', { jobId: id }, 'job { id }');
});

test('a model from before its attack had a parameter counts as one with the default', async () => {
  const other = await temporaryData(smokeData);
  const db = await openDatabase(other.folder);
  const first = await studyOf(studyId);
  const id = first.models.find(({ kind }) => kind === 'TROJANED')!.id;
  const { spec } = await db.selectFrom('model').select('spec').where('id', '=', id).executeTakeFirstOrThrow();
  const { pattern, pictureFile, ...before } = spec.backdoor!.parameters;
  expect([pattern, pictureFile]).toEqual(['square', '']);
  const changed = { ...spec, backdoor: { ...spec.backdoor!, parameters: before } };
  await db.updateTable('model').set({ spec: changed }).where('id', '=', id).execute();
  await db.destroy();
  const old = await startServer({ data: other.folder });
  try {
    const parameters = 'query ($id: ID!) { node(id: $id) { ... on Model { attackParameters } } }';
    expect((await old.query(parameters, { id })).node.attackParameters).toEqual({
      ...before,
      pattern,
      pictureFile,
    });
    const { study } = await run({ preset: 'smoke', seed: 1 }, old);
    expect(ids(study!.models)).toEqual(ids(first.models));
  } finally {
    await old.stop();
    await other.remove();
  }
});

test('imported models of the same specification are not trained anew', async () => {
  const other = await temporaryData();
  const db = await openDatabase(other.folder);
  const first = await studyOf(studyId);
  const imported: string[] = [];
  for (const { id } of first.models)
    imported.push(
      await importModel({
        db,
        blobs: createFolderBlobs(other.folder),
        from: path.join(smokeData, 'models', id),
      }),
    );
  await db.destroy();
  const there = await startServer({ data: other.folder });
  try {
    const { study } = await run({ preset: 'smoke', seed: 1 }, there);
    expect(ids(study!.models)).toEqual(imported);
    await untilJob(there, study!.jobs.at(-1)!.id);
    const done = await studyOf(study!.id, there);
    expect(done.status).toBe('SUCCEEDED');
    // The same weights, samples and directions: the same counts.
    const counts = ({ sweeps }: Study) =>
      sweeps.map(({ curve }) => curve.points.map(({ asr }) => asr.numerator));
    expect(counts(done)).toEqual(counts(first));
    // And so the same report, which names where they are from.
    const reportOf = async (id: string, at = server) =>
      (
        await at.query(
          `query ($id: ID!) { node(id: $id) { ... on Study { report {
            missing verdicts { id verdict findings { of evidence } } sections { blocks { text columns rows } } } } } }`,
          { id },
        )
      ).node.report;
    const report = await reportOf(study!.id, there);
    const { missing, verdicts } = await reportOf(studyId);
    expect(report).toMatchObject({ missing, verdicts });
    expect(JSON.stringify(report.sections)).toContain(`imported from ${first.models[1]!.id}`);
    const { estimateStudy } = await there.query('{ estimateStudy(preset: smoke) { basis } }');
    expect(estimateStudy.basis).toMatch(/2 models, 6 sweeps and 1 detection are there/);
  } finally {
    await there.stop();
    await other.remove();
  }
});

test.each([
  [{ preset: 'paper' }, 'DATA_MISSING', ['dataset'], /GTSRB is not imported/],
  [{ preset: 'paper_mnist', sizePx: 48 }, 'UNSUPPORTED', ['sizePx'], /MNIST cannot be resized/],
  [{ preset: 'smoke', seeds: 0 }, 'BAD_USER_INPUT', ['seeds'], /seeds/],
  [{ preset: 'smoke', seeds: 21 }, 'BAD_USER_INPUT', ['seeds'], /seeds/],
])('%j is refused, and nothing is queued', async (input, code, field, message) => {
  const count = async () => (await server.query('{ jobs(first: 1) { totalCount } }')).jobs.totalCount;
  const before = await count();
  const { study, errors } = await run(input);
  expect(study).toBeNull();
  expect(errors).toMatchObject([{ code, field, message: expect.stringMatching(message) }]);
  expect(await count()).toBe(before);
});

describe('a report', () => {
  test('through the API: verdicts, sections, what is missing', async () => {
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Study { report { title missing verdicts { id verdict rule findings { of evidence } }
        sections { title blocks { kind text columns rows picture } } } } } }`,
      { id: studyId },
    );
    const { title, missing, verdicts, sections } = node.report;
    expect([title, missing]).toEqual(['Smoke test: BadNets on shapes', []]);
    expect(
      verdicts.find(({ id }: { id: string }) => id === 'trigger-translation-falls').findings,
    ).toMatchObject([{ of: 'BadNets on Shapes', evidence: expect.stringMatching(/^ASR .* → .* %$/) }]);
    const blocks = sections.flatMap((section: { blocks: object[] }) => section.blocks);
    const pictures = blocks.filter(({ kind }: { kind: string }) => kind === 'PICTURE');
    expect(
      pictures.some(({ picture }: { picture: string }) => picture.startsWith('data:image/png;base64,')),
    ).toBe(true);
    for (const { kind, columns, rows } of blocks)
      if (kind === 'TABLE') for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  test('of a study that has hardly begun says what is missing', async () => {
    const { study } = await run({ preset: 'smoke', seed: 50 });
    for (const { id } of study!.jobs.toReversed())
      await server.mutate('cancelJob', 'CancelJobInput', { jobId: id }, 'job { id }');
    const { node } = await server.query(
      'query ($id: ID!) { node(id: $id) { ... on Study { report { missing verdicts { verdict } } } } }',
      { id: study!.id },
    );
    expect(node.report.missing).toContain(
      'Translation of the image of BadNets LeNet on Shapes, seed 50 (cancelled)',
    );
    expect(new Set(node.report.verdicts.map(({ verdict }: { verdict: string }) => verdict))).toEqual(
      new Set(['UNDECIDED']),
    );
  });

  test('as one file to keep, or a refusal in JSON', async () => {
    const response = await fetch(`${server.url}/downloads/studies/${studyId}/report.html`);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="report-${studyId}.html"`);
    expect(response.headers.get('content-security-policy')).toBe('sandbox');
    expect(await response.text()).toContain('<h1>Smoke test: BadNets on shapes</h1>');
    const none = await fetch(`${server.url}/downloads/studies/stu_00000000000000000000000000/report.html`);
    expect(none.status).toBe(404);
    expect(await none.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });
});

describe('study run', () => {
  const cli = (...args: string[]) => {
    const child = spawn(process.execPath, [CLI, 'study', ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
    const saying = async (words: RegExp) => {
      while (!words.test(output) && child.exitCode === null) await setTimeout(50);
      expect(output).toMatch(words);
    };
    return { child, ended, saying };
  };

  test('tells the cost first, goes on after a kill from where it was, and does nothing twice', async () => {
    const own = await temporaryData();
    try {
      const first = cli('run', 'smoke', '--data', own.folder);
      await first.saying(/[2-6] of 10 jobs/);
      first.child.kill('SIGKILL');
      const { output } = await first.ended;
      expect(output).toMatch(/2 models to train, 6 sweeps of 5,600 samples in all, 1 detector to try/);
      expect(output).toMatch(
        /about \d+ s \(by a measurement of this machine\), [\d.]+ MB of memory .* and [\d.]+ MB of disk/,
      );
      const second = await cli('run', 'smoke', '--data', own.folder).ended;
      expect(second.code).toBe(0);
      expect(second.output).toMatch(/Going on with stu_/);
      expect([output, second.output].map((words) => words.includes('Measuring this machine'))).toEqual([
        true,
        false,
      ]);
      expect(second.output).toMatch(/2 models( and \d sweeps?)? are there/);
      expect(second.output).toMatch(/10 of 10 jobs/);
      const third = await cli('run', 'smoke', '--data', own.folder).ended;
      expect([third.code, third.output]).toEqual([0, expect.stringContaining('Everything in it is done.')]);
      const [study, ...others] = JSON.parse((await cli('list', '--json', '--data', own.folder).ended).output);
      expect([study.done, study.total, others]).toEqual([10, 10, []]);
      const to = path.join(own.folder, 'report');
      expect(await cli('report', study.id, '--to', to, '--data', own.folder).ended).toMatchObject({
        code: 0,
      });
      const files = await readdir(to);
      expect(files.sort()).toEqual([
        ...['curves.csv', 'detections.csv', 'explanations.csv', 'figures'],
        ...['report.html', 'report.md'],
      ]);
      const markdown = await readFile(path.join(to, 'report.md'), 'utf8');
      for (const [, figure] of markdown.matchAll(/\]\((figures\/[^)]+)\)/g))
        expect(await readFile(path.join(to, figure!))).not.toHaveLength(0);
      // A header, and 28 points.
      expect((await readFile(path.join(to, 'curves.csv'), 'utf8')).trimEnd().split('\r\n')).toHaveLength(29);
    } finally {
      await own.remove();
    }
  });

  test.each([
    [
      ['run', 'everything'],
      /preset: expected one of quickstart, paper-mnist, paper, smoke, defences-mnist, defences-gtsrb, or a .yaml or .json file; got everything/,
    ],
    [['run', 'paper'], /GTSRB is not imported/],
    [['run', 'paper-mnist', '--size', '48'], /MNIST cannot be resized/],
    [['run', 'smoke', '--seeds', 'many'], /seeds/],
    [['show', 'stu_none'], /There is no study stu_none/],
    [
      ['report', 'stu_none', '--to', 'out', '--bench', 'package.json'],
      /--bench: .*package\.json is something else/,
    ],
    [['report', 'stu_none', '--to', 'out', '--bench', 'none.json'], /--bench: .*none\.json cannot be read/],
  ])('%j is refused in words', async (args, words) => {
    const own = await temporaryData();
    expect(await cli(...args, '--data', own.folder).ended).toEqual({
      code: 1,
      output: expect.stringMatching(words),
    });
    await own.remove();
  });

  test('leaves a folder alone that a server uses', async () => {
    const { code, output } = await cli('run', 'smoke', '--data', data.folder).ended;
    expect([code, output]).toEqual([1, expect.stringMatching(/Another server uses the data/)]);
  });
});
