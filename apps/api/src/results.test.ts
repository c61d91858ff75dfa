import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** What a finished study looks like through the API: every figure is checked against the rows it was counted from. */

const { data: smokeData, studyId } = inject('smoke');
let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let sweeps: Sweep[];

interface Rate {
  value: number;
  numerator: number;
  denominator: number;
  low: number;
  high: number;
  definition: string;
}
interface Point {
  id: string;
  value: number;
  asr: Rate;
  asrDrop: number;
  cleanAccuracy: Rate;
  benignAccuracy: Rate;
  benignModelAccuracy: Rate | null;
  cleanTarget: Rate | null;
  errorRate: Rate | null;
  robustAccuracy: Rate;
  visibleTrigger: number;
  pValue: number | null;
  targetCount: number;
  truthCount: number;
  otherCount: number;
}
interface Sweep {
  id: string;
  values: number[];
  samples: number;
  target: 'TRIGGER' | 'IMAGE';
  transform: { id: string; identity: number; defaultValues: number[]; unit: string };
  model: { id: string; targetLabel: { index: number } };
  curve: { unit: string; points: Point[] };
}

interface Page {
  totalCount: number;
  nodes: { id: string }[];
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

const RATE = '{ value numerator denominator low high definition }';
const POINT = `id value asr ${RATE} asrDrop cleanAccuracy ${RATE} benignAccuracy ${RATE}
  benignModelAccuracy ${RATE} cleanTarget ${RATE} errorRate ${RATE}
  robustAccuracy ${RATE} visibleTrigger pValue targetCount truthCount otherCount`;
const SWEEP = `id values samples target transform { id identity defaultValues unit }
  model { id targetLabel { index } } curve { unit points { ${POINT} } }`;

beforeAll(async () => {
  data = await temporaryData(smokeData);
  server = await startServer({ data: data.folder });
  const answer = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Study { sweeps { ${SWEEP} } } } }`,
    {
      id: studyId,
    },
  );
  sweeps = answer.node.sweeps;
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

const points = () => sweeps.flatMap(({ curve }) => curve.points);
const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('a finished study', () => {
  test('has two models, a sweep of each transform and target, and explanations', async () => {
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Study {
        status seed name finishedAt createdAt preset { id } models { id kind status } explanations { id status } two: explanations(limit: 2) { id }
        jobs { id kind status attempt queuePosition waitsFor { id } startedAt finishedAt error { code } }
      } } }`,
      { id: studyId },
    );
    expect(node).toMatchObject({ status: 'SUCCEEDED', seed: 1, preset: { id: 'smoke' } });
    expect(node.models.map(({ kind }: { kind: string }) => kind)).toEqual(['BENIGN', 'TROJANED']);
    expect(new Set(sweeps.map(({ transform, target }) => `${transform.id} ${target}`)).size).toBe(6);
    expect(node.explanations.length).toBeGreaterThan(0);
    expect(node.explanations.every(({ status }: { status: string }) => status === 'SUCCEEDED')).toBe(true);
    expect(node.two).toEqual(node.explanations.slice(0, 2).map(({ id }: { id: string }) => ({ id })));
    // 2 models, 6 sweeps, 1 job that explains.
    expect(node.jobs).toHaveLength(10);
    for (const job of node.jobs) {
      expect(job).toMatchObject({
        status: 'SUCCEEDED',
        attempt: 1,
        queuePosition: null,
        waitsFor: [],
        error: null,
      });
      expect(Date.parse(job.startedAt)).toBeLessThanOrEqual(Date.parse(job.finishedAt));
    }
    const ends = node.jobs.map(({ finishedAt }: { finishedAt: string }) => Date.parse(finishedAt));
    expect(Date.parse(node.finishedAt)).toBe(Math.max(...ends));
  });

  test('has models with counts over the whole test set and a history of their training', async () => {
    const { models } = await server.query(`{ models(first: 10) { nodes {
      id name kind status dataset { testCount trainCount width height classes { index name } } benign { id }
      cleanAccuracy ${RATE} asr ${RATE} attack { id } attackParameters targetLabel { index }
      poison { rate planned effective } provenance { seed version engine weightsSha256 }
      trigger { box { top left width height } picture { url width height } onSample { url width height } }
      training { recipe durationSeconds history { step epoch loss accuracy } }
    } } }`);
    const [trojaned, benign] = models.nodes;
    const { testCount, trainCount, width, height, classes } = trojaned.dataset;
    for (const model of [trojaned, benign]) {
      expect(model.status).toBe('SUCCEEDED');
      expect(model.cleanAccuracy.denominator).toBe(testCount);
      expectRate(model.cleanAccuracy);
      expect(model.provenance).toMatchObject({
        seed: 1,
        weightsSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      const { history, recipe, durationSeconds } = model.training;
      const steps: number[] = history.map(({ step }: { step: number }) => step);
      expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
      expect(steps.at(-1)).toBe(recipe.epochs * Math.floor(trainCount / recipe.batchSize));
      expect(history.at(-1).epoch).toBe(recipe.epochs);
      expect(durationSeconds).toBeGreaterThan(0);
    }
    expect(benign).toMatchObject({
      kind: 'BENIGN',
      asr: null,
      attack: null,
      poison: null,
      trigger: null,
      benign: null,
    });
    expect(trojaned).toMatchObject({
      kind: 'TROJANED',
      attack: { id: 'badnets' },
      benign: { id: benign.id },
    });
    // The generated classes are equally frequent, so the target's share of the test set is one over their number.
    expect(trojaned.asr.denominator).toBe(testCount - testCount / classes.length);
    expectRate(trojaned.asr);
    expect(trojaned.poison).toEqual({ rate: 0.1, planned: trainCount / 10, effective: trainCount / 10 });
    const { patchSizePx: side, marginPx: margin } = trojaned.attackParameters;
    expect(trojaned.trigger.box).toEqual({
      top: height - margin - side,
      left: width - margin - side,
      width: side,
      height: side,
    });
    expect(trojaned.trigger.picture).toMatchObject({ width, height });
  });

  test('has one point for each value asked for, in that order', () => {
    for (const { values, transform, curve, samples } of sweeps) {
      expect(values).toEqual(transform.defaultValues);
      expect(curve.points.map(({ value }) => value)).toEqual(values);
      expect(curve.unit).toBe(transform.unit);
      for (const { asr } of curve.points) expect(asr.denominator).toBe(samples);
    }
  });

  test('shows the same curves by model, by filter and by sweep', async () => {
    const { robustnessCurves: byModel } = await server.query(
      'query ($ids: [ID!]) { robustnessCurves(filter: { modelIds: $ids }) { sweep { id } points { id } } }',
      { ids: [sweeps[0]!.model.id] },
    );
    const expected = new Map(
      sweeps.map(({ id, curve }) => [id, curve.points.map((point) => ({ id: point.id }))]),
    );
    expect(
      new Map(
        byModel.map(({ sweep, points }: { sweep: { id: string }; points: object }) => [sweep.id, points]),
      ),
    ).toEqual(expected);
    for (const { id, transform, target } of sweeps) {
      const { a, b } = await server.query(
        `query ($transform: TransformId, $target: TransformTarget, $ids: [ID!]) {
          a: robustnessCurves(filter: { transform: $transform, target: $target }) { sweep { id } }
          b: robustnessCurves(filter: { sweepIds: $ids }) { sweep { id } }
        }`,
        { transform: transform.id, target, ids: [id] },
      );
      expect(a).toEqual([{ sweep: { id } }]);
      expect(b).toEqual([{ sweep: { id } }]);
    }
  });
});

