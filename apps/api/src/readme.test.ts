import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { smokeServer } from '@trojanscope/testing/smokeServer';
import { expect, test } from 'vitest';

/** What README and docs show to be sent is sent as it stands there, to a server at another port. */

const ADDRESS = 'http://127.0.0.1:4000';
const snippetsOf = (page: string, language: string) =>
  [
    ...readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8').matchAll(
      /^```(\w+)\n([\s\S]*?)^```/gm,
    ),
  ]
    .filter(([, found]) => found === language)
    .map(([, , text]) => text!);

const { server } = await smokeServer();

async function run(program: string, text: string): Promise<string> {
  expect(text).toContain(ADDRESS);
  const { stdout } = await promisify(execFile)(program, ['-c', text.replaceAll(ADDRESS, server.url)]);
  return stdout;
}

test('with curl', async () => {
  const [curl, ...more] = snippetsOf('README.md', 'sh').filter((text) => text.startsWith('curl '));
  expect(more).toEqual([]);
  const { data: found, errors } = JSON.parse(await run('sh', curl!));
  expect(errors).toBeUndefined();
  expect(found.robustnessCurves[0].points[0].asr.value).toEqual(expect.any(Number));
});

test('from Python', async () => {
  const [python, ...more] = snippetsOf('README.md', 'python');
  expect(more).toEqual([]);
  const lines = (await run('python3', python!)).trim().split('\n');
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) expect(line).toMatch(/^.+ -?[\d.]+ [\d.]+$/);
});

test.each(['README.md', 'docs/limits.md'])('what %s says in GraphQL', async (page) => {
  const snippets = snippetsOf(page, 'graphql');
  expect(snippets.length).toBeGreaterThan(0);
  for (const query of snippets) {
    const found = await server.query(query);
    for (const payload of Object.values<{ errors?: object[] }>(found))
      expect(payload.errors ?? []).toEqual([]);
  }
});

test('nothing else is shown that nobody runs', () => {
  const sent = /graphql -H|urllib\.request/;
  for (const language of ['sh', 'python'])
    expect(snippetsOf('README.md', language).filter((text) => sent.test(text))).toHaveLength(1);
});
