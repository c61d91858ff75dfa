import { expect, test } from 'vitest';
import { createProgressLine, describeProgress, formatBytes, formatCount } from './progress.js';

const download = { what: 'a.zip', done: 50e6, total: 200e6, since: 10_000, gained: 20e6 };

test.each([
  [
    'rate and time left from what came since',
    download,
    'a.zip: 25 %, 50.0 MB of 200.0 MB, 2.0 MB/s, 75 s left',
  ],
  ['minutes', { ...download, gained: 5e6 }, 'a.zip: 25 %, 50.0 MB of 200.0 MB, 0.5 MB/s, 5 min left'],
  ['hours', { ...download, gained: 1e5 }, 'a.zip: 25 %, 50.0 MB of 200.0 MB, 0.0 MB/s, 4.2 h left'],
  ['no guess in the first moments', { ...download, since: 1_000 }, 'a.zip: 25 %, 50.0 MB of 200.0 MB'],
  ['no guess without progress', { ...download, gained: 0 }, 'a.zip: 25 %, 50.0 MB of 200.0 MB'],
  ['an unknown whole', { ...download, total: undefined }, 'a.zip: 50.0 MB, 2.0 MB/s'],
  ['done', { ...download, done: 200e6 }, 'a.zip: 100 %, 200.0 MB of 200.0 MB, 2.0 MB/s'],
])('%s', (_, progress, line) => {
  expect(describeProgress(progress, formatBytes)).toBe(line);
});

test.each([
  [
    true,
    [
      '\r\x1b[2KImages: 0 %, 1 of 1,000',
      '\r\x1b[2KImages: 20 %, 201 of 1,000',
      '\r\x1b[2KImages: 100 %, 1,000 of 1,000',
      '\n',
    ],
  ],
  [false, ['Images: 100 %, 1,000 of 1,000\n']],
])('on a terminal (%s) a line that changes, else a line now and then', (isTTY, expected) => {
  const written: string[] = [];
  const out = {
    isTTY,
    columns: 80,
    write: (text: string) => written.push(text),
  } as unknown as NodeJS.WriteStream;
  let at = 0;
  const line = createProgressLine(out, formatCount, () => at);
  for (let done = 1; done <= 1_000; done++, at++)
    if (done <= 201 || done === 1_000) line.update('Images', done, 1_000);
  line.end();
  line.end();
  expect(written).toEqual(expected);
});