function expectRate({ value, numerator, denominator, low, high, definition }: Rate) {
  expect(Number.isInteger(numerator) && Number.isInteger(denominator)).toBe(true);
  expect(numerator).toBeLessThanOrEqual(denominator);
  expect(value).toBe(numerator / denominator);
  // Wilson 1927 in the textbook's form.
  const z = 1.959963984540054;
  const centre = (numerator + z ** 2 / 2) / (denominator + z ** 2);
  const half =
    (z / (denominator + z ** 2)) *
    Math.sqrt((numerator * (denominator - numerator)) / denominator + z ** 2 / 4);
  expect(low).toBeCloseTo(centre - half, 9);
  expect(high).toBeCloseTo(centre + half, 9);
  expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
  expect(definition).toMatch(/^[A-Z].*\.$/);
}

describe('a point', () => {
  test('has rates that are their counts', () => {
    for (const point of points()) {
      const { asr, cleanAccuracy, benignAccuracy, robustAccuracy, cleanTarget } = point;
      for (const rate of [asr, cleanAccuracy, benignAccuracy, robustAccuracy, cleanTarget!]) expectRate(rate);
      if (point.errorRate) expectRate(point.errorRate);
      expect(point.targetCount + point.truthCount + point.otherCount).toBe(point.asr.denominator);
      expect(point.asr.numerator).toBe(point.targetCount);
      expect(point.robustAccuracy.numerator).toBe(point.truthCount);
    }
  });

  test('differs from the identity by its drop, and the identity by none', () => {
    for (const { curve, transform } of sweeps) {
      const identity = curve.points.find(({ value }) => value === transform.identity)!;
      expect(identity).toMatchObject({ asrDrop: 0, pValue: null, visibleTrigger: 1 });
      for (const point of curve.points) {
        expect(point.asrDrop).toBeCloseTo(identity.asr.value - point.asr.value, 12);
        if (point !== identity) expect(point.pValue).toBeGreaterThanOrEqual(0);
        expect(point.pValue ?? 1).toBeLessThanOrEqual(1);
        expect(point.visibleTrigger).toBeGreaterThanOrEqual(0);
        expect(point.visibleTrigger).toBeLessThanOrEqual(1);
      }
    }
  });

  test('is the count of its outcomes, by kind, by pair and by label', async () => {
    for (const { curve, transform, model, target } of sweeps) {
      const identityKinds = new Set<string>();
      for (const point of curve.points) {
        const outcomes = await outcomesOf(point.id);
        const kinds = { TARGET: 0, TRUTH: 0, OTHER: 0 };
        for (const { kind, predicted, trueLabel } of outcomes) {
          kinds[kind]++;
          const expected =
            predicted.index === model.targetLabel.index
              ? 'TARGET'
              : predicted.index === trueLabel.index
                ? 'TRUTH'
                : 'OTHER';
          expect(kind).toBe(expected);
          expect(trueLabel.index).not.toBe(model.targetLabel.index);
        }
        expect(kinds).toEqual({
          TARGET: point.targetCount,
          TRUTH: point.truthCount,
          OTHER: point.otherCount,
        });
        for (const kind of ['TARGET', 'TRUTH', 'OTHER'] as const) {
          expect((await outcomesOf(point.id, kind)).map(({ id }) => id)).toEqual(
            outcomes.filter((outcome) => outcome.kind === kind).map(({ id }) => id),
          );
        }

        const lost = outcomes.filter((o) => o.identityKind === 'TARGET' && o.kind !== 'TARGET').length;
        const gained = outcomes.filter((o) => o.identityKind !== 'TARGET' && o.kind === 'TARGET').length;
        if (point.value === transform.identity) expect([lost, gained]).toEqual([0, 0]);
        else expect(point.pValue).toBeCloseTo(mcNemar(lost, gained), 9);

        const before = outcomes.filter(
          (o) => o.identityKind === 'TARGET' && o.cleanPrediction.index === o.trueLabel.index,
        );
        expect(point.errorRate?.denominator ?? 0).toBe(before.length);
        expect(point.errorRate?.numerator ?? 0).toBe(before.filter(({ kind }) => kind === 'OTHER').length);
        // No sample is of the target class, so all of them may be taken for it.
        const right = (answer: 'cleanPredictionHere' | 'benignPredictionHere') =>
          outcomes.filter((o) => o[answer].index === o.trueLabel.index).length;
        expect(point.cleanAccuracy.numerator).toBe(right('cleanPredictionHere'));
        expect(point.benignModelAccuracy!.numerator).toBe(right('benignPredictionHere'));
        expect(point.cleanTarget).toMatchObject({
          numerator: outcomes.filter((o) => o.cleanPredictionHere.index === model.targetLabel.index).length,
          denominator: outcomes.length,
        });
        for (const o of outcomes) {
          if (target === 'TRIGGER' || point.value === transform.identity)
            expect(o.cleanPredictionHere).toEqual(o.cleanPrediction);
          expect(o.cleanConfidenceHere > 0.1 && o.cleanConfidenceHere <= 1).toBe(true);
        }
        expect(point.visibleTrigger).toBeCloseTo(
          sum(outcomes.map((o) => o.visibleTrigger)) / outcomes.length,
          6,
        );
        expect(new Set(outcomes.map(({ sample }) => sample.index)).size).toBe(outcomes.length);
        identityKinds.add(outcomes.map((o) => `${o.sample.index}:${o.identityKind}`).join());
      }
      // The same samples at every value, so the same answers untransformed.
      expect(identityKinds.size).toBe(1);
    }
  });
});

