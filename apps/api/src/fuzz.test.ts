import { readFileSync } from 'node:fs';
import { randomRequests } from '@trojanscope/testing/randomQueries';
import { INSIDE, raw } from '@trojanscope/testing/raw';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** Random requests, fitting the schema or not at all: never an internal error, never a word from inside. */

const RUNS = Number(process.env.TROJANSCOPE_FUZZ_RUNS ?? 200);
const SEED = 1;
// These would start minutes of training.
const LEFT_OUT = ['runStudy', 'trainModel', 'implantBackdoor'];

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  // Thousands of random requests are more than a caller has points for.
  server = await startServer({ data: data.folder, args: ['--no-quickstart', '--rate-limit', '0'] });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

function expectNoFault({ status, text }: { status: number; text: string }, request: unknown) {
  const about = JSON.stringify(request);
  expect([about, status < 500]).toEqual([about, true]);
  const { errors = [] } = JSON.parse(text) as { errors?: { extensions: { code: string } }[] };
  expect([about, errors.map(({ extensions }) => extensions.code)]).toEqual([
    about,
    errors.map(() => expect.not.stringMatching(/^INTERNAL/)),
  ]);
}

test('requests that fit the schema', async () => {
  const schema = buildSchema(
    readFileSync(new URL('../../../packages/schema/schema.graphql', import.meta.url), 'utf8'),
  );
  const { models, sweeps, jobs, explanations, studies } = await server.query(`{
    models(first: 2) { nodes { id } } studies(first: 1) { nodes { id } } jobs(first: 2) { nodes { id } }
    sweeps(first: 1) { nodes { id curve { points { id outcomes(first: 1) { nodes { id } } } } } }
    explanations(first: 1) { nodes { id } }
  }`);
  const [point] = sweeps.nodes[0].curve.points;
  const ids = [models, sweeps, jobs, explanations, studies]
    .flatMap(({ nodes }) => nodes.map(({ id }: { id: string }) => id))
    .concat(point.id, point.outcomes.nodes[0].id);
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(randomRequests(schema, ids, LEFT_OUT), async (request) => {
      const answer = await server.post(request);
      expectNoFault(answer, request);
      // What was sent may be quoted, so what was sent holds nothing that looks like ours.
      expect(answer.text.replaceAll('etc/passwd', '')).not.toMatch(INSIDE);
      if (answer.body.data) answered++;
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // They are not all refused at the door.
  expect(answered).toBeGreaterThan(RUNS / 4);
});

test('bodies that fit nothing', async () => {
  const json = fc.record(
    {
      query: fc.oneof(
        fc.string(),
        fc.string({ unit: 'binary' }),
        fc.jsonValue(),
        fc.constant('{ __typename }'),
      ),
      variables: fc.jsonValue(),
      operationName: fc.jsonValue(),
      extensions: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const answer = await raw(server.url, '/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      expectNoFault(answer, text);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  expect(server.log()).not.toMatch(/request [0-9a-f-]{36}:/);
});
