import { readFileSync } from 'node:fs';
import { dashboardDocuments } from '@trojanscope/testing/documents';
import { computedMs } from '@trojanscope/testing/processes';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import {
  buildSchema,
  getIntrospectionQuery,
  getOperationAST,
  Lexer,
  parse,
  Source,
  TokenKind,
} from 'graphql';
import { describe, expect, inject, test } from 'vitest';
import { costOf, LIMITS, shapeOf } from './graphql/limits.js';

/** What one request, and one caller, may ask for; and what they are told when it was too much. */

const { server } = await smokeServer();

const schema = buildSchema(
  readFileSync(new URL('../../../packages/schema/schema.graphql', import.meta.url), 'utf8'),
);
const operationOf = (text: string) => {
  const document = parse(text);
  return { document, operation: getOperationAST(document)! };
};
const cost = (text: string, variables = {}) => {
  const { document, operation } = operationOf(text);
  return costOf(schema, document, operation, variables);
};
const shape = (text: string) => {
  const { document, operation } = operationOf(text);
  return shapeOf(document, operation);
};
const times = (count: number, part: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => part(i)).join(' ');
const nested = (depth: number) => `{ ${times(depth - 1, () => 'x {')} __typename ${'}'.repeat(depth - 1)} }`;

describe('one that asks for too much', () => {
  const abuses: [string, unknown, string][] = [
    ['101 aliases', { query: `{ ${times(101, (i) => `a${i}: __typename`)} }` }, 'LIMIT_EXCEEDED'],
    ['2,000 aliases', { query: `{ ${times(2_000, (i) => `a${i}: __typename`)} }` }, 'LIMIT_EXCEEDED'],
    ['depth 60', { query: nested(60) }, 'LIMIT_EXCEEDED'],
    ['depth 12,000', { query: nested(12_000) }, 'LIMIT_EXCEEDED'],
    [
      'lists in lists',
      { query: `{ node(id: ${'['.repeat(3_500)}${']'.repeat(3_500)}) { id } }` },
      'LIMIT_EXCEEDED',
    ],
    [
      '1,000 directives',
      { query: `{ __typename ${'@include(if: true) '.repeat(1_000)} }` },
      'LIMIT_EXCEEDED',
    ],
    [
      '100 directives',
      { query: `{ ${times(100, (i) => `... @skip(if: ${i % 2 > 0}) { __typename }`)} }` },
      'LIMIT_EXCEEDED',
    ],
    ['2,000 times the same field', { query: `{ ${'__typename '.repeat(2_000)} }` }, 'LIMIT_EXCEEDED'],
    [
      'fields multiplied by fragments',
      {
        query: `{ ...f0 } fragment f30 on Query { __typename } ${times(30, (i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`)}`,
      },
      'LIMIT_EXCEEDED',
    ],
    [
      'a fragment that contains itself',
      { query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a list of requests',
      times(100, () => '{ __typename }')
        .split('} ')
        .map((query) => ({ query })),
      'BAD_REQUEST',
    ],
    [
      'pages in pages in lists',
      {
        query:
          '{ models(first: 100) { nodes { sweeps(first: 100) { nodes { curve { points { outcomes(first: 100) { nodes { id sample { index } } } } } } } } } }',
      },
      'LIMIT_EXCEEDED',
    ],
    [
      'a thousand unknown fields',
      { query: `{ ${times(999, (i) => `f${i}`)} }` },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a long name', { query: `{ ${'n'.repeat(200_000)} }` }, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'introspection in circles',
      { query: `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }` },
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a long variable',
      {
        query: 'query ($n: Int!) { models(first: $n) { totalCount } }',
        variables: { n: 'n'.repeat(200_000) },
      },
      'BAD_USER_INPUT',
    ],
    [
      'many wrong variables',
      {
        query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }',
        variables: { ids: Array(20_000).fill({}) },
      },
      'BAD_USER_INPUT',
    ],
    ['a body of 300 kB', { query: `{ __typename ${' '.repeat(300_000)} }` }, 'BAD_USER_INPUT'],
  ];

  test.each(abuses)('is refused at once, in few words: %s', async (_, body, code) => {
    const text = JSON.stringify(body);
    let fastest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const from = computedMs(server.pid);
      const answer = await server.post(text);
      fastest = Math.min(fastest, computedMs(server.pid) - from);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body.errors.map(({ extensions }: never) => extensions)).toContainEqual(
        expect.objectContaining({ code }),
      );
      expect(answer.text.length).toBeLessThan(2_000 + (code === 'GRAPHQL_VALIDATION_FAILED' ? 3_000 : 0));
    }
    // In milliseconds of the server's own work, the least of three: other tests share the processor.
    expect(fastest).toBeLessThan(100);
  });

  test.runIf(process.platform === 'linux')('costs the server little memory', async () => {
    const rss = () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024;
    const all = () => Promise.all(abuses.map(([, body]) => server.post(JSON.stringify(body))));
    await all();
    const before = rss();
    for (let round = 0; round < 3; round++) await all();
    expect(rss() - before).toBeLessThan(20);
  });

  test.each([
    ['the limit of aliases', `{ ${times(LIMITS.aliases, (i) => `a${i}: __typename`)} }`],
    ['half the limit of fields', `{ ${'__typename '.repeat(LIMITS.fields / 2)} }`],
    [
      'the limit of directives',
      `{ ${times(LIMITS.directives, () => '... @include(if: true) { __typename }')} }`,
    ],
    [
      'GraphiQL’s questions about the schema',
      getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
    ],
  ])('is not one at %s', async (_, query) => {
    expect((await server.post({ query })).body).toEqual({ data: expect.anything() });
  });

  test('is told over a websocket, as an error of that request alone', async () => {
    const live = server.live();
    const refused = async (query: string, code: string, variables = {}) =>
      expect(live.all(query, variables)).rejects.toMatchObject({
        errors: [{ message: expect.stringMatching(/^Expected/), extensions: { code } }],
      });
    await refused(nested(60), 'LIMIT_EXCEEDED');
    await refused(nested(1_900), 'LIMIT_EXCEEDED');
    await refused(`{ ${times(101, (i) => `a${i}: __typename`)} }`, 'LIMIT_EXCEEDED');
    await refused(`{ ${'__typename '.repeat(4_000)} }`, 'LIMIT_EXCEEDED');
    await refused('{ models { totalCount } }', 'BAD_USER_INPUT');
    expect(await live.all('{ __typename }')).toEqual(['Query']);
    await live.close();
  });
});

test('a connection holds a hundred subscriptions, and the next is refused', async () => {
  const live = server.live();
  const query = 'subscription { activity { id } }';
  const open = Array.from({ length: 100 }, () => live.subscribe(query).next());
  await expect(live.all(query)).rejects.toMatchObject({
    errors: [
      {
        message: 'Expected at most 100 subscriptions on a connection.',
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ],
  });
  await live.close();
  await Promise.allSettled(open);
});

describe('pages', () => {
  test.each([
    '',
    '(first: 0)',
    '(first: 101)',
    '(first: -1)',
    '(last: 0)',
    '(first: 1, last: 1)',
    '(first: null)',
    '(first: $none)',
  ])('of no size, or too large a one, are a 400 before anything is looked up: models%s', async (args) => {
    const { status, body } = await server.post({
      query: `query ($none: Int) { node(id: "${'x'}") { id } models${args} { totalCount } j: jobs(first: 1) { totalCount } skipped: node(id: "x") @skip(if: ${!args.includes('$none')}) { ... on Model { sweeps(first: $none) { totalCount } } } }`,
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      errors: [expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', field: expect.any(Array) } })],
    });
  });

  test('of 1 and of 100 are given', async () => {
    for (const size of [1, 100])
      await server.query('query ($n: Int!) { models(first: $n) { totalCount } }', { n: size });
  });
});

describe('the cost', () => {
  // Counted by hand: objects, then points, one for each hundred of them or part of it.
  test.each<[string, number, number]>([
    ['{ __typename }', 0, 1],
    ['{ server { version } }', 1, 1],
    ['{ models(first: 10) { totalCount } }', 1, 1],
    ['{ models(first: 10) { nodes { id } } }', 1 + 10, 1],
    ['{ models(first: 10) { edges { node { id } } pageInfo { endCursor } } }', 1 + 10 * 2 + 1, 1],
    ['{ models(last: 50) { nodes { job { id } cleanAccuracy { value } } } }', 1 + 50 * 3, 2],
    [
      '{ models(first: 100) { nodes { sweeps(first: 100) { nodes { id } } } } }',
      1 + 100 * (1 + 1 + 100),
      103,
    ],
    // Lists without pages count as 20.
    ['{ robustnessCurves(filter: {}) { points { asr { value } } } }', 20 * (1 + 20 * 2), 9],
    ['{ nodes(ids: ["a", "b", "c"]) { id ... on Model { job { id } } } }', 3 * 2, 1],
    [
      '{ a: models(first: 1) { nodes { ...m } } b: models(first: 2) { nodes { ...m } } } fragment m on Model { job { id } }',
      1 + 2 + 1 + 4,
      1,
    ],
    [
      '{ models(first: 3) { ...page } sweeps(first: 1) { totalCount } } fragment page on ModelConnection { nodes { id } }',
      1 + 3 + 1,
      1,
    ],
    ['mutation { cancelJob(input: { jobId: "x" }) { job { id } errors { code } } }', 1 + 1 + 20, 11],
    ['{ __schema { types { name } } }', 100, 1],
    // Computed at once, twice.
    [
      '{ probe(input: { modelId: "x", sampleIndex: 0 }) { seconds } b: probe(input: { modelId: "x", sampleIndex: 1 }) { seconds } }',
      2,
      1 + 2 * 50,
    ],
    // Once for each image.
    [
      '{ node(id: "x") { ... on Detection { images(first: 10) { nodes { ...seen } } } } } fragment seen on DetectionImage { views { text } }',
      1 + 1 + 10 * (1 + 20),
      3 + 10 * 50,
    ],
  ])('of %s is %i objects', (text, objects, points) => {
    expect(cost(text)).toEqual({ objects, points });
  });

  test('counts variables, and their defaults', () => {
    const text =
      'query ($n: Int = 7, $ids: [ID!]!) { models(first: $n) { nodes { id } } nodes(ids: $ids) { id } }';
    expect(cost(text, { ids: ['a', 'b'] }).objects).toBe(1 + 7 + 2);
    expect(cost(text, { ids: [], n: 9 }).objects).toBe(1 + 9);
  });

  test('is told to the client, and is what its points go down by', async () => {
    const ask = async (query: string, variables = {}) => (await server.query(query, variables)).rateLimit;
    const fields = 'rateLimit { cost objects limit remaining resetAt }';
    const first = await ask(`{ ${fields} }`);
    expect(first).toEqual({
      cost: 1,
      objects: 1,
      limit: 100_000,
      remaining: expect.any(Number),
      resetAt: expect.any(String),
    });
    const untilReset = Date.parse(first.resetAt) - Date.now();
    expect(untilReset).toBeLessThanOrEqual(60_000);
    expect(untilReset).toBeGreaterThan(-1_000);
    const query = `query ($n: Int!) { models(first: $n) { nodes { sweeps(first: 100) { nodes { id } } } } ${fields} }`;
    const second = await ask(query, { n: 100 });
    expect(second.cost).toBe(cost(query, { n: 100 }).points);
    expect(second.cost).toBe(103);
    expect(second.remaining).toBe(first.remaining - 103);
    const { rateLimit } = await server.query(`{ ${fields} jobs(first: 1) { totalCount } }`);
    expect(rateLimit.remaining).toBe(second.remaining - 1);
  });
});

test('a caller who has no points left is told when to come again, over HTTP and websocket', async () => {
  const own = await temporaryData();
  const small = await startServer({ data: own.folder, args: ['--no-quickstart', '--rate-limit', '12'] });
  try {
    const { rateLimit } = await small.query('{ rateLimit { cost limit remaining } }');
    expect(rateLimit).toEqual({ cost: 1, limit: 12, remaining: 11 });
    const ten = await small.post({
      query: 'mutation { cancelJob(input: { jobId: "x" }) { errors { code } } }',
    });
    expect(ten.status).toBe(200);
    const refused = await small.post({ query: '{ server { version } }' });
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.body).toEqual({
      errors: [
        {
          message: `This request costs 1 of the 12 points a minute that a caller has, and fewer are left. Ask again in ${seconds} s.`,
          extensions: { code: 'RATE_LIMITED', field: [], retryAfterSeconds: seconds },
        },
      ],
    });
    const live = small.live();
    await expect(live.all('{ __typename }')).rejects.toMatchObject({
      errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }],
    });
    await live.close();
  } finally {
    await small.stop();
    await own.remove();
  }
});

test('a server without a rate limit tells the cost and no limit', async () => {
  const own = await temporaryData();
  const free = await startServer({ data: own.folder, env: { TROJANSCOPE_RATE_LIMIT: '0' } });
  try {
    const { rateLimit } = await free.query('{ rateLimit { cost objects limit remaining resetAt } }');
    expect(rateLimit).toEqual({ cost: 1, objects: 1, limit: null, remaining: null, resetAt: null });
  } finally {
    await free.stop();
    await own.remove();
  }
});

test('a request that takes too long ends with an error that says what to do, and the server goes on', async () => {
  const own = await temporaryData(inject('smoke').data);
  // A thousandth of a second is too short for pictures of thousands of outcomes on any machine.
  const hasty = await startServer({
    data: own.folder,
    args: ['--no-quickstart', '--request-timeout', '0.001'],
  });
  try {
    const query =
      '{ robustnessCurves(filter: {}) { points { outcomes(first: 100) { nodes { id sample { image { url } } explanation { id } } } } } }';
    const { status, body, text } = await hasty.post({ query });
    expect(status).toBe(200);
    expect(body.errors.length).toBeLessThanOrEqual(10);
    expect(body.errors[0]).toMatchObject({
      message:
        'The request took longer than 0.001 s. Ask for smaller pages or fewer fields, or in several requests.',
      extensions: { code: 'TIMEOUT' },
    });
    expect(text.length).toBeLessThan(10_000);
    expect((await hasty.post({ query: '{ __typename }' })).body).toEqual({ data: { __typename: 'Query' } });
  } finally {
    await hasty.stop();
    await own.remove();
  }
});

describe('the dashboard’s own requests', () => {
  const documents = dashboardDocuments();
  const half = (limit: number) => Math.floor(limit / 2);

  test('are found', () => {
    expect(documents.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Overview', 'SweepPage', 'Jobs', 'Outcomes']),
    );
  });

  test.each(documents)('stay under half of every limit: $name', ({ text }) => {
    const { depth, fields, aliases, directives } = shape(text);
    expect(depth).toBeLessThanOrEqual(half(LIMITS.depth));
    expect(fields).toBeLessThanOrEqual(half(LIMITS.fields));
    expect(aliases).toBeLessThanOrEqual(half(LIMITS.aliases));
    expect(directives).toBeLessThanOrEqual(half(LIMITS.directives));
    const lexer = new Lexer(new Source(text));
    let tokens = 0;
    while (lexer.advance().kind !== TokenKind.EOF) tokens++;
    expect(tokens).toBeLessThanOrEqual(half(LIMITS.tokens));
    // Pages whose size is a variable count as the largest, those that can be asked from both ends as from the front.
    const sizes = Array.from(text.matchAll(/\$(?!last\b)(\w+): Int\b/g), ([, name]) => [name!, 100] as const);
    expect(cost(text, Object.fromEntries(sizes)).objects).toBeLessThanOrEqual(half(LIMITS.objects));
  });
});
