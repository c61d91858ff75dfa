import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from './setup/places.mjs';

const tree = mkdtempSync(join(tmpdir(), 'contributing-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** The blocks of CONTRIBUTING.md that name a file: new files, and changes of lines. */
const blocks = [
  ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```/gm),
].map(([, kind, file, text]) => ({ kind, file, text }));

/** Lines with + behind the import that stands first, or in the place of those with -. */
function changed(content, diff) {
  const lines = diff.trimEnd().split('\n');
  const of = (sign) => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
  const isImport = (line) => line.startsWith('import ');
  const [removed, added] = [
    of('-').join('\n'),
    of('+')
      .filter((line) => !isImport(line))
      .join('\n'),
  ];
  expect(content).toContain(removed);
  return `${of('+').filter(isImport).join('\n')}\n${content.replace(removed, added)}`;
}

test('what is shown to be added passes the contract tests', () => {
  cpSync(join(root, 'packages/core/src'), join(tree, 'packages/core/src'), { recursive: true });
  cpSync(join(root, 'packages/core/package.json'), join(tree, 'packages/core/package.json'));
  cpSync(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  expect(blocks.map(({ kind }) => kind)).toEqual(['ts', 'diff', 'ts', 'diff', 'ts', 'diff', 'ts', 'diff']);
  for (const { kind, file, text } of blocks) {
    const path = join(tree, file);
    writeFileSync(path, kind === 'ts' ? text : changed(readFileSync(path, 'utf8'), text));
  }
  const contracts = [
    'attacks/attacks.test.ts',
    'transforms/transforms.test.ts',
    'detect/detectors.test.ts',
    'explainers/explainers.test.ts',
  ].map((name) => `packages/core/src/${name}`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const words = [
    'run',
    '--root',
    tree,
    '--testTimeout',
    '60000',
    '--hookTimeout',
    '60000',
    '--reporter',
    'verbose',
  ];
  const only = ['--testNamePattern', 'checkerboard|shear|noiseConsistency|gradientTimesInput'];
  const ran = spawnSync(process.execPath, [vitest, ...words, ...only, ...contracts], {
    cwd: tree,
    encoding: 'utf8',
  });
  expect(ran.status, ran.stdout + ran.stderr).toBe(0);
  const passed = (name) =>
    ran.stdout.split('\n').filter((line) => line.includes('✓') && line.includes(name)).length;
  expect(passed('checkerboard')).toBeGreaterThanOrEqual(8);
  expect(passed('shear')).toBeGreaterThanOrEqual(4);
  expect(passed('noiseConsistency')).toBeGreaterThanOrEqual(3);
  expect(passed('gradientTimesInput')).toBe(3);
}, 180_000);
