import { untilJob } from '@trojanscope/testing/live';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

/** What a detector asked about an image, looked at later: the same pictures, so the answers that are stored. */

let data: Awaited<ReturnType<typeof temporaryData>>;
let server: Awaited<ReturnType<typeof startServer>>;
let modelId: string;
beforeAll(async () => {
  data = await temporaryData(inject('smoke').data);
  server = await startServer({ data: data.folder });
  const { models } = await server.query('{ models(first: 1, filter: { kind: TROJANED }) { nodes { id } } }');
  modelId = models.nodes[0].id;
});
afterAll(async () => {
  await server?.stop();
  await data?.remove();
});

async function detect(detector: object): Promise<string> {
  const { detection } = await server.mutate(
    'runDetector',
    'RunDetectorInput',
    { modelId, detector, samples: SAMPLES },
    'detection { id job { id } }',
  );
  expect((await untilJob(server, detection.job.id, undefined, 120_000)).status).toBe('SUCCEEDED');
  return detection.id;
}
const SAMPLES = 30;

interface Shown {
  text: string;
  predicted: { index: number };
  confidence: number;
  entropy: number;
  steps: { transform: string | null; value: number | null; overlay: object | null }[];
}
const ANSWERS = 'answers { labels confidences entropies }';
const VIEWS = `views { text confidence entropy predicted { index } steps { transform value overlay { index } } image { url } }`;
const imageAt = async (id: string, kind: string, position: number) =>
  (
    await server.query(
      `query ($id: ID!) { node(id: $id) { ... on DetectionImage { id ${ANSWERS} image { url } ${VIEWS} } } }`,
      { id: `dim_${id.slice(4)}_${kind}_${position}` },
    )
  ).node;
async function png(url: string): Promise<Buffer> {
  const response = await fetch(server.url + url);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
  return Buffer.from(await response.arrayBuffer());
}

describe.each([
  ['geometricConsistency', {}, 'translation 2 px, '],
  ['composedConsistency', {}, 'rotation 15 °, then blur 1 px'],
  ['strip', { overlays: 6 }, 'test image '],
  ['strip', { overlays: 6, blend: 'AVERAGE' }, ' averaged with it'],
  ['scaleUp', { factors: 'AUTHORS_CODE' }, 'brightness 11 ×'],
  ['teco', {}, 'jpeg 7 %'],
  ['teco', { corruptions: 'CUMULATIVE' }, 'the one before, then jpeg 7 %'],
])('%s %o', (detector, parameters, text) => {
  test('shows the very pictures that it asked about, each with its answer', async () => {
    const id = await detect({ [detector]: parameters });
    for (const kind of ['clean', 'trojaned', 'other-clean'])
      for (const position of [0, SAMPLES - 1]) {
        const { id: imageId, answers, image, views } = await imageAt(id, kind, position);
        // Asked anew, and the same to the bit.
        expect(views.map(({ predicted }: Shown) => predicted.index)).toEqual(answers.labels);
        expect(views.map(({ confidence }: Shown) => confidence)).toEqual(answers.confidences);
        expect(views.map(({ entropy }: Shown) => entropy)).toEqual(answers.entropies);
        expect(views.map(({ text }: Shown) => text).join('; ')).toContain(text);
        for (const { transform, value, overlay } of views.flatMap(({ steps }: Shown) => steps))
          expect([transform !== null, value !== null, overlay === null]).toEqual(
            Array(3).fill(detector !== 'strip'),
          );
        const [first, last] = [await png(views[0].image.url), await png(views.at(-1).image.url)];
        expect(first.equals(await png(image.url))).toBe(detector !== 'strip');
        expect(last.equals(first)).toBe(false);
        const none = await fetch(`${server.url}/artifacts/${imageId}_${views.length}`);
        expect(none.status).toBe(404);
      }
  });
});

test('several at once, and none of an image that is not there', async () => {
  const id = await detect({ geometricConsistency: {} });
  const { node } = await server.query(
    'query ($id: ID!) { node(id: $id) { ... on Detection { images(first: 3) { nodes { views { text } } } } } }',
    { id },
  );
  expect(node.images.nodes.map(({ views }: { views: object[] }) => views.length)).toEqual([7, 7, 7]);
  expect(await imageAt(id, 'clean', SAMPLES)).toBeNull();
  expect(await imageAt(id, 'purple', 0)).toBeNull();
  expect(await imageAt(`det_${'0'.repeat(26)}`, 'clean', 0)).toBeNull();
  expect((await fetch(`${server.url}/artifacts/dim_${id.slice(4)}_clean_${SAMPLES}_0`)).status).toBe(404);
});
