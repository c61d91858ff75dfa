import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { temporaryFolder } from '@trojanscope/testing/folder';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download } from './download.js';

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const md5 = createHash('md5').update(content).digest('hex');

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
let server: Server;
let port: number;
/** What was asked for: the range of each request. */
let asked: (string | undefined)[];
let answers: Answer[];

beforeEach(async () => {
  temporary = await temporaryFolder();
  file = path.join(temporary.folder, 'a.zip');
  asked = [];
  answers = [];
  // Requests are answered in turn; the last answer goes on for ever.
  server = createServer((request, response) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(request.headers.range);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await temporary.remove();
});

const downloading = (job: Partial<Parameters<typeof download>[0]> = {}) =>
  download({
    url: new URL(`http://127.0.0.1:${port}/a.zip`),
    file,
    md5,
    retryMs: 1,
    stallMs: 5_000,
    ...job,
  });

const start = ({ headers: { range } }: IncomingMessage) =>
  Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);

/** Serves the file, or the rest of it where that is asked for. */
const honours: Answer = (request, response) => {
  const from = start(request);
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': content.length - from,
    ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  });
  response.end(content.subarray(from));
};
const ignoresRanges: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': content.length }).end(content);
};
/** Like `honours`, but the connection breaks after so many bytes. */
const breaksOffAfter =
  (bytes: number): Answer =>
  (request, response) => {
    const from = start(request);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': content.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    response.write(content.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20));
  };
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end('sorry');

async function expectWhole(): Promise<void> {
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(existsSync(`${file}.part`)).toBe(false);
}

test('a file, with progress', async () => {
  answers = [honours];
  const steps: [number, number | undefined][] = [];
  await downloading({ onProgress: (...step) => steps.push(step) });
  await expectWhole();
  expect(steps.at(-1)).toEqual([300_000, 300_000]);
});

test('a file that is there and right is not asked for again', async () => {
  await writeFile(file, content);
  await downloading();
  await expectWhole();
  expect(asked).toEqual([]);
});

test('a file that is there and wrong is downloaded anew', async () => {
  await writeFile(file, 'something else');
  answers = [honours];
  await downloading();
  await expectWhole();
});

describe('going on', () => {
  test('with the rest of a partial file', async () => {
    await writeFile(`${file}.part`, content.subarray(0, 100_000));
    answers = [honours];
    const steps: [number, number | undefined][] = [];
    await downloading({ onProgress: (...step) => steps.push(step) });
    await expectWhole();
    expect(asked).toEqual(['bytes=100000-']);
    expect(steps[0]![0]).toBeGreaterThan(100_000);
    expect(steps[0]![1]).toBe(300_000);
  });

  test('from the beginning where the server ignores ranges', async () => {
    await writeFile(`${file}.part`, content.subarray(0, 100_000));
    answers = [ignoresRanges];
    await downloading();
    await expectWhole();
    expect(asked).toEqual(['bytes=100000-']);
  });

  test('after the connection broke off, as often as that brings more', async () => {
    answers = [breaksOffAfter(40_000)];
    await downloading();
    await expectWhole();
    expect(asked.slice(0, 2)).toEqual([undefined, 'bytes=40000-']);
    expect(asked.length).toBeGreaterThan(5);
  });

  test('with a whole file that lacked only its name', async () => {
    await writeFile(`${file}.part`, content);
    answers = [
      (_, response) => response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end(),
    ];
    await downloading();
    await expectWhole();
  });

  test.each<[string, Answer]>([
    [
      'a range that starts elsewhere',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 5-9/300000' }).end('12345'),
    ],
    ['a range without saying which', (_, response) => response.writeHead(206).end('12345')],
    [
      'no range: there are fewer bytes than we have',
      (_, response) => response.writeHead(416, { 'content-range': 'bytes */7' }).end(),
    ],
  ])('anew after %s', async (_, answer) => {
    await writeFile(`${file}.part`, content.subarray(0, 100_000));
    answers = [answer, honours];
    await downloading();
    await expectWhole();
    expect(asked).toEqual(['bytes=100000-', undefined]);
  });

  test('anew where the partial file was of something else', async () => {
    await writeFile(`${file}.part`, Buffer.alloc(100_000));
    answers = [honours];
    await downloading();
    await expectWhole();
    expect(asked).toEqual(['bytes=100000-', undefined]);
  });

  test('after the server was busy', async () => {
    answers = [status(503), status(429), honours];
    await downloading();
    await expectWhole();
  });

  test('after the server fell silent', async () => {
    const silent: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1_000));
    };
    answers = [silent, honours];
    await downloading({ stallMs: 300 });
    await expectWhole();
    expect(asked).toEqual([undefined, 'bytes=1000-']);
  });

  test('without a length', async () => {
    answers = [(_, response) => response.write(content, () => response.end())];
    const totals = new Set<number | undefined>();
    await downloading({ onProgress: (_, total) => totals.add(total) });
    await expectWhole();
    expect([...totals]).toEqual([undefined]);
  });
});

