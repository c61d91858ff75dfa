import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** What was used stands beside what was asked for. Shapes have 500 test images, 375 of which are eligible. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let trojaned: string;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models } = await server.query(
    '{ models(first: 1, filter: { kind: TROJANED }) { nodes { id poison { planned effective } } } }',
  );
  trojaned = models.nodes[0].id;
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const of = async (id: string, type: string, fields: string) =>
  (await server.query(`query ($id: ID!) { node(id: $id) { ... on ${type} { ${fields} } } }`, { id })).node;

test('samples of a sweep, in the table as well', async () => {
  const input = {
    modelId: trojaned,
    transform: 'brightness',
    target: 'IMAGE',
    values: [1, 0.5],
    samples: 10_000,
  };
  const { sweep } = await server.mutate(
    'runSweep',
    'RunSweepInput',
    input,
    'sweep { id samples samplesUsed job { id } }',
  );
  expect(sweep).toMatchObject({ samples: 10_000, samplesUsed: null });
  expect((await untilJob(server, sweep.job.id, undefined, 120_000)).status).toBe('SUCCEEDED');
  const done = await of(sweep.id, 'Sweep', 'samples samplesUsed curve { points { asr { denominator } } }');
  expect(done).toEqual({
    samples: 10_000,
    samplesUsed: 375,
    curve: { points: [{ asr: { denominator: 375 } }, { asr: { denominator: 375 } }] },
  });
  const table = await (await fetch(`${server.url}/downloads/curves.ndjson?sweepIds=${sweep.id}`)).text();
  expect(JSON.parse(table.split('\n')[0]!)).toMatchObject({ samplesAsked: 10_000, asrDenominator: 375 });
});

test('samples of a range search', async () => {
  const input = {
    modelId: trojaned,
    transform: 'rotation',
    limit: 90,
    step: 90,
    precision: 90,
    samples: 10_000,
  };
  const { range } = await server.mutate(
    'findLargestRange',
    'FindLargestRangeInput',
    input,
    'range { id samples samplesUsed job { id } }',
  );
  expect(range).toMatchObject({ samples: 10_000, samplesUsed: 500 });
  await untilJob(server, range.job.id, undefined, 120_000);
  const { trials } = await of(range.id, 'LargestRange', 'trials { accuracy { denominator } }');
  expect(trials[0]).toEqual({ accuracy: { denominator: 500 } });
});

test('images that were poisoned, and images a step', async () => {
  const input = {
    dataset: 'shapes',
    architecture: 'lenet',
    recipe: { epochs: 1, batchSize: 4_096 },
    attack: { uat: { labels: 'clean', steps: 2 } },
    poisonRate: 0.5,
  };
  const { model } = await server.mutate(
    'implantBackdoor',
    'ImplantBackdoorInput',
    input,
    'model { id job { id } }',
  );
  await untilJob(server, model.job.id, undefined, 120_000);
  // A quarter of the 2,000 training images are of the target class.
  expect(await of(model.id, 'Model', 'poison { rate planned effective } training { batchSizeUsed }')).toEqual(
    {
      poison: { rate: 0.5, planned: 1_000, effective: 500 },
      training: { batchSizeUsed: 2_000 },
    },
  );
  const { log } = await of(model.job.id, 'Job', 'log { text }');
  expect(log).toContainEqual({ text: 'poisoned: 500 of 1000 images' });
});
