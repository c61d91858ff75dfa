import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** Lines of prose can be read, and compared from one commit to the next. */

const LONGEST = 120;

/** Long lines of a page. Tables and what stands in fences cannot be wrapped. */
function longLines(text) {
  let fenced = false;
  return text.split('\n').filter((line) => {
    if (line.startsWith('```')) fenced = !fenced;
    return !fenced && !line.startsWith('|') && line.length > LONGEST;
  });
}

const inFolder = (folder) =>
  readdirSync(join(root, folder), { recursive: folder !== '' })
    .map((file) => join(folder, file).replaceAll('\\', '/'))
    // Reports are written by the program.
    .filter((file) => file.endsWith('.md') && !file.endsWith('/report.md'));
const pages = ['', 'docs'].flatMap(inFolder);

test.each(pages)(`%s has lines of at most ${LONGEST} characters`, (page) => {
  expect(longLines(readFileSync(join(root, page), 'utf8'))).toEqual([]);
});

test('long prose is seen, long tables and code are let be', () => {
  const long = 'word '.repeat(30);
  expect(longLines(`# Title\n\n${long}\n| ${long} |\n\`\`\`sh\n${long}\n\`\`\`\n- ${long}`)).toHaveLength(2);
});
