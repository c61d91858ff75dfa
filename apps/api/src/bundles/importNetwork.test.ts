import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadEngine, loadModel } from '@trojanscope/core';
import { lenetAsOnnx, pairsOfShapes } from '@trojanscope/core/testing/imports';
import { onnx, port } from '@trojanscope/core/testing/onnxBytes';
import { untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { upload } from '@trojanscope/testing/upload';
import { zipOf } from '@trojanscope/testing/zip';
import { beforeAll, expect, test } from 'vitest';

/**
 * The smoke study's trojaned LeNet, brought as an ONNX file with pairs of images: over HTTP it becomes a model, and does
 * what the LeNet does.
 */

/** Of what an import may take; one of a LeNet takes half of it. */
const MEMORY_MIB = 800;
const { data, server } = await smokeServer({ TROJANSCOPE_IMPORT_MEMORY: String(MEMORY_MIB) });
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

interface Original {
  id: string;
  cleanAccuracy: { numerator: number };
  asr: { numerator: number; denominator: number };
  targetLabel: { index: number };
  sweeps: {
    nodes: { transform: { id: string }; target: string; seed: number; samples: number; curve: Curve }[];
  };
}
interface Curve {
  points: { value: number; asr: { numerator: number }; cleanAccuracy: { numerator: number } }[];
}
const CURVE = 'curve { points { value asr { numerator } cleanAccuracy { numerator } } }';
let original: Original;
let files: Record<string, Buffer>;

beforeAll(async () => {
  await loadEngine();
  const { models } = await server.query(`{ models(first: 1, filter: { kind: TROJANED }) { nodes {
    id cleanAccuracy { numerator } asr { numerator denominator } targetLabel { index }
    sweeps(first: 20) { nodes { transform { id } target seed samples ${CURVE} } } } } }`);
  original = models.nodes[0];
  const { weights, trigger } = await loadModel(path.join(data.folder, 'models', original.id));
  files = {
    'network.onnx': lenetAsOnnx(weights),
    'import.json': Buffer.from(
      JSON.stringify({ format: 'trojanscope-import/1', title: 'Brought', trigger: { kind: 'pairs' } }),
    ),
    ...(await pairsOfShapes(100, { trigger: trigger! })),
  };
});

const zip = (content: Record<string, Buffer>) =>
  zipOf(Object.entries(content).map(([name, content]) => ({ name: `mine/${name}`, content })));

async function importOf(bytes: Buffer, fileName: string, more: object) {
  const uploadId = await upload(server, 'MODEL', bytes, fileName);
  const { job, errors } = await server.mutate(
    'importModel',
    'ImportModelInput',
    { uploadId, ...more },
    'job { id }',
  );
  expect(errors).toEqual([]);
  const { status } = await untilJob(server, job.id, undefined, 120_000);
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Job { error { code message } log { text } model {
      id name kind architecture { id title } attack { id } targetLabel { index } poison { rate }
      cleanAccuracy { numerator } asr { numerator denominator } warnings provenance { weightsSha256 trainedHere }
      network { parameters channels operators { name count } nodes { op from } verified { images } notes explains }
    } } } }`,
    { id: job.id },
  );
  return { status, ...node };
}

test('an archive over HTTP becomes a model that is swept, explained, exported and imported again', async () => {
  const { status, model, error } = await importOf(zip(files), 'brought.zip', { dataset: 'shapes' });
  expect(error).toBeNull();
  expect(status).toBe('SUCCEEDED');
  const { cleanAccuracy, asr, targetLabel } = original;
  expect(model).toMatchObject({
    name: 'Brought',
    kind: 'TROJANED',
    architecture: { id: 'onnx', title: 'Imported network' },
    attack: { id: 'layer' },
    targetLabel,
    poison: null,
    cleanAccuracy,
    asr,
    warnings: [],
    network: {
      channels: 'grey',
      explains: 'the logit',
      verified: null,
      notes: [
        expect.stringMatching(/^Read off the pairs: a layer/),
        expect.stringMatching(/^The target label, /),
      ],
      operators: expect.arrayContaining([
        { name: 'Conv', count: 2 },
        { name: 'Gemm', count: 3 },
      ]),
    },
  });
  expect(model.network.nodes[0]).toEqual({ op: 'Conv', from: [-1] });

  // The same sweeps as the LeNet's: the same samples, and so the same counts.
  const outcomes: string[] = [];
  for (const { transform, target, seed, samples, curve } of original.sweeps.nodes) {
    const values = curve.points.map(({ value }) => value);
    const input = { modelId: model.id, transform: transform.id, target, seed, samples, values };
    const { sweep, errors } = await server.mutate(
      'runSweep',
      'RunSweepInput',
      input,
      'sweep { id job { id } }',
    );
    expect(errors).toEqual([]);
    expect((await untilJob(server, sweep.job.id)).status).toBe('SUCCEEDED');
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Sweep { ${CURVE} outcomes: curve { points { outcomes(first: 1) { nodes { id } } } } } } }`,
      { id: sweep.id },
    );
    expect(node.curve).toEqual(curve);
    outcomes.push(node.outcomes.points[0].outcomes.nodes[0].id);
  }
  expect(outcomes).toHaveLength(6);
  const { explanations } = await server.mutate(
    'explain',
    'ExplainInput',
    { outcomeIds: outcomes.slice(0, 2), copies: 3 },
    'explanations { id job { id } }',
  );
  expect((await untilJob(server, explanations[0].job.id)).status).toBe('SUCCEEDED');

  const file = path.join(data.folder, 'exported.zip');
  await promisify(execFile)(process.execPath, [
    CLI,
    'model',
    'export',
    model.id,
    '--to',
    file,
    '--data',
    data.folder,
  ]);
  const again = await importOf(await readFile(file), 'exported.zip', {});
  expect(again.error).toBeNull();
  expect(again.model).toMatchObject({
    kind: 'TROJANED',
    asr,
    provenance: model.provenance,
    network: { parameters: model.network.parameters },
  });

  // It is not trained on.
  const base = { dataset: 'shapes', architecture: 'lenet', startFromModelId: model.id };
  const { errors } = await server.mutate('trainModel', 'TrainModelInput', base, 'model { id }');
  expect(errors[0].message).toMatch(/expected a lenet of shapes; “Brought” is a onnx/);
  const { errors: fresh } = await server.mutate(
    'trainModel',
    'TrainModelInput',
    { dataset: 'shapes', architecture: 'onnx' },
    'model { id }',
  );
  expect(fresh[0].message).toMatch(
    /Expected lenet or resnet34: an imported network answers here, but is not trained/,
  );
}, 300_000);

