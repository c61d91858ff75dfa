import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { type AuditResult, auditServer } from 'graphql-http';
import { beforeAll, describe, expect, test } from 'vitest';

/** Programs that others wrote speak with the server. */

const { server } = await smokeServer();

describe('the audits of GraphQL over HTTP', () => {
  let results: AuditResult[];
  beforeAll(async () => {
    results = await auditServer({ url: `${server.url}/graphql` });
  });
  const ids = (status: AuditResult['status']) =>
    results.filter((result) => result.status === status).map(({ id }) => id);

  test('are all done', () => {
    const levels = results.map(({ name }) => name.split(' ')[0]);
    const count = (level: string) => levels.filter((each) => each === level).length;
    expect([count('MUST'), count('SHOULD'), count('MAY')]).toEqual([13, 23, 25]);
  });

  test('find nothing that must be otherwise', () => {
    expect(ids('error')).toEqual([]);
  });

  test('find otherwise only what is so by design', () => {
    // A request that cannot be parsed, validated or given its variables is a 400 under application/json too, not a 200.
    expect(ids('warn').sort()).toEqual(['572B', '7B9B', 'FDE2']);
    // Requests by GET are for pages of others to send, so they are blocked.
    expect(ids('notice').sort()).toEqual(['5A70', '6A70', 'D6D5']);
  });
});

describe('Python’s gql', () => {
  // Where it was installed with `pip install --target`.
  const env = {
    ...process.env,
    PYTHONPATH: process.env.TROJANSCOPE_GQL_PATH ?? process.env.PYTHONPATH ?? '',
  };
  const { status } = spawnSync('python3', ['-c', 'import gql, aiohttp, websockets'], { env });
  if (status !== 0)
    console.warn(
      'Python’s gql is not installed (pip install "gql[aiohttp,websockets]"): its test is skipped.',
    );

  test.skipIf(status !== 0)('queries, mutates and subscribes', async () => {
    const { models } = await server.query(
      '{ models(first: 5, filter: { kind: TROJANED }) { nodes { id name } } }',
    );
    const [model] = models.nodes;
    const script = fileURLToPath(new URL('../../../packages/testing/src/gqlClient.py', import.meta.url));
    const { stdout } = await promisify(execFile)('python3', [script, `${server.url}/graphql`, model.id], {
      env,
    });
    const { node, payload, refused, messages } = JSON.parse(stdout);
    expect(node).toEqual({ __typename: 'Model', id: model.id, name: model.name });
    expect(payload).toEqual({ sweep: { id: expect.stringMatching(/^swp_/) }, errors: [] });
    expect(refused).toBe('BAD_USER_INPUT');
    const points = messages.flatMap(({ points }: { points: { value: number }[] }) => points);
    expect(points.map(({ value }: { value: number }) => value)).toEqual([0, 10, 20]);
    expect(messages.at(-1).status).toBe('SUCCEEDED');
  });
});
