import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { root } from './setup/places.mjs';

const run = promisify(execFile);
const trees = [];
afterAll(() => {
  for (const tree of trees) rmSync(tree, { recursive: true, force: true });
});

/** What the check of `npm run layers` says of a tree. */
async function layers(cwd, folders) {
  const depcruise = join(root, 'node_modules', '.bin', 'depcruise');
  const { code, stdout } = await run(depcruise, ['--output-type', 'err', ...folders], { cwd }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (failed) => failed,
  );
  return { fails: code !== 0, says: stdout };
}

/** A tree of these files under the same rules. */
function treeOf(files) {
  const tree = mkdtempSync(join(tmpdir(), 'layers-'));
  trees.push(tree);
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'tsconfig.layers.json'])
    cpSync(join(root, file), join(tree, file));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), content);
  }
  return tree;
}

test('the rooms stand in their order', async () => {
  const packages = [
    'packages/core/src',
    'packages/report/src',
    'packages/schema/src',
    'packages/testing/src',
  ];
  expect(await layers(root, [...packages, 'apps/api/src', 'apps/web/src'])).toMatchObject({ fails: false });
}, 60_000);

test('an arrow up, one between packages, a circle and an unlisted room are seen', async () => {
  const tree = treeOf({
    'packages/core/src/definitions.ts': 'export const one = 1;\n',
    'apps/web/src/lib/late.ts': "export { two } from '../features/jobs/two';\n",
    'apps/web/src/features/jobs/two.ts': "export { one as two } from '@trojanscope/core/definitions';\n",
    'apps/api/src/store/up.ts': "export { low } from '../graphql/low.js';\n",
    'apps/api/src/graphql/low.ts': "import { up } from './high.js';\nexport const low = up;\n",
    'apps/api/src/graphql/high.ts': "import { low } from './low.js';\nexport const up = low;\n",
    'apps/api/src/log.ts': "export { raw } from '@trojanscope/testing/raw';\n",
    'packages/testing/src/raw.ts': 'export const raw = 1;\n',
    'apps/api/src/attic/box.ts': "export * from '../store/up.js';\n",
  });
  const { fails, says } = await layers(tree, ['packages/core/src', 'apps/api/src', 'apps/web/src']);
  expect(fails).toBe(true);
  for (const violation of [
    'apps/web/src/lib-looks-down-only: apps/web/src/lib/late.ts',
    'web-reads-the-schema-only: apps/web/src/features/jobs/two.ts',
    'apps/api/src/store-looks-down-only: apps/api/src/store/up.ts',
    'only-tests-know-the-test-helpers: apps/api/src/log.ts',
    'no-cycles: apps/api/src/graphql',
    'apps/api/src-has-listed-rooms-only: apps/api/src/attic/box.ts',
  ])
    expect(says).toContain(violation);
}, 60_000);