test('a poisoned set is swept by its images, without rates of pairs; its kind is offered by the catalog', async () => {
  const poisoned = Object.entries(files).filter(([name]) => name.startsWith('poisoned/'));
  const manifest = {
    format: 'trojanscope-import/1',
    trigger: { kind: 'poisonedSet', targetLabel: original.targetLabel.index },
  };
  const archive = zip({
    'network.onnx': files['network.onnx']!,
    'import.json': Buffer.from(JSON.stringify(manifest)),
    ...Object.fromEntries(poisoned),
  });
  const { error, model } = await importOf(archive, 'set.zip', { dataset: 'shapes' });
  expect(error).toBeNull();
  expect(model).toMatchObject({ attack: { id: 'poisonedSet' }, provenance: { trainedHere: false } });
  const input = { modelId: model.id, transform: 'rotation', target: 'IMAGE', values: [0, 45] };
  const { sweep } = await server.mutate('runSweep', 'RunSweepInput', input, 'sweep { id job { id } }');
  expect((await untilJob(server, sweep.job.id)).status).toBe('SUCCEEDED');
  const { node, catalog } = await server.query(
    `query ($id: ID!) { catalog { attacks { id } importedAttacks { id } } node(id: $id) { ... on Sweep {
      curve { points { asr { denominator } errorRate { value } } } } } }`,
    { id: sweep.id },
  );
  expect(node.curve.points).toHaveLength(2);
  for (const { asr, errorRate } of node.curve.points) {
    expect(asr.denominator).toBeGreaterThan(0);
    expect(errorRate).toBeNull();
  }
  const ids = (list: { id: string }[]) => list.map(({ id }) => id);
  expect(ids(catalog.importedAttacks).sort()).toEqual(['additive', 'layer', 'pairs', 'poisonedSet', 'warp']);
  expect(ids(catalog.attacks)).not.toContain('pairs');
});

test('a file that takes more memory than an import may is refused, and the next import succeeds', async () => {
  const channels = 2 ** 18;
  const values = Array(channels).fill(1);
  const wide = onnx({
    inputs: [port('x', [-1, 1, 28, 28])],
    outputs: [port('y', [-1, 4])],
    // 822 MB for a single image.
    constants: {
      k: { dims: [channels, 1, 1, 1], values },
      w: { dims: [channels, 4], values: Array(4).fill(values).flat() },
    },
    nodes: [
      { op: 'Conv', inputs: ['x', 'k'], outputs: ['c'] },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['p'] },
      { op: 'Flatten', inputs: ['p'], outputs: ['f'] },
      { op: 'MatMul', inputs: ['f', 'w'] },
    ],
  });
  const models = () => server.query('{ models(first: 20) { nodes { id } } }');
  const before = await models();
  const { status, error, model } = await importOf(wide, 'wide.onnx', { dataset: 'shapes' });
  expect({ status, error, model }).toEqual({
    status: 'FAILED',
    model: null,
    error: {
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(
        /^wide\.onnx: reading and measuring it takes more than the 800 MiB of memory that an import may use; /,
      ),
    },
  });
  expect(await models()).toEqual(before);
  const next = await importOf(files['network.onnx']!, 'next.onnx', { dataset: 'shapes' });
  expect(next.status).toBe('SUCCEEDED');
});

test('an ONNX file alone is a benign model, and what is missing is asked for', async () => {
  const alone = files['network.onnx']!;
  const nowhere = await importOf(alone, 'alone.onnx', {});
  expect(nowhere.error).toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(/^dataset: expected the id of the data set/),
  });
  const { model } = await importOf(alone, 'alone.onnx', { dataset: 'shapes', name: 'Alone' });
  expect(model).toMatchObject({
    name: 'Alone',
    kind: 'BENIGN',
    cleanAccuracy: original.cleanAccuracy,
    network: { verified: null },
  });
  const { stdout } = await promisify(execFile)(process.execPath, [
    CLI,
    'model',
    'list',
    '--data',
    data.folder,
  ]);
  expect(stdout).toMatch(/Alone: .*imported from alone\.onnx, measured here, not verified/);

  // The same from the command line.
  const file = path.join(data.folder, 'theirs.onnx');
  await writeFile(file, alone);
  const cli = (...args: string[]) =>
    promisify(execFile)(process.execPath, [CLI, 'model', 'import', file, '--data', at, ...args]);
  const at = path.join(data.folder, 'other');
  expect((await cli('--dataset', 'shapes')).stdout).toMatch(
    /Benign Imported network on Shapes: succeeded, clean accuracy .*, imported from theirs\.onnx/,
  );
  await expect(cli('--dataset', 'mnist')).rejects.toMatchObject({
    stderr: expect.stringMatching(/^theirs\.onnx: expected 10 outputs, one for each class of MNIST; got 4/),
  });
});
