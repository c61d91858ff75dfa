import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Answer, untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { upload } from '@trojanscope/testing/upload';
import { zipOf } from '@trojanscope/testing/zip';
import { beforeAll, expect, test } from 'vitest';

/**
 * What somebody has who trained elsewhere: a trojaned model without its benign one, from the upload to the archive that it
 * leaves as; and images to test on alone.
 */

const RATE = '{ numerator denominator definition }';
const { data, server } = await smokeServer();
let original: { id: string; benign: { id: string } };
let alone: string;

async function imported(archive: Uint8Array, more: object = {}) {
  const input = { uploadId: await upload(server, 'MODEL', archive, 'theirs.zip'), ...more };
  const { job } = await server.mutate('importModel', 'ImportModelInput', input, 'job { id }');
  expect(await untilJob(server, job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Job { log { text } model {
      id benign { id } warnings asr ${RATE} cleanAccuracy ${RATE} poison { planned effective } training { batchSizeUsed }
    } } } }`,
    { id: job.id },
  );
  return node;
}
/** Of a model, with the record's own benign model forgotten. */
async function bundleOf(id: string, change = (record: Answer): object => record) {
  const folder = path.join(data.folder, 'models', id);
  const { base, ...record } = JSON.parse(await readFile(path.join(folder, 'model.json'), 'utf8'));
  const files = ['weights.safetensors', 'trigger.safetensors'].map(async (name) => ({
    name,
    content: await readFile(path.join(folder, name)),
  }));
  return zipOf([
    { name: 'model.json', content: JSON.stringify(change(record)) },
    ...(await Promise.all(files)),
  ]);
}
const POINTS = `points { id value asr ${RATE} cleanAccuracy ${RATE} benignAccuracy ${RATE} benignModelAccuracy ${RATE} targetCount truthCount otherCount pValue visibleTrigger errorRate ${RATE} }`;
async function swept(modelId: string, transform: string, target: string, more: object = {}) {
  const input = { modelId, transform, target, samples: 60, seed: 3, ...more };
  const { sweep, errors } = await server.mutate(
    'runSweep',
    'RunSweepInput',
    input,
    'sweep { id job { id } }',
  );
  if (!sweep) return { errors };
  expect(await untilJob(server, sweep.job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Sweep { curve { ${POINTS} } } } }`,
    { id: sweep.id },
  );
  return { id: sweep.id as string, points: node.curve.points };
}

beforeAll(async () => {
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id benign { id } } } }',
  );
  [original] = models.nodes;
  const { model, log } = await imported(await bundleOf(original.id));
  expect(model.benign).toBeNull();
  expect(log.map(({ text }: { text: string }) => text)).toContainEqual(
    expect.stringMatching(/^Compared with no benign model: the archive names none\. For one beside it, /),
  );
  alone = model.id;
});

test('six sweeps come to what they come to beside a benign model, but for its accuracy', async () => {
  for (const transform of ['translation', 'scaling', 'rotation'])
    for (const target of ['TRIGGER', 'IMAGE']) {
      const [with_, without] = [
        await swept(original.id, transform, target),
        await swept(alone, transform, target),
      ];
      expect(without.points).toHaveLength(with_.points.length);
      for (const [i, point] of without.points.entries()) {
        const { id: _, benignAccuracy, benignModelAccuracy, ...same } = point;
        expect(with_.points[i]).toMatchObject(same);
        expect(with_.points[i].benignModelAccuracy).toEqual(with_.points[i].benignAccuracy);
        expect(benignModelAccuracy).toBeNull();
        expect(benignAccuracy).toEqual({
          ...point.cleanAccuracy,
          definition: `${point.cleanAccuracy.definition} There is no benign model.`,
        });
      }
    }
});

test('what a benign model decides is refused in words', async () => {
  const { errors } = await swept(alone, 'scaling', 'IMAGE', { eligibility: 'BENIGN_PREDICTION' });
  expect(errors).toEqual([
    {
      code: 'UNSUPPORTED',
      field: ['eligibility'],
      message: expect.stringMatching(/labels of a benign model, and this model is compared with none\. /),
    },
  ]);
});

