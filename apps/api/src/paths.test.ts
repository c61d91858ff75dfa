import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { INSIDE, raw } from '@trojanscope/testing/raw';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** Nothing that a client sends is a path: hundreds of strings that elsewhere led out of a folder, at every address and id. */

const CANARY = 'the canary of the data folder';

const PLACES = [
  '../canary.txt',
  '../trojanscope.sqlite',
  '../../canary.txt',
  'artifacts/../canary.txt',
  './../canary.txt',
  '../models/../canary.txt',
  '../../../../../etc/passwd',
  '/etc/passwd',
  '/proc/self/environ',
  '....//....//....//etc/passwd',
  '..././..././..././etc/passwd',
  '..\\..\\..\\..\\windows\\win.ini',
  'C:\\windows\\win.ini',
  '~/.ssh/id_rsa',
  'file:///etc/passwd',
  '//evil.example/%2e%2e',
  '../../package.json',
];
const percent = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const DISGUISES: ((place: string) => string)[] = [
  (place) => place,
  percent,
  (place) => percent(percent(place)),
  (place) => percent(percent(percent(place))),
  (place) => encodeURIComponent(place),
  (place) => place.replaceAll('.', '%2e'),
  (place) => place.replaceAll('/', '%2f').replaceAll('\\', '%5C'),
  (place) => place.replaceAll('/', '\\'),
  (place) => place.replaceAll('/', '%5c'),
  (place) => place.replaceAll('../', '..;/'),
  (place) => place.replaceAll('../', '%c0%ae%c0%ae%c0%af'),
  (place) => place.replaceAll('../', '%uff0e%uff0e%u2215'),
  (place) => encodeURIComponent(place.replaceAll('.', '．').replaceAll('/', '／')),
  (place) => `${place}%00.png`,
  (place) => `${place}%0a`,
  (place) => `${place};.png`,
  (place) => `${place}?x.png`,
  (place) => `${place}#x.png`,
  (place) => `${place}%23.png`,
  (place) => `${'0'.repeat(64)}/${place}`,
];
const CORPUS = [...new Set(PLACES.flatMap((place) => DISGUISES.map((disguise) => disguise(place))))];

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  await writeFile(path.join(data.folder, 'canary.txt'), CANARY);
  server = await startServer({ data: data.folder });
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

function expectNoEscape(text: string) {
  expect(text).not.toContain(CANARY);
  expect(text).not.toMatch(/root:.*:0:0|SQLite format|"workspaces"|PATH=|\[fonts\]/);
}
const decoded = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

test('the corpus is large', () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(200);
});

describe.each(['/artifacts/', '/', '/_next/static/', '/graphql/', '/artifacts/%2e%2e/'])(
  'below %s',
  (folder) => {
    test('each is an error, a page of ours, or nothing', async () => {
      for (const string of CORPUS) {
        const address = `${folder}${string}`;
        const { status, headers, text } = await raw(server.url, address);
        expectNoEscape(text);
        expect([address, status]).toEqual([address, expect.toBeOneOf([301, 400, 403, 404])]);
        // Only ever to the same server.
        if (status === 301) expect(headers.location).toMatch(/^\/(?!\/)/);
        // What was asked for is quoted.
        if (headers['content-type']?.includes('json'))
          expect(text.replaceAll('trojanscope.sqlite', '')).not.toMatch(INSIDE);
      }
    });
  },
);

test('as an id each is nobody’s, or refused', async () => {
  const query = `query ($id: ID!, $ids: [ID!]!) {
    node(id: $id) { id } nodes(ids: $ids) { id }
    models(first: 1, filter: { dataset: $id }) { nodes { id } }
    sweeps(first: 1, filter: { modelId: $id }) { nodes { id } }
    explanations(first: 1, filter: { modelId: $id }) { nodes { id } }
    robustnessCurves(filter: { modelIds: $ids, sweepIds: $ids }) { unit }
  }`;
  const nothing = { nodes: [] };
  for (const string of new Set(CORPUS.flatMap((each) => [decoded(each), `mod_${each}`]))) {
    const { body, text } = await server.post({ query, variables: { id: string, ids: [string] } });
    expect(body).toEqual({
      data: {
        node: null,
        nodes: [null],
        models: nothing,
        sweeps: nothing,
        explanations: nothing,
        robustnessCurves: [],
      },
    });
    expectNoEscape(text);
  }
});

test('as a name of a data set or a model to start from each is refused before anything is queued', async () => {
  const query = `mutation ($text: ID!, $input: TrainModelInput!, $sweep: RunSweepInput!, $explain: ExplainInput!) {
    trainModel(input: $input) { errors { code message } }
    runSweep(input: $sweep) { errors { code message } }
    explain(input: $explain) { errors { code message } }
    cancelJob(input: { jobId: $text }) { errors { code message } }
    retryJob(input: { jobId: $text }) { errors { code message } }
  }`;
  for (const string of [...new Set(CORPUS.map(decoded))]) {
    const { body, text } = await server.post({
      query,
      variables: {
        text: string,
        input: { dataset: string, architecture: 'lenet' },
        sweep: { modelId: string, transform: 'rotation', target: 'IMAGE' },
        explain: { outcomeIds: [string] },
      },
    });
    expect(body.errors).toBeUndefined();
    for (const { errors } of Object.values(body.data) as { errors: { code: string }[] }[])
      expect(errors.map(({ code }) => code)).toEqual([expect.stringMatching(/^(BAD_USER_INPUT|NOT_FOUND)$/)]);
    expectNoEscape(text);
  }
  const { jobs } = await server.query(
    '{ jobs(first: 1, filter: { status: [QUEUED, RUNNING] }) { totalCount } }',
  );
  expect(jobs.totalCount).toBe(0);
});