describe('refused', () => {
  test.each([404, 403, 410])('%i at once', async (code) => {
    answers = [status(code)];
    await expect(downloading()).rejects.toMatchObject({ code: 'DATA_MISSING' });
    expect(asked).toHaveLength(1);
    await expect(downloading()).rejects.toThrow(
      new RegExp(`/a\\.zip: expected a file, the server answered ${code}`),
    );
    expect(existsSync(file)).toBe(false);
  });

  test('a server that stays busy, after five attempts', async () => {
    answers = [status(503)];
    await expect(downloading()).rejects.toThrow(/the server answered 503 Service Unavailable, at 5 attempts/);
    expect(asked).toHaveLength(5);
  });

  test('a connection that breaks off again and again at one place, and what has arrived is kept', async () => {
    const same: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 50_000), () => {
        setTimeout(() => response.destroy(), 20);
      });
    };
    answers = [same];
    await expect(downloading()).rejects.toThrow(
      /the connection failed .*at 5 attempts\. What has arrived is kept/,
    );
    expect(await readFile(`${file}.part`)).toHaveLength(50_000);
  });

  test('a length larger than the file', async () => {
    const lies: Answer = (_, response) => {
      response.writeHead(200, { 'content-length': content.length + 1_000 }).write(content, () => {
        setTimeout(() => response.destroy(), 20);
      });
    };
    answers = [lies];
    await expect(downloading()).rejects.toMatchObject({ code: 'DATA_MISSING' });
    expect(existsSync(file)).toBe(false);
  });

  test('a length smaller than the file', async () => {
    answers = [
      (request) => {
        request.socket.end(
          Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n'), content]),
        );
      },
    ];
    await expect(downloading()).rejects.toThrow(/MD5|attempts/);
    expect(existsSync(file)).toBe(false);
  });

  test('another file', async () => {
    answers = [(_, response) => response.end('<html>sign in to the hotel’s network</html>')];
    await expect(downloading()).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    await expect(downloading()).rejects.toThrow(new RegExp(`expected a file with MD5 ${md5}`));
    expect(existsSync(file)).toBe(false);
    expect(existsSync(`${file}.part`)).toBe(false);
  });

  test('an endless file, announced or not', async () => {
    answers = [(_, response) => response.writeHead(200, { 'content-length': 5e9 }).flushHeaders()];
    await expect(downloading()).rejects.toThrow(/expected at most 2,147,483,648 bytes, got 5,000,000,000/);
    answers = [(_, response) => response.write(content, () => response.end())];
    await expect(downloading({ maxBytes: 100_000 })).rejects.toThrow(/expected at most 100,000 bytes/);
    expect(existsSync(file)).toBe(false);
  });

  test('nobody there', async () => {
    server.close();
    await once(server, 'close');
    await expect(downloading()).rejects.toThrow(/the connection failed \(ECONNREFUSED\), at 5 attempts/);
  });

  test('stopped: what has arrived is kept, and the next download goes on', async () => {
    answers = [
      (_, response) => {
        response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 70_000));
      },
      honours,
    ];
    const stop = new AbortController();
    const stopped = downloading({
      signal: stop.signal,
      onProgress: (bytes) => bytes === 70_000 && stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: 'ABORTED' });
    await downloading();
    await expectWhole();
    expect(asked).toEqual([undefined, 'bytes=70000-']);
  });
});
