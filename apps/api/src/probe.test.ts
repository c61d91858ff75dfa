import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** One sample through one model: what a sweep stored of it, a probe finds again. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let benign: string;
let trojaned: string;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models } = await server.query('{ models(first: 10) { nodes { id kind } } }');
  const find = (kind: string) => models.nodes.find((model: { kind: string }) => model.kind === kind).id;
  [benign, trojaned] = [find('BENIGN'), find('TROJANED')];
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const FIELDS = `image { url width height } trueLabel { index } predicted { index } probabilities { label { index } probability }
  kind visibleTrigger saliency { url } untrainedSaliency { url width height } overlay { url } explainedLabel { index } triggerBox { top left height width }
  pointingHit triggerEnergy chanceEnergy seconds besides { id }`;
const QUERY = `query ($input: ProbeInput!) { probe(input: $input) { ${FIELDS} } }`;
const probe = async (input: object) => (await server.query(QUERY, { input })).probe;
const png = (url: string) => {
  expect(url.startsWith('data:image/png;base64,')).toBe(true);
  return Buffer.from(url.split(',')[1]!, 'base64');
};

test('the server knows its engine from the first probe on, without a job', async () => {
  const engine = async () => (await server.query('{ server { engine device } }')).server;
  expect(await engine()).toEqual({ engine: null, device: null });
  await probe({ modelId: benign, sampleIndex: 0 });
  expect(await engine()).toEqual({
    engine: expect.stringMatching(/^TensorFlow \d/),
    device: expect.stringMatching(/^[CG]PU$/),
  });
});

test('what a sweep found at the identity and under an image rotation, to the label and the picture', async () => {
  const { sweeps } = await server.query(
    `{ sweeps(first: 20, filter: { transform: rotation, target: IMAGE }) { nodes { curve { points { value
       outcomes(first: 5) { nodes { sample { index } predicted { index } confidence kind visibleTrigger image { url } } } } } } } }`,
  );
  for (const { value, outcomes } of sweeps.nodes[0].curve.points.slice(0, 3)) {
    for (const outcome of outcomes.nodes.slice(0, 2)) {
      const transform = { transform: 'rotation', target: 'IMAGE', value };
      const found = await probe({
        modelId: trojaned,
        sampleIndex: outcome.sample.index,
        trigger: true,
        transform,
      });
      expect(found).toMatchObject({ predicted: outcome.predicted, kind: outcome.kind });
      expect(found.probabilities[0].probability).toBeCloseTo(outcome.confidence, 5);
      expect(found.visibleTrigger).toBeCloseTo(outcome.visibleTrigger, 6);
      const drawn = await fetch(server.url + outcome.image.url);
      expect(png(found.image.url).equals(Buffer.from(await drawn.arrayBuffer()))).toBe(true);
    }
  }
});

test('a clean sample, also of a benign model, also transformed', async () => {
  for (const modelId of [benign, trojaned]) {
    const found = await probe({ modelId, sampleIndex: 3 });
    expect(found).toMatchObject({ kind: null, visibleTrigger: null, saliency: null, besides: null });
    expect(found.image).toMatchObject({ width: 28, height: 28 });
    const probabilities = found.probabilities.map((entry: { probability: number }) => entry.probability);
    expect(probabilities).toHaveLength(4);
    expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
    expect(probabilities.reduce((sum: number, p: number) => sum + p, 0)).toBeCloseTo(1, 5);
    const turned = await probe({
      modelId,
      sampleIndex: 3,
      transform: { transform: 'rotation', target: 'IMAGE', value: 90 },
    });
    expect(turned.image.url).not.toBe(found.image.url);
  }
});

test('with a map, the same for the same seed', async () => {
  const input = {
    modelId: trojaned,
    sampleIndex: 5,
    trigger: true,
    explain: { copies: 5, explainedClass: 'TARGET', seed: 3 },
  };
  const [first, second] = [await probe(input), await probe(input)];
  expect({ ...second, seconds: 0 }).toEqual({ ...first, seconds: 0 });
  expect(first.explainedLabel.index).toBe(0);
  expect(first.triggerBox).toEqual({ top: 20, left: 20, height: 5, width: 5 });
  expect(first.triggerEnergy).toBeGreaterThan(0);
  expect(first.chanceEnergy).toBeCloseTo(25 / 784, 6);
  for (const { url } of [first.saliency, first.overlay])
    expect(png(url).subarray(1, 4).toString()).toBe('PNG');
  expect(first.seconds).toBeGreaterThan(0);
});

test('with the map of the untrained network, the same every time and another than the model’s', async () => {
  const input = { modelId: trojaned, sampleIndex: 5, trigger: true, explain: { copies: 5, seed: 3 } };
  const without = await probe(input);
  expect(without.untrainedSaliency).toBeNull();
  const [first, second] = [
    await probe({ ...input, untrained: true }),
    await probe({ ...input, untrained: true }),
  ];
  expect(first.untrainedSaliency).toMatchObject({ width: 28, height: 28 });
  expect(first.untrainedSaliency.url).toBe(second.untrainedSaliency.url);
  expect(first.untrainedSaliency.url).not.toBe(first.saliency.url);
  // The model's own map is as it is without.
  expect(first.saliency.url).toBe(without.saliency.url);
});

test('says which job has the cores meanwhile', async () => {
  const input = { dataset: 'shapes', architecture: 'lenet', recipe: { epochs: 200 } };
  const { model } = await server.mutate('trainModel', 'TrainModelInput', input, 'model { job { id } }');
  await expect
    .poll(async () => (await probe({ modelId: benign, sampleIndex: 0 })).besides?.id, { timeout: 30_000 })
    .toBe(model.job.id);
  await server.mutate('cancelJob', 'CancelJobInput', { jobId: model.job.id }, 'job { id }');
});

test.each<[string, () => object, string, RegExp]>([
  ['no model', () => ({ modelId: 'mod_x', sampleIndex: 0 }), 'NOT_FOUND', /mod_x/],
  ['no sample', () => ({ modelId: benign, sampleIndex: 99_999 }), 'BAD_USER_INPUT', /0 to \d+; got 99999/],
  ['a sample below 0', () => ({ modelId: benign, sampleIndex: -1 }), 'BAD_USER_INPUT', /sampleIndex/],
  [
    'a benign model’s trigger',
    () => ({ modelId: benign, sampleIndex: 0, trigger: true }),
    'UNSUPPORTED',
    /benign/,
  ],
  [
    'a trigger that is not there',
    () => ({
      modelId: trojaned,
      sampleIndex: 0,
      transform: { transform: 'rotation', target: 'TRIGGER', value: 5 },
    }),
    'BAD_USER_INPUT',
    /only the IMAGE/,
  ],
  [
    'a value out of range',
    () => ({
      modelId: trojaned,
      sampleIndex: 0,
      transform: { transform: 'scaling', target: 'IMAGE', value: 99 },
    }),
    'BAD_USER_INPUT',
    /value/,
  ],
  [
    'an untrained network without how',
    () => ({ modelId: benign, sampleIndex: 0, untrained: true }),
    'BAD_USER_INPUT',
    /untrained: expected `explain`/,
  ],
  [
    'no copies',
    () => ({ modelId: benign, sampleIndex: 0, explain: { copies: 0 } }),
    'BAD_USER_INPUT',
    /copies/,
  ],
])('%s is refused in words', async (_, input, code, says) => {
  const { body } = await server.post({ query: QUERY, variables: { input: input() } });
  expect(body.errors[0]).toMatchObject({ message: expect.stringMatching(says), extensions: { code } });
});
