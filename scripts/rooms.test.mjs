import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** Rooms and functions that one can take in: what grows past a size is divided, or says why it is not. */

const MOST_FILES = 60;
const MOST_LINES = 100;
/** Stands in the comment above a long function, followed by the reason. */
const REASON = /Long for one function: \S/;

const filesOf = (folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|dist|out|\.next|__pycache__)\//.test(file));
const foldersIn = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);

const sources = [...foldersIn('packages'), ...foldersIn('apps')].map((workspace) => `${workspace}/src`);
const files = [...sources, 'drills', 'scripts'].flatMap(filesOf);

/** `apps/web/src/features/sweeps` of a file in it; `packages/report/src` of one that stands there itself. */
const roomOf = (file) =>
  /^(\w+\/\w+\/src\/(features\/\w+|\w+(?=\/))|\w+\/\w+\/src|\w+)/.exec(file.replace(/\/[^/]+$/, '/'))[0];

/** Functions longer than that without a reason. */
function longFunctions(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node) && node.body) {
      const [first, last] = [node.getStart(source), node.end].map(
        (at) => source.getLineAndCharacterOfPosition(at).line + 1,
      );
      const above = text.slice(node.getFullStart(), node.body.getStart(source));
      if (last - first + 1 > MOST_LINES && !REASON.test(above.replace(/\s*\n \*/g, '')))
        found.push(`${file}:${first} has a function of ${last - first + 1} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test(`no room holds more than ${MOST_FILES} files`, () => {
  const sizes = {};
  for (const file of files) sizes[roomOf(file)] = (sizes[roomOf(file)] ?? 0) + 1;
  expect(sizes).toMatchObject({ 'apps/api/src/store': expect.any(Number), scripts: expect.any(Number) });
  expect(Object.entries(sizes).filter(([, size]) => size > MOST_FILES)).toEqual([]);
});

test.each([
  ['apps/web/src/features/sweeps/values/one.ts', 'apps/web/src/features/sweeps'],
  ['apps/api/src/store/migrations/1.ts', 'apps/api/src/store'],
  ['packages/report/src/html.ts', 'packages/report/src'],
  ['scripts/setup/places.mjs', 'scripts'],
])('%s is in %s', (file, room) => expect(roomOf(file)).toBe(room));

test(`no function has more than ${MOST_LINES} lines without a reason beside it`, () => {
  const code = files.filter((file) => /\.(tsx?|mjs|cjs)$/.test(file) && !/\.test\.\w+$/.test(file));
  expect(code.length).toBeGreaterThan(300);
  const texts = code.map((file) => [file, readFileSync(join(root, file), 'utf8')]);
  const long = texts.filter(([, text]) => text.split('\n').length > MOST_LINES);
  expect(long.flatMap(([file, text]) => longFunctions(file, text))).toEqual([]);
}, 60_000);

test('a long function is seen, and one that says why is let be', () => {
  const long = `function long() {\n${'  one();\n'.repeat(MOST_LINES - 1)}}\n`;
  expect(longFunctions('a.ts', long)).toEqual(['a.ts:1 has a function of 101 lines']);
  expect(longFunctions('a.ts', `/**\n * Long for one function: a\n * list. */\n${long}`)).toEqual([]);
  expect(longFunctions('a.ts', `/** Long. */\nexport ${long}`)).toHaveLength(1);
  expect(longFunctions('a.ts', long.replace('  one();\n', ''))).toEqual([]);
});
