import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEngine, loadModel } from '@trojanscope/core';
import { lenetAsOnnx, pairsOfShapes } from '@trojanscope/core/testing/imports';
import { type Answer, untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { upload } from '@trojanscope/testing/upload';
import { zipOf } from '@trojanscope/testing/zip';
import { beforeAll, expect, test } from 'vitest';

/** Studies of models that are there already: trained here, and brought as an ONNX file without a benign model. */

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const { data, server } = await smokeServer();
let trained: { id: string; benign: { id: string } };
let brought: string;
let untriggered: string;
/** Its trigger bends the image: none of it can be transformed. */
let bent: string;
let cancelled: string;

async function imported(files: Record<string, Buffer>, more: object = {}): Promise<string> {
  const archive = zipOf(Object.entries(files).map(([name, content]) => ({ name: `mine/${name}`, content })));
  const input = { uploadId: await upload(server, 'MODEL', archive, 'mine.zip'), dataset: 'shapes', ...more };
  const { job } = await server.mutate('importModel', 'ImportModelInput', input, 'job { id }');
  expect(await untilJob(server, job.id, undefined, 120_000)).toMatchObject({ status: 'SUCCEEDED' });
  const { node } = await server.query('query ($id: ID!) { node(id: $id) { ... on Job { model { id } } } }', {
    id: job.id,
  });
  return node.model.id;
}
const about = (title: string, trigger?: object) =>
  Buffer.from(JSON.stringify({ format: 'trojanscope-import/1', title, trigger }));
const implant = (seed: number) =>
  server.mutate(
    'implantBackdoor',
    'ImplantBackdoorInput',
    {
      dataset: 'shapes',
      architecture: 'lenet',
      attack: { wanet: {} },
      poisonRate: 0.2,
      recipe: { epochs: 1 },
      seed,
    },
    'model { id job { id } }',
  );

beforeAll(async () => {
  await loadEngine();
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id benign { id } } } }',
  );
  [trained] = models.nodes;
  const { weights, trigger } = await loadModel(path.join(data.folder, 'models', trained.id));
  const network = lenetAsOnnx(weights);
  const pairs = await pairsOfShapes(100, { trigger: trigger! });
  brought = await imported({
    'network.onnx': network,
    'import.json': about('Brought', { kind: 'pairs' }),
    ...pairs,
  });
  untriggered = await imported({ 'network.onnx': network, 'import.json': about('Without a trigger') });
  const { model, errors } = await implant(1);
  expect(errors).toEqual([]);
  expect(await untilJob(server, model.job.id, undefined, 120_000)).toMatchObject({ status: 'SUCCEEDED' });
  bent = model.id;
  const other = await implant(2);
  await server.mutate('cancelJob', 'CancelJobInput', { jobId: other.model.job.id }, 'job { id }');
  cancelled = other.model.id;
}, 240_000);

const STUDY = `study { id status models { id name kind } jobs { id kind status }
  sweeps { model { id } transform { id } target seed samples } }`;
const run = (document: string) => server.mutate('runStudy', 'RunStudyInput', { document }, STUDY);
const SWEEPS = 'sweeps:\n  - { transform: rotation, values: [0, 90] }\n';
const documentOf = (models: string, rest = SWEEPS) =>
  `title: Mine\nsamples: 40\nseeds: [3, 4]\nmodels:\n${models}${rest}`;
