import { startServer, temporaryData } from '@trojanscope/testing/server';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createLog } from './log.js';

const logged = (format: 'text' | 'json', write: (log: ReturnType<typeof createLog>) => void): string => {
  let text = '';
  write(
    createLog(
      { format, level: 'debug' },
      {
        write: (line) => {
          text += line;
        },
      },
    ),
  );
  return text;
};

describe('what is written', () => {
  test('for programs: one JSON object a line, errors with their cause', () => {
    const text = logged('json', (log) => log.error({ requestId: 'r', err: new Error('no') }, 'a fault'));
    expect(text.endsWith('\n')).toBe(true);
    const line = JSON.parse(text);
    expect(line).toMatchObject({ level: 'error', requestId: 'r', msg: 'a fault', err: { message: 'no' } });
    expect(line.err.stack).toContain('log.test.ts');
    expect(Date.parse(line.time)).toBeGreaterThan(Date.now() - 60_000);
  });

  test('for people: time, message and what belongs to it', () => {
    const text = logged('text', (log) => log.warn({ jobId: 'job_1', n: 2 }, 'the worker died'));
    expect(text).toMatch(/^\d\d:\d\d:\d\d warn: the worker died jobId=job_1 n=2\n$/);
  });

  test.each(['text', 'json'] as const)('no secret, in %s, at whatever place it stands', (format) => {
    const secret = 'ts_pat_0123456789';
    const text = logged(format, (log) => {
      log.info({ token: secret, headers: { authorization: secret, cookie: secret } }, 'a');
      log.info({ request: { headers: { 'set-cookie': secret } }, user: { password: secret } }, 'b');
    });
    expect(text).toContain('[Redacted]');
    expect(text).not.toContain(secret);
  });
});

describe('the server', () => {
  let data: Awaited<ReturnType<typeof temporaryData>>;
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    data = await temporaryData(inject('smoke').data);
    const args = ['--no-quickstart', '--log', 'json', '--log-level', 'debug'];
    server = await startServer({ data: data.folder, args });
  });
  afterAll(async () => {
    await server?.stop();
    await data?.remove();
  });
  const lines = () =>
    server
      .log()
      .split('\n')
      .filter((line: string) => line.startsWith('{'))
      .map((line: string) => JSON.parse(line));

  test('gives every answer an id, under which the log has the request, without what follows its path', async () => {
    const response = await fetch(`${server.url}/livez?secret=1`);
    const requestId = response.headers.get('x-request-id');
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    await response.text();
    await expect
      .poll(() => lines().find((line: { requestId?: string }) => line.requestId === requestId))
      .toMatchObject({ level: 'debug', method: 'GET', path: '/livez', status: 200, msg: 'request' });
    expect(server.log()).not.toContain('secret=1');
  });

  test('measures itself for Prometheus', async () => {
    await fetch(`${server.url}/a/page/that/is/not/there`);
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    const { succeeded } = await server.query(
      '{ succeeded: jobs(first: 1, filter: { status: [SUCCEEDED] }) { totalCount } }',
    );
    expect(value('trojanscope_jobs\\{status="SUCCEEDED"\\}')).toBe(succeeded.totalCount);
    expect(value('trojanscope_jobs\\{status="RUNNING"\\}')).toBe(0);
    expect(value('trojanscope_worker_resident_bytes')).toBe(0);
    expect(value('trojanscope_websocket_connections')).toBe(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(text).toMatch(
      /trojanscope_http_request_seconds_count\{route="pages",method="GET",status="404"\} 1/,
    );
    expect(text).not.toContain('that/is/not');
  });
});
