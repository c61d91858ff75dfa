import { execFile } from 'node:child_process';
import { chmod, cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { type Answer, untilJob } from '@trojanscope/testing/live';
import { writeShownPlugins } from '@trojanscope/testing/plugins';
import { startServer, type TestServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Definitions of one's own, as docs/plugins.md shows them: checked, used, missing, faulty, changed. */

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const LONG_MS = 240_000;
const folder = await temporaryFolder();
const data = await temporaryData();
let names: string[];
let server: TestServer;
beforeAll(async () => {
  names = await writeShownPlugins(folder.folder);
});
afterAll(async () => {
  await server?.stop();
  await folder.remove();
  await data.remove();
});

const cli = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
const start = (plugins?: string) =>
  startServer({
    data: data.folder,
    args: ['--no-quickstart', ...(plugins === undefined ? [] : ['--plugins', plugins])],
  });
const done = async (id: string) => {
  const { status, job } = await untilJob(server, id, undefined, LONG_MS);
  expect([status, job.error]).toEqual(['SUCCEEDED', null]);
};

test('the page has one of each kind, and each passes the contract of its kind', {
  timeout: LONG_MS,
}, async () => {
  expect(names).toHaveLength(5);
  const { code, out } = await cli('plugins', 'check', folder.folder);
  expect(out).not.toContain('✗');
  expect(code).toBe(0);
  for (const what of ['attacks.checkerboard', 'transforms.shear', 'detectors.noiseConsistency'])
    expect(out).toContain(`✓ ${what}`);
  expect(out).toMatch(/(\d+) of \1 checks passed/);
});

describe('on a server', () => {
  let model: Answer;
  let sweep: Answer;
  let detection: Answer;
  let explanation: Answer;
  beforeAll(async () => {
    server = await start(folder.folder);
  }, LONG_MS);

  test('the catalog has them, with what forms draw', async () => {
    const { catalog, plugins } = await server.query(
      `{ catalog { attacks { id parameters } transforms { id title } detectors { id } explainers { id }
         datasets { id installed } } plugins { file error definitions { kind id error } } }`,
    );
    const { attacks, transforms, detectors, explainers, datasets } = catalog;
    const attack = attacks.find(({ id }: Answer) => id === 'checkerboard');
    expect(attack.parameters.properties.patchSizePx).toMatchObject({ minimum: 2, maximum: 64, default: 6 });
    const ids = (list: Answer) => list.map(({ id }: Answer) => id);
    expect(ids(transforms)).toContain('shear');
    expect(ids(detectors)).toContain('noiseConsistency');
    expect(ids(explainers)).toContain('gradientTimesInput');
    expect(datasets).toContainEqual({ id: 'stripes', installed: true });
    expect(plugins).toHaveLength(5);
    for (const { error, definitions } of plugins) expect([error, definitions[0].error]).toEqual([null, null]);
  });

  test('a backdoor is implanted, swept, sought and explained', { timeout: LONG_MS }, async () => {
    const input = {
      dataset: 'shapes',
      architecture: 'lenet',
      recipe: { epochs: 4 },
      attack: { checkerboard: { patchSizePx: 8 } },
    };
    const implanted = await server.mutate(
      'implantBackdoor',
      'ImplantBackdoorInput',
      input,
      'model { id job { id } plugins { kind id file sha256 } }',
    );
    model = implanted.model;
    expect(model.plugins).toEqual([
      {
        kind: 'attacks',
        id: 'checkerboard',
        file: 'checkerboard.mjs',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    await done(model.job.id);
    const { node } = await server.query(
      `{ node(id: "${model.id}") { ... on Model { name asr { value } attackParameters } } }`,
    );
    expect(node).toMatchObject({
      name: 'Checkerboard LeNet on Shapes',
      attackParameters: { patchSizePx: 8 },
    });
    expect(node.asr.value).toBeGreaterThan(0.8);

    ({ sweep } = await server.mutate(
      'runSweep',
      'RunSweepInput',
      { modelId: model.id, transform: 'shear', target: 'TRIGGER', samples: 50 },
      'sweep { id job { id plugins { id } } }',
    ));
    expect(sweep.job.plugins).toEqual([{ id: 'shear' }]);
    await done(sweep.job.id);
    ({ detection } = await server.mutate(
      'runDetector',
      'RunDetectorInput',
      { modelId: model.id, detector: { noiseConsistency: { copies: 3 } }, samples: 50 },
      'detection { id job { id } }',
    ));
    await done(detection.job.id);
    const { node: swept } = await server.query(
      `{ node(id: "${sweep.id}") { ... on Sweep { curve { points { id value asr { value } } } } } }`,
    );
    const { points } = swept.curve;
    expect(points.map(({ value }: Answer) => value)).toEqual([0, 0.1, 0.2, 0.4]);
    expect(points[0].asr.value).toBeGreaterThan(0.8);
    const outcomes = await server.query(
      `{ node(id: "${points[0].id}") { ... on Point { outcomes(first: 1) { nodes { id image { url } } } } } }`,
    );
    const [outcome] = outcomes.node.outcomes.nodes;
    const { status } = await fetch(`${server.url}${outcome.image.url}`);
    expect(status).toBe(200);
    const { explanations } = await server.mutate(
      'explain',
      'ExplainInput',
      { outcomeIds: [outcome.id], method: { gradientTimesInput: {} } },
      'explanations { id job { id } plugins { id } settings }',
    );
    [explanation] = explanations;
    expect(explanation.plugins).toEqual([{ id: 'gradientTimesInput' }]);
    expect(explanation.settings).toEqual({ sign: 'BOTH', explainedClass: 'PREDICTED', margin: 0.067 });
    await done(explanation.job.id);
  });

  test('a model of a data set is trained', { timeout: LONG_MS }, async () => {
    const { model: benign } = await server.mutate(
      'trainModel',
      'TrainModelInput',
      { dataset: 'stripes', architecture: 'lenet', recipe: { epochs: 1 } },
      'model { id job { id } plugins { file } }',
    );
    expect(benign.plugins).toEqual([{ file: 'stripes.mjs' }]);
    await done(benign.job.id);
  });

  const STUDY = `title: Checkerboards
samples: 50
models:
  - dataset: shapes
    architecture: lenet
    recipe: { epochs: 4 }
    attacks:
      - attack: { checkerboard: { patchSizePx: 8 } }
sweeps:
  - { transform: shear, target: TRIGGER }
detectors:
  - detector: { noiseConsistency: { copies: 3 } }
`;
  const nothingNew = async () => {
    const { estimateStudy } = await server.query(
      'query ($document: String) { estimateStudy(document: $document) { basis } }',
      { document: STUDY },
    );
    return estimateStudy.basis as string;
  };

  test('a study takes over what the same plugins made', async () => {
    expect(await nothingNew()).toBe('Everything in it is done.');
  });

  test('of a changed plugin nothing is taken over, and nothing is built on', {
    timeout: LONG_MS,
  }, async () => {
    const file = path.join(folder.folder, 'checkerboard.mjs');
    const before = await readFile(file, 'utf8');
    // While the server runs, it is left out of what starts.
    await writeFile(file, before.replace('isWhite = (', 'isWhite = 1 === ('));
    await server.stop();
    server = await start(folder.folder);
    expect(await nothingNew()).not.toBe('Everything in it is done.');
    const again = await server.mutate(
      'runSweep',
      'RunSweepInput',
      { modelId: model.id, transform: 'rotation', target: 'IMAGE', samples: 20, values: [0, 15] },
      'sweep { job { id } }',
    );
    const { status, job } = await untilJob(server, again.sweep.job.id, undefined, LONG_MS);
    expect(status).toBe('FAILED');
    expect(job.error).toMatchObject({ code: 'CONFLICT' });
    expect(job.error.message).toMatch(
      /attack checkerboard is the plugin checkerboard\.mjs’s, which has changed/,
    );
    await writeFile(file, before);
    await server.stop();
    server = await start(folder.folder);
    expect(await nothingNew()).toBe('Everything in it is done.');
  });

  test('without the folder everything answers, and says what is missing', { timeout: LONG_MS }, async () => {
    await server.stop();
    server = await start();
    const { models, sweeps, detections, jobs, explanations, robustnessCurves, plugins } = await server.query(
      `{ models(first: 10) { nodes { id name attack { id title description parameters } dataset { id title installed }
           targetLabel { name } robustnessProfile { value } plugins { file } } }
         sweeps(first: 10) { nodes { id transform { id title unit identity } curve { points { value asr { value } } } } }
         detections(first: 10) { nodes { id detector { id title } parameters purifiers { steps { value } } controls { __typename } } }
         jobs(first: 20) { nodes { id title } }
         explanations(first: 5) { nodes { id explainer { id title } } }
         robustnessCurves(filter: { transform: shear }) { model { name } unit points { value } }
         plugins { file } }`,
    );
    expect(plugins).toEqual([]);
    const found = models.nodes.find(({ id }: Answer) => id === model.id);
    expect(found.attack).toMatchObject({ id: 'checkerboard', title: 'Checkerboard (missing)' });
    expect(found.attack.description).toMatch(/the plugin checkerboard\.mjs’s, .* --plugins/);
    expect(models.nodes).toContainEqual(
      expect.objectContaining({ dataset: { id: 'stripes', title: 'Stripes (missing)', installed: false } }),
    );
    expect(sweeps.nodes).toContainEqual(
      expect.objectContaining({
        id: sweep.id,
        transform: { id: 'shear', title: 'Shear (missing)', unit: 'px a row', identity: 0 },
      }),
    );
    expect(detections.nodes).toContainEqual(
      expect.objectContaining({
        id: detection.id,
        detector: { id: 'noiseConsistency', title: 'Noise consistency (missing)' },
      }),
    );
    expect(explanations.nodes).toEqual([
      { id: explanation.id, explainer: { id: 'gradientTimesInput', title: 'Gradient × input (missing)' } },
    ]);
    expect(robustnessCurves).toHaveLength(1);
    expect(jobs.nodes.length).toBeGreaterThan(5);
    const { catalog } = await server.query('{ catalog { attacks { id } } }');
    expect(catalog.attacks.map(({ id }: Answer) => id)).not.toContain('checkerboard');
  });

  test('what needs it ends with a sentence', { timeout: LONG_MS }, async () => {
    const { body } = await server.post({
      query: `{ probe(input: { modelId: "${model.id}", sampleIndex: 0 }) { predicted { name } } }`,
    });
    expect(body.errors[0]).toMatchObject({
      message: expect.stringMatching(/plugin checkerboard\.mjs’s, which is not loaded here.*--plugins/),
      extensions: { code: 'CONFLICT' },
    });
    const asked = await server.mutate(
      'runDetector',
      'RunDetectorInput',
      { modelId: model.id, detector: { strip: { overlays: 2 } }, samples: 20 },
      'detection { job { id } }',
    );
    const { status, job } = await untilJob(server, asked.detection.job.id, undefined, LONG_MS);
    expect([status, job.error.code]).toEqual(['FAILED', 'CONFLICT']);
    expect(job.error.message).toMatch(/checkerboard\.mjs.*--plugins/);
    const { sweep: none, errors } = await server.mutate(
      'runSweep',
      'RunSweepInput',
      { modelId: model.id, transform: 'shear', target: 'IMAGE' },
      'sweep { id }',
    );
    expect([none, errors[0].code]).toEqual([null, 'BAD_USER_INPUT']);
  });
});

describe('a faulty one', () => {
  const faulty = {
    'syntax.mjs': 'export const attacks = (',
    'throws.mjs': 'throw new Error("no such luck");',
    'nothing.mjs': 'export const attack = () => ({});',
    'ends.mjs': 'process.exit(3);',
    'endsLater.mjs': 'export const attacks = () => process.exit(4);',
    'taken.mjs': 'export const transforms = ({ defineTransform }) => ({ rotation: {} });',
    'shape.mjs': `export const detectors = ({ z }) => ({ halfDone: { title: 'Half', description: 'Half a one.' } });`,
    'range.mjs': `export const transforms = ({ defineTransform, sameForAll }) => ({
      wrongLevels: defineTransform({
        title: 'Wrong', description: 'Leaves the range.', valueName: 'Factor', unit: '×', minimum: 0, maximum: 2,
        identity: 1, defaultValues: [1, 2],
        plan: (value, _, samples) => sameForAll({ apply: (images) => images.slice([0, 0, 0, 0], [1, 28, 28, 1]), spreads: false }, samples),
      }),
    });`,
  };

  test('is named with its reason and left out, and the server goes on', { timeout: LONG_MS }, async () => {
    await withFolder(async (own) => {
      for (const [name, text] of Object.entries(faulty)) await writeFile(path.join(own, name), text);
      await cp(path.join(folder.folder, 'checkerboard.mjs'), path.join(own, 'checkerboard.mjs'));
      await server?.stop();
      server = await start(own);
      const { plugins, catalog } = await server.query(
        '{ plugins { file error definitions { id error } } catalog { attacks { id } transforms { id } } }',
      );
      const why = Object.fromEntries(
        plugins.map(({ file, error, definitions }: Answer) => [file, error ?? definitions[0].error]),
      );
      expect(why).toEqual({
        'checkerboard.mjs': null,
        'syntax.mjs': expect.stringMatching(/Unexpected (end of input|token)/),
        'throws.mjs': 'no such luck',
        'nothing.mjs': expect.stringMatching(/^expected an export of attacks, .*; found none$/),
        'ends.mjs': 'it ended the process that it was tried in (exit 3)',
        'endsLater.mjs': 'it ended the process that it was tried in (exit 4)',
        'taken.mjs': 'trojanscope has a transform rotation: call it otherwise',
        'shape.mjs': expect.stringMatching(/^source: /),
        'range.mjs': expect.stringMatching(/^of the trigger, channels: 1: /),
      });
      for (const name of Object.keys(faulty)) expect(server.log()).toContain(`plugin=${name}`);
      expect(catalog.attacks.map(({ id }: Answer) => id)).toContain('checkerboard');
      expect(catalog.transforms.map(({ id }: Answer) => id)).not.toContain('wrongLevels');
      const doctor = await cli('doctor', '--json', '--data', data.folder, '--plugins', own);
      const finding = JSON.parse(doctor.out).find(({ what }: Answer) => what === 'plugins');
      expect(finding.ok).toBe(false);
      for (const name of Object.keys(faulty)) expect(finding.says).toContain(name);
      const { code, out } = await cli('plugins', 'check', own);
      expect(code).toBe(1);
      expect(out).toContain('✗ throws.mjs: no such luck');
    });
  });

  test('a folder that is not there, or that everybody may write to, is refused', async () => {
    const none = await cli('data', 'list', '--plugins', path.join(folder.folder, 'none'));
    expect([none.code, none.err]).toEqual([
      78,
      expect.stringMatching(/^--plugins: expected a folder .*not there/),
    ]);
    await withFolder(async (own) => {
      await chmod(own, 0o777);
      const { code, err } = await cli('data', 'list', '--plugins', own);
      expect([code, err]).toEqual([78, expect.stringContaining('chmod o-w')]);
    });
  });
});

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const own = await temporaryFolder();
  try {
    await work(own.folder);
  } finally {
    await own.remove();
  }
}