test('its decisions are explained, its curves have no benign accuracy in a table', async () => {
  const { id, points } = await swept(alone, 'scaling', 'IMAGE', { values: [1, 0.8] });
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Point { outcomes(first: 1) { nodes { id } } } } }',
    { id: points[0].id },
  );
  const { explanations, errors } = await server.mutate(
    'explain',
    'ExplainInput',
    { outcomeIds: [node.outcomes.nodes[0].id], copies: 2 },
    'explanations { id job { id } }',
  );
  expect(errors).toEqual([]);
  expect(await untilJob(server, explanations[0].job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const table = await fetch(`${server.url}/downloads/curves.ndjson?modelIds=${alone}`);
  const rows = (await table.text())
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row));
  const own = rows.filter((row) => row.sweepId === id);
  expect(own).toHaveLength(2);
  for (const row of own)
    expect(row).toMatchObject({
      benignAccuracy: null,
      benignAccuracyDenominator: null,
      cleanAccuracyDenominator: 60,
    });
});

test('it leaves as an archive and comes back, alone or beside a benign model', async () => {
  const archive = new Uint8Array(
    await (await fetch(`${server.url}/downloads/models/${alone}.zip`)).arrayBuffer(),
  );
  expect((await imported(archive)).model.benign).toBeNull();
  const beside = await imported(archive, { benignModelId: original.benign.id });
  expect(beside.model.benign).toEqual(original.benign);
});

test('with test images alone a model is measured, swept and explained, and none is trained', async () => {
  const { dataset: shapes } = await server.query(
    '{ dataset(id: "shapes") { classSummaries { label { name } examples { url } } } }',
  );
  const folders: string[] = shapes.classSummaries.map(({ label }: { label: { name: string } }) => label.name);
  const images = shapes.classSummaries.flatMap(({ label, examples }: typeof shapes) =>
    examples.map(async ({ url }: { url: string }, i: number) => ({
      name: `test/${label.name}/${i}.png`,
      content: Buffer.from(await (await fetch(server.url + url)).arrayBuffer()),
    })),
  );
  const manifest = { title: 'Few shapes', size: 28, channels: 1, classOrder: folders };
  const archive = zipOf([
    { name: 'manifest.json', content: JSON.stringify(manifest) },
    ...(await Promise.all<{ name: string; content: Buffer }>(images)),
  ]);
  const input = { uploadId: await upload(server, 'DATASET', archive, 'theirs.zip'), datasetId: 'few' };
  const { job } = await server.mutate('importDataset', 'ImportDatasetInput', input, 'job { id }');
  expect(await untilJob(server, job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const { dataset } = await server.query(
    '{ dataset(id: "few") { trainCount testCount classSummaries { trainCount testCount } origin { notes } } }',
  );
  expect(dataset).toEqual({
    trainCount: 0,
    testCount: 32,
    classSummaries: folders.map(() => ({ trainCount: 0, testCount: 8 })),
    origin: { notes: [expect.stringMatching(/^There are test images alone/)] },
  });

  // The images are some of those that the model was tested on.
  const { model } = await imported(
    await bundleOf(original.id, ({ clean: _, asr: __, ...record }) => ({
      ...record,
      spec: { ...record.spec, dataset: 'few' },
    })),
  );
  expect(model).toMatchObject({
    benign: null,
    warnings: [],
    cleanAccuracy: { denominator: 32 },
    asr: { denominator: 24 },
    poison: { planned: 200, effective: 200 },
    training: { batchSizeUsed: null },
  });
  expect(model.cleanAccuracy.numerator).toBeGreaterThan(28);
  const { points } = await swept(model.id, 'rotation', 'IMAGE', { values: [0, 90] });
  expect(points[0]).toMatchObject({
    cleanAccuracy: { denominator: 24 },
    asr: { numerator: model.asr.numerator },
  });
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Point { outcomes(first: 1) { nodes { id } } } } }',
    { id: points[1].id },
  );
  const explained = await server.mutate(
    'explain',
    'ExplainInput',
    { outcomeIds: [node.outcomes.nodes[0].id], copies: 2 },
    'explanations { job { id } }',
  );
  expect(await untilJob(server, explained.explanations[0].job.id)).toMatchObject({ status: 'SUCCEEDED' });

  const wanted = { dataset: 'few', architecture: 'lenet' };
  const refused = [
    await server.mutate('trainModel', 'TrainModelInput', wanted, 'model { id }'),
    await server.mutate(
      'implantBackdoor',
      'ImplantBackdoorInput',
      { ...wanted, attack: { badnets: {} } },
      'model { id }',
    ),
  ];
  for (const { errors } of refused)
    expect(errors).toEqual([
      {
        code: 'UNSUPPORTED',
        field: ['dataset'],
        message: expect.stringMatching(
          /^dataset: expected one with images to train on; Few shapes has 32 test images alone\. /,
        ),
      },
    ]);
});