const studyBy = async (id: string): Promise<Answer> =>
  (
    await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Study { status document finishedAt models { id } jobs { id status }
         report { missing sections { title blocks { text columns rows } } } } } }`,
      { id },
    )
  ).node;

test('sweeps, detectors and explanations of models that are there, each once, with the benign one where there is one', async () => {
  const text = documentOf(
    `  - model: [${trained.id}, ${brought}]\n`,
    `${SWEEPS}detectors:\n  - detector: { strip: { overlays: 2 } }\nexplanations: 2\n`,
  );
  const { study, errors } = await run(text);
  expect(errors).toEqual([]);
  expect(study!.models.map(({ id }: { id: string }) => id)).toEqual([trained.benign.id, trained.id, brought]);
  // Of both targets, by the first seed.
  expect(study!.sweeps).toEqual(
    [trained.id, brought].flatMap((id) =>
      ['TRIGGER', 'IMAGE'].map((target) => ({
        model: { id },
        transform: { id: 'rotation' },
        target,
        seed: 3,
        samples: 40,
      })),
    ),
  );
  for (const { id } of study!.jobs)
    expect(await untilJob(server, id, undefined, 120_000)).toMatchObject({ status: 'SUCCEEDED' });
  const kinds = study!.jobs.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual([
    ...['model', 'model', 'sweep', 'sweep', 'detect', 'explain'],
    ...['importModel', 'sweep', 'sweep', 'detect', 'explain'],
  ]);
  const { document, report, status } = await studyBy(study!.id);
  expect(status).toBe('SUCCEEDED');
  expect(document).toContain(`- model:\n      - ${trained.id}\n      - ${brought}\n`);
  expect(report.missing).toEqual([]);
  // Neither are they taken for two seeds of one model, nor for values of a grid.
  const tables = report.sections
    .flatMap(({ blocks }: Answer) => blocks)
    .filter(({ rows }: Answer) => rows.length);
  expect(tables[0].rows.map(([, name]: string[]) => name)).toEqual(['Benign', 'BadNets', 'Layer']);
  expect(report.sections.map(({ title }: Answer) => title)).not.toContain('What the grid varies');

  // Once more it is another study of the same, of which nothing but the explaining is to do.
  const again = await run(document);
  const own = again.study!.jobs.filter(({ kind }: { kind: string }) => kind !== 'explain');
  expect(own.map(({ id }: { id: string }) => id)).toEqual(
    study!.jobs
      .filter(({ kind }: { kind: string }) => kind !== 'explain')
      .map(({ id }: { id: string }) => id),
  );
}, 240_000);

test('beside models that are to be trained; one that both come to is there once', async () => {
  const trainedHere =
    '  - dataset: shapes\n    architecture: lenet\n    attacks:\n      - attack: { badnets: {} }\n';
  const text = `title: Both\nsamples: 40\nmodels:\n  - model: ${trained.id}\n${trainedHere}${SWEEPS}`;
  const { estimateStudy } = await server.query(
    'query ($document: String) { estimateStudy(document: $document) { basis } }',
    { document: text },
  );
  expect(estimateStudy.basis).toMatch(
    /^0 models to train, 2 sweeps of 160 samples in all; 2 models are there/,
  );
  const { study } = await run(text);
  expect(study!.models.map(({ id }: { id: string }) => id)).toEqual([trained.benign.id, trained.id]);
  expect(study!.jobs.map(({ kind }: { kind: string }) => kind)).toEqual(['model', 'model', 'sweep', 'sweep']);
});

test('a trigger that cannot be transformed has sweeps of the image alone', async () => {
  const { study, errors } = await run(documentOf(`  - model: ${bent}\n`));
  expect(errors).toEqual([]);
  expect(study!.sweeps.map(({ target }: { target: string }) => target)).toEqual(['IMAGE']);
});

test.each<[what: string, models: () => string, code: string, place: RegExp, rest?: string]>([
  [
    'that is not there',
    () => '  - model: mod_none\n',
    'NOT_FOUND',
    /^line 5, column 12: There is no model mod_none\./,
  ],
  [
    'that is benign, with its place in a list',
    () => `  - model: [${trained.id}, ${trained.benign.id}]\n`,
    'UNSUPPORTED',
    /^line 5, column 45: “Benign LeNet on .+” is benign: it has no trigger/,
  ],
  [
    'that came without a trigger',
    () => `  - model: ${untriggered}\n`,
    'UNSUPPORTED',
    /^line 5, column 12: “Without a trigger” is benign/,
  ],
  [
    'that was never trained to its end',
    () => `  - model: ${cancelled}\n`,
    'CONFLICT',
    /^line 5, column 12: “.+” is not trained yet/,
  ],
  [
    'of which nothing that is asked for can be done',
    () => `  - model: ${bent}\n`,
    'UNSUPPORTED',
    /^line 5, column 12: “.+”: .*[Tt]ransform the image/,
    'sweeps:\n  - { transform: rotation, target: TRIGGER, values: [0, 90] }\n',
  ],
  [
    'twice',
    () => `  - model: ${trained.id}\n  - model: [${brought}, ${trained.id}]\n`,
    'BAD_USER_INPUT',
    /^line 6, column 45: model: mod_\w+ is there twice/,
  ],
  [
    'with what is known of it',
    () => `  - model: ${trained.id}\n    attacks: []\n`,
    'BAD_USER_INPUT',
    /^line 5, column 5: models\.0: Unrecognized key: "/,
  ],
  [
    'that is no id',
    () => '  - model: 7\n',
    'BAD_USER_INPUT',
    /^line 5, column 12: models\.0\.model: Expected the id of a model, or a list of such; got 7/,
  ],
])('a model %s is refused with its place', async (_, models, code, place, rest) => {
  const { study, errors } = await run(documentOf(models(), rest));
  expect(study).toBeNull();
  expect(errors).toEqual([expect.objectContaining({ code, message: expect.stringMatching(place) })]);
  expect(errors[0]!.field[0]).toBe('document');
  expect(errors[0]!.field[1]).toBe('models');
});

test('what it will take is measured with the imported network itself', async () => {
  const text = `title: Priced\nsamples: 30\nmodels:\n  - model: ${brought}\n${SWEEPS}`;
  const { job, errors } = await server.mutate(
    'measureStudy',
    'MeasureStudyInput',
    { document: text },
    'job { id }',
  );
  expect(errors).toEqual([]);
  expect(await untilJob(server, job.id, undefined, 120_000)).toMatchObject({ status: 'SUCCEEDED' });
  const { estimateStudy } = await server.query(
    'query ($document: String) { estimateStudy(document: $document) { basis seconds memoryBytes diskBytes } }',
    { document: text },
  );
  expect(estimateStudy.basis).toMatch(/By a measurement of this machine\.$/);
  expect(estimateStudy.seconds).toBeGreaterThan(0);
  expect(estimateStudy.diskBytes).toBeGreaterThan(0);
}, 150_000);

test('from the command line it is named, and run where it is', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'own-models-'));
  try {
    const file = path.join(folder, 'mine.yaml');
    await writeFile(file, documentOf('  - model: mod_somewhere\n'));
    const cli = (...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'study', ...args], {
        encoding: 'utf8',
      });
      return { status, stdout, stderr };
    };
    expect(cli('check', file)).toMatchObject({
      status: 0,
      stdout: `Mine: 2 seeds, 0 benign and 0 trojaned models, 1 of your own that are to be there, 2 sweeps and 0 detections of 40 samples.
  the model mod_somewhere