/** Two-sided exact test: twice the smaller tail of a fair coin, by adding up binomials. */
function mcNemar(lost: number, gained: number): number {
  const n = lost + gained;
  let term = 0.5 ** n;
  let tail = 0;
  for (let k = 0; k <= Math.min(lost, gained); k++) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return n === 0 ? 1 : Math.min(1, 2 * tail);
}

interface Outcome {
  id: string;
  kind: 'TARGET' | 'TRUTH' | 'OTHER';
  identityKind: string;
  predicted: { index: number };
  trueLabel: { index: number };
  cleanPrediction: { index: number };
  cleanPredictionHere: { index: number };
  cleanConfidenceHere: number;
  benignPredictionHere: { index: number };
  visibleTrigger: number;
  sample: { index: number };
}

const OUTCOME = `id kind identityKind predicted { index } trueLabel { index } cleanPrediction { index }
  cleanPredictionHere { index } cleanConfidenceHere benignPredictionHere { index } visibleTrigger sample { index }`;

async function outcomesOf(pointId: string, kind?: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let after: string | null = null;
  do {
    const { node } = await server.query(
      `query ($id: ID!, $after: String, $filter: OutcomeFilter) { node(id: $id) { ... on Point {
        outcomes(first: 100, after: $after, filter: $filter) { totalCount nodes { ${OUTCOME} } pageInfo { hasNextPage endCursor } }
      } } }`,
      { id: pointId, after, filter: kind ? { kind } : null },
    );
    outcomes.push(...node.outcomes.nodes);
    after = node.outcomes.pageInfo.hasNextPage ? node.outcomes.pageInfo.endCursor : null;
    if (!after) expect(node.outcomes.totalCount).toBe(outcomes.length);
  } while (after);
  return outcomes;
}

