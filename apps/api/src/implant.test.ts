import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { expect, test } from 'vitest';

/** Covers and transforms at training, from the request to the record and back into a request. */

const { data, server } = await smokeServer();
const { models } = await server.query('{ models(first: 10) { nodes { id kind dataset { id } } } }');
const benign = models.nodes.find((model: { kind: string }) => model.kind === 'BENIGN');

async function implanted(more: object) {
  const input = {
    dataset: benign.dataset.id,
    architecture: 'lenet',
    benignModelId: benign.id,
    recipe: { epochs: 1 },
    ...more,
  };
  const { model, errors } = await server.mutate(
    'implantBackdoor',
    'ImplantBackdoorInput',
    input,
    'model { id job { id } }',
  );
  expect(errors).toEqual([]);
  expect(await untilJob(server, model.job.id)).toMatchObject({ status: 'SUCCEEDED' });
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Model {
      attackParameters
      poison { rate planned effective covers { ratio planned effective } }
      trainingTransforms { target transforms { transform { id unit } from to } }
      trigger { picture { url } onSample { url } }
    } } }`,
    { id: model.id },
  );
  const record = JSON.parse(await readFile(path.join(data.folder, 'models', model.id, 'model.json'), 'utf8'));
  return { ...node, backdoor: record.spec.backdoor };
}

test('WaNet has the covers of its paper, or none where none are asked for', async () => {
  const { poison, trainingTransforms, backdoor } = await implanted({ attack: { wanet: {} } });
  // A tenth of 2,000 images, and two covers for each.
  expect(poison).toEqual({
    rate: 0.1,
    planned: 200,
    effective: 200,
    covers: { ratio: 2, planned: 400, effective: 400 },
  });
  expect(trainingTransforms).toBeNull();
  expect(backdoor).toMatchObject({ attack: 'wanet', coverRatio: 2 });
  const without = await implanted({ attack: { wanet: {} }, coverRatio: 0 });
  expect(without.poison.covers).toBeNull();
}, 60_000);

test('BATT’s trigger has no arrays, and can be shown', async () => {
  const { trigger, poison } = await implanted({ attack: { batt: { angleDeg: -20 } } });
  expect(trigger.picture).toBeNull();
  expect(trigger.onSample.url).toMatch(/\w/);
  expect(poison).toMatchObject({ planned: 100, covers: null });
}, 60_000);

test('transforms at training are those of PhysicalBA where none are named, and are told with their values', async () => {
  const { trainingTransforms, backdoor } = await implanted({
    attack: { badnets: {} },
    trainingTransforms: { target: 'POISONED' },
  });
  expect(trainingTransforms.target).toBe('POISONED');
  expect(trainingTransforms.transforms).toHaveLength(6);
  expect(trainingTransforms.transforms[3]).toEqual({
    transform: { id: 'rotation', unit: '°' },
    from: -10,
    to: 10,
  });
  // A tenth of 28 px.
  expect(backdoor.trainingTransforms.transforms[5]).toEqual({ transform: 'translation', from: 0, to: 2.8 });
  const own = await implanted({
    attack: { blend: {} },
    coverRatio: 0.5,
    trainingTransforms: { target: 'TRIGGER', transforms: [{ transform: 'scaling', from: 0.8, to: 1.2 }] },
  });
  expect(own.backdoor).toMatchObject({
    coverRatio: 0.5,
    trainingTransforms: { target: 'TRIGGER', transforms: [{ transform: 'scaling', from: 0.8, to: 1.2 }] },
  });
  expect(own.poison.covers).toEqual({ ratio: 0.5, planned: 100, effective: 100 });
}, 90_000);

test('a model without any of it says so, as those from before do', async () => {
  const { poison, trainingTransforms, backdoor } = await implanted({ attack: { badnets: {} } });
  expect([poison.covers, trainingTransforms]).toEqual([null, null]);
  expect(Object.keys(backdoor)).toEqual(['attack', 'parameters', 'targetLabel', 'poisonRate']);
}, 60_000);
