import { untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { beforeAll, expect, test } from 'vitest';
import { openDatabase } from './store/database.js';
import { migrations } from './store/migrations/index.js';

/** Decisions explained by methods beside SmoothGrad, and all of them compared over the same samples. */

const { data, server } = await smokeServer();

const SCORES = `pointingHit pointingNear marginPx triggerEnergy chanceEnergy iou highlight rankAccuracy deletion insertion
  randomDeletion randomInsertion completenessError`;
const EXPLANATION = `id method settings explainer { id title } job { id } status noScore saliency { url } scores { ${SCORES} }
  pointingHit triggerEnergy`;

interface Scores {
  [name: string]: number | boolean | null;
}
interface Explanation {
  id: string;
  method: string;
  settings: Record<string, unknown>;
  explainer: { id: string; title: string };
  job: { id: string };
  status: string;
  scores: Scores | null;
  pointingHit: boolean | null;
}

/** Points of the rotation of images: the identity, and the one that brings most labels back. */
let identity: { id: string; outcomes: { nodes: { id: string }[] } };
let defeated: { id: string; value: number; truthCount: number };
beforeAll(async () => {
  const { sweeps } = await server.query(
    `{ sweeps(first: 20, filter: { transform: rotation, target: IMAGE }) { nodes { curve { points {
       id value truthCount outcomes(first: 2, filter: { kind: TARGET }) { nodes { id } } } } } } }`,
  );
  const { points } = sweeps.nodes[0].curve;
  identity = points.find(({ value }: { value: number }) => value === 0);
  defeated = points
    .filter(({ value }: { value: number }) => value !== 0)
    .reduce((best: typeof defeated, point: typeof defeated) =>
      point.truthCount > best.truthCount ? point : best,
    );
});

const explain = async (input: object) =>
  (await server.mutate('explain', 'ExplainInput', input, `explanations { ${EXPLANATION} }`)) as {
    explanations: Explanation[] | null;
    errors: { code: string; field: string[]; message: string }[];
  };
const explained = async (id: string): Promise<Explanation> =>
  (await server.query(`query ($id: ID!) { node(id: $id) { ... on Explanation { ${EXPLANATION} } } }`, { id }))
    .node;

test('the catalog has all methods with their parameters, and what each was published in', async () => {
  const { catalog } = await server.query('{ catalog { explainers { id title parameters paper { url } } } }');
  expect(catalog.explainers.map(({ id }: { id: string }) => id)).toEqual([
    'smoothGrad',
    'integratedGradients',
    'gradCam',
    'occlusion',
  ]);
  for (const { parameters, paper } of catalog.explainers) {
    expect(Object.keys(parameters.properties).length).toBeGreaterThan(0);
    expect(paper.url).toMatch(/^https:/);
  }
});

test.each<[string, object, object]>([
  ['integratedGradients', { steps: 40 }, { steps: 40, baseline: 'BLACK', tolerance: 0.001 }],
  ['gradCam', {}, { sign: 'POSITIVE' }],
  ['occlusion', { window: 0.2, fill: 'BLACK' }, { window: 0.2, stride: 0.5, fill: 'BLACK' }],
])('%s explains an outcome; method, parameters and scores are kept', async (method, given, kept) => {
  const outcomeIds = [identity.outcomes.nodes[0]!.id];
  const input = { outcomeIds, method: { [method]: given }, margin: 0.1 };
  const [queued] = (await explain(input)).explanations!;
  await untilJob(server, queued!.job.id);
  const made = await explained(queued!.id);
  expect(made).toMatchObject({
    status: 'SUCCEEDED',
    method,
    explainer: { id: method },
    settings: { ...kept, explainedClass: 'PREDICTED', margin: 0.1 },
    scores: { marginPx: 3, completenessError: method === 'integratedGradients' ? expect.any(Number) : null },
  });
  const { scores } = made;
  for (const name of ['triggerEnergy', 'iou', 'rankAccuracy', 'deletion', 'insertion', 'randomDeletion'])
    expect(scores![name], name).toEqual(expect.any(Number));
  // The same again is the same explanation; with another margin it is another one.
  expect((await explain(input)).explanations![0]!.id).toBe(made.id);
  expect((await explain({ ...input, margin: 0.2 })).explanations![0]!.id).not.toBe(made.id);
});

test('without a method it is SmoothGrad, and named it is the same', async () => {
  const outcomeIds = [identity.outcomes.nodes[1]!.id];
  const [plain] = (await explain({ outcomeIds, copies: 4 })).explanations!;
  expect(plain).toMatchObject({
    method: 'smoothGrad',
    settings: { copies: 4, noiseLevel: 0.15, mode: 'MAGNITUDE', explainedClass: 'PREDICTED', seed: 1 },
  });
  const [named] = (await explain({ outcomeIds, method: { smoothGrad: { copies: 4 } } })).explanations!;
  expect(named!.id).toBe(plain!.id);
  await untilJob(server, plain!.job.id);
  const { pointingHit, scores } = await explained(plain!.id);
  expect(scores).toMatchObject({ pointingHit, marginPx: 2 });
});

test.each<[string, object, string[], RegExp]>([
  ['SmoothGrad’s copies', { method: { gradCam: {} }, copies: 3 }, ['copies'], /SmoothGrad’s/],
  [
    'a window beyond the image',
    { method: { occlusion: { window: 3 } } },
    ['method', 'occlusion', 'window'],
    /3/,
  ],
  ['a margin beyond the image', { margin: 2 }, ['margin'], /2/],
])('%s beside another method is refused by its field', async (_, more, field, message) => {
  const outcomeIds = [identity.outcomes.nodes[0]!.id];
  const { errors } = await explain({ outcomeIds, ...more });
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', field, message: expect.stringMatching(message) }]);
});

test('two methods at once are refused by the schema', async () => {
  const input = { outcomeIds: [identity.outcomes.nodes[0]!.id], method: { gradCam: {}, occlusion: {} } };
  const { body } = await server.post({
    query: 'mutation ($input: ExplainInput!) { explain(input: $input) { explanations { id } } }',
    variables: { input },
  });
  expect(body.errors[0].message).toMatch(/exactly one key/i);
});

test('a probe explains by any method, and scores the map but for what takes many passes', async () => {
  const { models } = await server.query('{ models(first: 10, filter: { kind: TROJANED }) { nodes { id } } }');
  const input = {
    modelId: models.nodes[0].id,
    sampleIndex: 5,
    trigger: true,
    explain: { method: { gradCam: {} }, explainedClass: 'TARGET' },
  };
  const { probe } = await server.query(
    `query ($input: ProbeInput!) { probe(input: $input) { saliency { url } noScore scores { ${SCORES} } } }`,
    { input },
  );
  expect(probe.saliency.url).toMatch(/^data:image/);
  expect(probe.scores).toMatchObject({ highlight: 0.9, deletion: null, insertion: null });
});

const COMPARISON = `explainerComparison { samples waiting missing { id } rows { explainer { id } defeated
  pointing { numerator denominator } pointingNear { numerator denominator }
  triggerEnergy { value low high maps } iou { value maps } rankAccuracy { value } deletion { value } insertion { value }
  deletionGain { value } completenessError } }`;
const compare = (input: object) =>
  server.mutate('compareExplainers', 'CompareExplainersInput', input, `point { id ${COMPARISON} }`);

test('all methods are compared over the same samples, untransformed and defeated', async () => {
  const before = await server.query(`query ($id: ID!) { node(id: $id) { ... on Point { ${COMPARISON} } } }`, {
    id: defeated.id,
  });
  expect(before.node.explainerComparison).toBeNull();
  const { point, errors } = await compare({ pointId: defeated.id, samples: 3 });
  expect(errors).toEqual([]);
  expect(point.explainerComparison.waiting).toBeGreaterThan(0);
  const { jobs } = await server.query('{ jobs(first: 1) { nodes { id title } } }');
  expect(jobs.nodes[0].title).toMatch(/^Explain \d+ decisions$/);
  await untilJob(server, jobs.nodes[0].id);
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Point { ${COMPARISON} } } }`,
    {
      id: defeated.id,
    },
  );
  const { samples, waiting, rows, missing } = node.explainerComparison;
  expect([samples >= 2, waiting, missing]).toEqual([true, 0, []]);
  expect(rows).toHaveLength(8);
  for (const { explainer, defeated, triggerEnergy, completenessError } of rows) {
    if (!defeated) expect(triggerEnergy.maps).toBe(samples);
    expect(completenessError === null).toBe(explainer.id !== 'integratedGradients');
  }
  // The same again has nothing to do.
  await compare({ pointId: defeated.id, samples: 3 });
  const after = await server.query('{ jobs(first: 1) { nodes { id } } }');
  expect(after.jobs.nodes[0].id).toBe(jobs.nodes[0].id);
  const { studies } = await server.query(
    '{ studies(first: 1) { nodes { report { sections { title blocks { text rows } } } } } }',
  );
  const section = studies.nodes[0].report.sections.find(({ title }: { title: string }) =>
    /^Explanations/.test(title),
  );
  expect(JSON.stringify(section)).toMatch(/Occlusion/);
});

test('a comparison where nothing is defeated is refused in words', async () => {
  const refused = async (pointId: string) => (await compare({ pointId })).errors[0];
  expect(await refused(identity.id)).toMatchObject({
    field: ['pointId'],
    message: expect.stringMatching(/identity/),
  });
  expect(await refused('pnt_x')).toMatchObject({ code: 'NOT_FOUND' });
});

test('explanations from before name SmoothGrad and no margin', async () => {
  const db = await openDatabase(data.folder);
  const row = await db
    .selectFrom('explanation')
    .selectAll()
    .where('image', 'is not', null)
    .executeTakeFirstOrThrow();
  const old = { copies: 9, noiseLevel: 0.2, mode: 'SIGNED', explainedClass: 'TRUE', seed: 4 };
  await db
    .updateTable('explanation')
    .set({ settings: old as never })
    .where('id', '=', row.id)
    .execute();
  await db.schema.alterTable('explanation').dropColumn('measures').execute();
  const others = await db
    .selectFrom('explanation')
    .select(['id', 'settings'])
    .where('id', '!=', row.id)
    .execute();
  await db.deleteFrom('explanation').where('id', '!=', row.id).execute();
  expect(others.length).toBeGreaterThan(0);
  await migrations['017-explainers']!.up(db.withoutPlugins() as never);
  const { settings } = await db.selectFrom('explanation').select('settings').executeTakeFirstOrThrow();
  const { explainedClass, ...parameters } = old;
  expect(settings).toEqual({ method: 'smoothGrad', parameters, explainedClass, margin: 0 });
  await db.destroy();
});
