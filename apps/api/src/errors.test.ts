import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CODES } from '@trojanscope/core/definitions';
import { INSIDE } from '@trojanscope/testing/raw';
import { startServer, temporaryData } from '@trojanscope/testing/server';
import Database from 'better-sqlite3';
import { expect, inject, test } from 'vitest';
import { REQUEST_CODES } from './graphql/errors.js';

/** The codes are a promise to programs: none may change its name or go without a change of this list. */
const CODES = [
  'ABORTED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'CONFLICT',
  'DATA_DAMAGED',
  'DATA_MISSING',
  'DISK_FULL',
  'ENGINE_UNAVAILABLE',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL',
  'LIMIT_EXCEEDED',
  'NOT_FOUND',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'RATE_LIMITED',
  'TIMEOUT',
  'UNAUTHENTICATED',
  'UNSUPPORTED',
];

test('the list of codes is what the code can say', () => {
  expect([...new Set([...Object.keys(ERROR_CODES), ...REQUEST_CODES])].sort()).toEqual(CODES);
});

test('docs/errors.md lists every code, with the meaning that the schema gives it', () => {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `([A-Z_]+)` \| (.*?) \|/gm)].map(([, code, meaning]) => [
    code,
    meaning,
  ]);
  expect(rows.map(([code]) => code).sort()).toEqual(CODES);
  expect(Object.fromEntries(rows)).toMatchObject(ERROR_CODES);
});

test('an internal error, over HTTP and websocket, tells a request id and keeps its cause to the log', async () => {
  const data = await temporaryData(inject('smoke').data);
  const server = await startServer({ data: data.folder });
  const live = server.live();
  try {
    const rows = new Database(path.join(data.folder, 'trojanscope.sqlite'));
    rows.exec(`update model set spec = '{ cut off'; alter table study rename to gone`);
    rows.close();
    const tell = async (query: string) => {
      const { body } = await server.post({ query });
      const overSocket = await live.all(query).then(
        () => expect.fail(`${query} succeeded`),
        (error: { errors: unknown[] }) => error.errors,
      );
      return [...body.errors, ...overSocket];
    };
    for (const query of [
      // A fault in our words, then one in the database's.
      '{ models(first: 1) { nodes { name } } }',
      '{ studies(first: 1) { totalCount } }',
    ]) {
      const errors = await tell(query);
      expect(errors).toHaveLength(2);
      const ids = new Set(errors.map(({ extensions }) => extensions.requestId));
      expect(ids.size).toBe(2);
      for (const error of errors) {
        expect(error).toEqual({
          message: `Internal error. Its cause is in the server’s log under ${error.extensions.requestId}.`,
          path: expect.any(Array),
          extensions: { code: 'INTERNAL', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        });
        expect(JSON.stringify(error)).not.toMatch(INSIDE);
        // The log comes through a pipe of its own, and may be behind the answer.
        await expect.poll(() => server.log()).toContain(error.extensions.requestId);
      }
    }
    expect(server.log()).toMatch(/SyntaxError[\s\S]*no such table/);
  } finally {
    await live.close();
    await server.stop();
    await data.remove();
  }
});