describe('pages', () => {
  const page = async (pointId: string, args: string, variables: object = {}): Promise<Page> =>
    (
      await server.query(
        `query ($id: ID!, $cursor: String) { node(id: $id) { ... on Point { outcomes(${args}) {
          totalCount nodes { id } edges { cursor node { id } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        } } } }`,
        { id: pointId, cursor: null, ...variables },
      )
    ).node.outcomes;

  test.each([1, 7, 64, 100])('of %i forwards and backwards walk all outcomes once', async (size) => {
    // Pages of one are many: the first 30 outcomes will do.
    const { id } = points()[1]!;
    const all = (await outcomesOf(id)).map((outcome) => outcome.id);
    for (const backwards of [false, true]) {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const args = backwards ? `last: ${size}, before: $cursor` : `first: ${size}, after: $cursor`;
        const { nodes, edges, pageInfo, totalCount } = await page(id, args, { cursor });
        expect(totalCount).toBe(all.length);
        expect(edges.map(({ node }) => node)).toEqual(nodes);
        expect(pageInfo.startCursor).toBe(edges[0]!.cursor);
        expect(pageInfo.endCursor).toBe(edges.at(-1)!.cursor);
        expect(backwards ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(cursor !== null);
        const ids = nodes.map(({ id }) => id);
        if (backwards) seen.unshift(...ids);
        else seen.push(...ids);
        const more: boolean = backwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage;
        cursor = more ? (backwards ? pageInfo.startCursor : pageInfo.endCursor) : null;
      } while (cursor && seen.length < Math.max(30, size * 4));
      if (cursor) expect(seen).toEqual(backwards ? all.slice(-seen.length) : all.slice(0, seen.length));
      else expect(seen).toEqual(all);
    }
  });

  test('of every list end where the list ends', async () => {
    for (const list of ['models', 'sweeps', 'jobs', 'studies', 'explanations']) {
      const seen: string[] = [];
      let cursor: string | null = null;
      let total: number;
      do {
        const answer: { list: Page } = await server.query(
          `query ($cursor: String) { list: ${list}(first: 2, after: $cursor) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`,
          { cursor },
        );
        seen.push(...answer.list.nodes.map(({ id }) => id));
        total = answer.list.totalCount;
        cursor = answer.list.pageInfo.hasNextPage ? answer.list.pageInfo.endCursor : null;
      } while (cursor);
      expect(seen).toHaveLength(total);
      // Newest first: ids sort by age.
      expect(seen).toEqual([...new Set(seen)].sort().reverse());
    }
  });

  const own = Buffer.from('5').toString('base64url');
  const foreign = Buffer.from('job_01m829cdx2r34xk4zgntb383c6').toString('base64url');
  test.each([
    ['neither first nor last', '', 'first'],
    ['both', 'first: 1, last: 1', 'first'],
    ['none of them', 'first: 0', 'first'],
    ['fewer than none', 'first: -1', 'first'],
    ['too many', 'first: 101', 'first'],
    ['too many from the end', 'last: 101', 'last'],
    ['a cursor that is none', 'first: 1, after: "no cursor"', 'after'],
    ['a cursor that is none, backwards', 'last: 1, before: "%00"', 'before'],
    ['the cursor of another list', `first: 1, after: "${foreign}"`, 'after'],
    ['a cursor for the other direction', `first: 1, before: "${own}"`, 'before'],
    ['a cursor for the other direction, backwards', `last: 1, after: "${own}"`, 'after'],
  ])('refuse %s', async (_, args, field) => {
    const { body } = await server.post({
      query: `{ node(id: "${points()[0]!.id}") { ... on Point { outcomes${args && `(${args})`} { totalCount } } } }`,
    });
    expect(body.errors).toHaveLength(1);
    expect(body.errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: [field] });
  });
});

