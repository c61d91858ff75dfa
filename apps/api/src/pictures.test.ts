import { untilJob } from '@trojanscope/testing/live';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { presentOutcome } from './graphql/present.js';

/** From a number to the images behind it: outcomes in order, the same sample elsewhere, pictures large and small. */

const { server } = await smokeServer();

interface Seen {
  id: string;
  confidence: number;
  kind: string;
  sample: { index: number };
  point: { value: number; sweep: { id: string } };
}
const SEEN = 'id confidence kind sample { index } point { value sweep { id model { id } } }';

/** The points of the rotation of the image, by value. */
async function points(): Promise<{ id: string; value: number; targetCount: number }[]> {
  const { sweeps } = await server.query(
    '{ sweeps(first: 1, filter: { transform: rotation, target: IMAGE }) { nodes { curve { points { id value targetCount } } } } }',
  );
  return sweeps.nodes[0].curve.points;
}
async function page(
  pointId: string,
  args: string,
): Promise<{ nodes: Seen[]; pageInfo: { endCursor: string } }> {
  const { node } = await server.query(
    `query ($id: ID!) { node(id: $id) { ... on Point { outcomes(${args}) { nodes { ${SEEN} } pageInfo { endCursor } } } } }`,
    { id: pointId },
  );
  return node.outcomes;
}

describe('outcomes by confidence', () => {
  test.each(['ASC', 'DESC'])('%s: page after page the same as sorting all of them', async (direction) => {
    const [, point] = await points();
    const all = (await page(point!.id, 'first: 100')).nodes;
    const order = `orderBy: { field: CONFIDENCE, direction: ${direction} }`;
    const seen: Seen[] = [];
    for (let after = ''; seen.length < all.length; ) {
      const { nodes, pageInfo } = await page(point!.id, `first: 17, ${order}${after}`);
      seen.push(...nodes.slice(0, all.length - seen.length));
      after = `, after: "${pageInfo.endCursor}"`;
      if (nodes.length === 0) break;
    }
    // There are more samples than the first hundred: what is seen is the most, or least, certain of all.
    const confidences = seen.map(({ confidence }) => confidence);
    const sorted = [...confidences].sort((a, b) => (direction === 'ASC' ? a - b : b - a));
    expect(confidences).toEqual(sorted);
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    const beyond = direction === 'ASC' ? Math.min : Math.max;
    expect(confidences[0]).toBe(beyond(...all.map(({ confidence }) => confidence), confidences[0]!));
  });

  test('a cursor of another order is refused', async () => {
    const [point] = await points();
    const { pageInfo } = await page(point!.id, 'first: 3');
    const { body } = await server.post({
      query: `{ node(id: "${point!.id}") { ... on Point { outcomes(first: 3, after: "${pageInfo.endCursor}", orderBy: { field: CONFIDENCE }) { totalCount } } } }`,
    });
    expect(body.errors[0].extensions.code).toBe('BAD_USER_INPUT');
  });
});

describe('the same sample', () => {
  test('across the values of its sweep', async () => {
    const all = await points();
    const { nodes } = await page(all[1]!.id, 'first: 1');
    const { node } = await server.query(
      `query ($id: ID!) { node(id: $id) { ... on Outcome { acrossValues { ${SEEN} } acrossModels { ${SEEN} } } } }`,
      { id: nodes[0]!.id },
    );
    const across = node.acrossValues as Seen[];
    expect(across.map(({ point }) => point.value)).toEqual(
      all.map(({ value }) => value).sort((a, b) => a - b),
    );
    expect(new Set(across.map(({ sample }) => sample.index))).toEqual(new Set([nodes[0]!.sample.index]));
    // There is one trojaned model.
    expect(node.acrossModels.map(({ id }: Seen) => id)).toEqual([nodes[0]!.id]);
  });
});

describe('pictures', () => {
  test('of an outcome are as large as its model’s images, not as its data set’s', () => {
    const row = { point_id: 'pnt_x', position: 4, sample_index: 7, true_label: 0, predicted: 0 } as never;
    const { image, sample } = presentOutcome(
      { ...(row as object), parameters: '{}' } as never,
      { dataset: 'shapes', architecture: 'lenet', sizePx: 96 } as never,
    );
    expect(image).toMatchObject({ width: 96, height: 96, thumbnailUrl: `${image.url}?thumbnail` });
    expect(sample.image).toMatchObject({ width: 96, height: 96, url: '/artifacts/smp_shapes_7_96' });
  });

  test('of a sample come at no size that no model takes', async () => {
    expect((await fetch(`${server.url}/artifacts/smp_shapes_7`)).status).toBe(200);
    expect((await fetch(`${server.url}/artifacts/smp_shapes_7_96`)).status).toBe(404);
    expect((await fetch(`${server.url}/artifacts/smp_shapes_9999999`)).status).toBe(404);
  });

  test('come small for lists', async () => {
    const response = await fetch(`${server.url}/artifacts/smp_shapes_7?thumbnail`);
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(response.headers.get('cache-control')).toContain('immutable');
    const { width, format } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    // 28 px are small enough: nothing is enlarged.
    expect({ width, format }).toEqual({ width: 28, format: 'webp' });
  });
});

test('a map’s difference from that of the untransformed sample, once both are there', async () => {
  const all = await points();
  const [identity, turned] = await Promise.all(
    [all.find(({ value }) => value === 0)!, all.find(({ value }) => value === 45)!].map(
      async ({ id }) => (await page(id, 'first: 1')).nodes[0]!.id,
    ),
  );
  const explain = async (outcomeIds: string[]) => {
    const input = { outcomeIds, mode: 'SIGNED', copies: 3 };
    const selection = 'explanations { id job { id } }';
    const { explanations, errors } = await server.mutate('explain', 'ExplainInput', input, selection);
    expect(errors).toEqual([]);
    expect((await untilJob(server, explanations[0].job.id, undefined, 30_000)).status).toBe('SUCCEEDED');
    return explanations[0].id as string;
  };
  const difference = async (id: string) =>
    (
      await server.query(
        'query ($id: ID!) { node(id: $id) { ... on Explanation { difference { url width } } } }',
        { id },
      )
    ).node.difference;
  const map = await explain([turned!]);
  expect(await difference(map)).toBeNull();
  const before = await explain([identity!]);
  expect(await difference(before)).toBeNull();
  const found = await difference(map);
  expect(found).toMatchObject({ width: 28 });
  const picture = await fetch(server.url + found.url);
  expect(picture.headers.get('content-type')).toBe('image/png');
  const { data, info } = await sharp(Buffer.from(await picture.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect(info).toMatchObject({ width: 28, height: 28, channels: 3 });
  expect(new Set(data).size).toBeGreaterThan(10);
});