`,
    });
    expect(cli('run', file, '--data', path.join(folder, 'data'))).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^line 5, column 12: There is no model mod_somewhere\./),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a model that is removed later leaves its study with a page and a report', async () => {
  const { study } = await run(documentOf(`  - model: ${brought}\n`));
  for (const { id } of study!.jobs)
    expect(await untilJob(server, id, undefined, 60_000)).toMatchObject({ status: 'SUCCEEDED' });
  const text = documentOf(`  - model: ${brought}\n`);
  await server.mutate('deleteItems', 'DeleteItemsInput', { ids: [brought] }, 'items { id }');
  const inTrash = await studyBy(study!.id);
  expect(inTrash.models).toEqual([{ id: brought }]);
  expect(inTrash.report.sections.length).toBeGreaterThan(1);
  expect((await run(text)).errors).toEqual([
    expect.objectContaining({
      code: 'CONFLICT',
      message: expect.stringMatching(/^line 5, column 12: “Brought” is in the trash\. Restore it first\./),
    }),
  ]);
  const { errors } = await server.mutate(
    'purgeTrash',
    'PurgeTrashInput',
    { olderThanDays: 0 },
    'purged { ids }',
  );
  expect(errors).toEqual([]);
  const gone = await studyBy(study!.id);
  expect(gone).toMatchObject({ models: [], jobs: [], report: { missing: [] } });
  expect(gone.document).toContain(brought);
  expect(gone.report.sections.map(({ title }: Answer) => title)).toEqual(['What this is']);
  expect((await run(text)).errors[0]!.code).toBe('NOT_FOUND');
});