describe('nodes', () => {
  test('of every type are found again by their id', async () => {
    const { models, jobs, explanations } = await server.query(
      '{ models(first: 1) { nodes { id } } jobs(first: 1) { nodes { id } } explanations(first: 1) { nodes { id outcome { id } } } }',
    );
    const { __schema } = await server.query('{ __schema { types { name kind possibleTypes { name } } } }');
    const ids: Record<string, string> = {
      Model: models.nodes[0].id,
      Sweep: sweeps[0]!.id,
      Point: points()[0]!.id,
      Outcome: explanations.nodes[0].outcome.id,
      Explanation: explanations.nodes[0].id,
      Job: jobs.nodes[0].id,
      Study: studyId,
    };
    const node = __schema.types.find(({ name }: { name: string }) => name === 'Node');
    // Found again in tests of their own: those of accounts, and what a study does not make.
    const elsewhere = [
      'AccessToken',
      'AuditEntry',
      'Detection',
      'DetectionImage',
      'LargestRange',
      'SavedView',
      'Upload',
      'User',
    ];
    expect([...Object.keys(ids), ...elsewhere].sort()).toEqual(
      node.possibleTypes.map(({ name }: { name: string }) => name).sort(),
    );
    const given = Object.values(ids);
    const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', {
      ids: given,
    });
    expect(nodes).toEqual(Object.entries(ids).map(([__typename, id]) => ({ id, __typename })));
    for (const id of given) {
      const answer = await server.query('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(answer.node).toEqual({ id });
    }
  });

  test('that do not exist are null, in their places', async () => {
    const point = points()[0]!;
    const outcome = point.id.replace('pnt_', 'out_');
    const forged = [
      '',
      'x',
      '_',
      'constructor_1',
      '__proto___1',
      `${point.id}0`,
      point.id.toUpperCase(),
      point.id.replace('pnt_', 'swp_'),
      outcome,
      `${outcome}_999999`,
      `${outcome}_-1`,
      `${outcome}_0_0`,
      'out_00000000000000000000000000_0',
      "mod_' or 1=1 --",
      'mod_%',
      '../../etc/passwd',
      'job_\u0000',
    ];
    const ids = [forged[0]!, point.id, ...forged.slice(1)];
    const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
    expect(nodes).toEqual([null, { id: point.id }, ...forged.slice(1).map(() => null)]);
    for (const id of forged) {
      expect(await server.query('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
    }
  });

  test('more than a page of ids is refused, not cut short', async () => {
    const ids = Array.from({ length: 101 }, () => studyId);
    const { body } = await server.post({
      query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
      variables: { ids },
    });
    expect(body.errors?.[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: ['ids'] });
    const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: ids.slice(1),
    });
    expect(nodes).toHaveLength(100);
  });
});
