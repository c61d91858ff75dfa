import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from './setup/places.mjs';
import { complaintsAbout } from './setup/supplyChain.mjs';

const tree = mkdtempSync(join(tmpdir(), 'release-'));
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const read = (name) => readFileSync(join(tree, name), 'utf8');
const git = (...words) => {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...who, ...words], { cwd: tree, encoding: 'utf8' });
};
const release = (...words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/release.mjs', ...words], {
    cwd: tree,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
};

test('a release is written down wherever its version stands', () => {
  const places = [
    'package.json',
    'apps/api/package.json',
    'apps/web/package.json',
    'python',
    'scripts',
  ].concat(
    ['core', 'report', 'schema', 'testing'].map((name) => `packages/${name}/package.json`),
    ['schema.graphql', 'released.graphql', 'study.schema.json'].map((name) => `packages/schema/${name}`),
    ['package-lock.json', 'CHANGELOG.md', 'CITATION.cff', '.gitignore'],
  );
  for (const name of places) cpSync(join(root, name), join(tree, name), { recursive: true });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'As it is');

  expect(release()).toMatchObject({ status: 1, said: expect.stringContaining('npm run release -- VERSION') });
  expect(release('0.0.1')).toMatchObject({ status: 1, said: expect.stringContaining('is older than') });
  const { status, said } = release('99.0.0');
  expect(status, said).toBe(0);

  const versions = places
    .filter((name) => name.endsWith('package.json'))
    .map((name) => JSON.parse(read(name)));
  expect(versions.map(({ version }) => version)).toEqual(versions.map(() => '99.0.0'));
  expect(complaintsAbout(JSON.parse(read('package-lock.json')), (name) => JSON.parse(read(name)))).toEqual(
    [],
  );
  expect(git('diff', '--stat', '--', 'package-lock.json')).toMatch(/\b8 insertions.*\b8 deletions/);
  expect(read('python/pyproject.toml')).toContain('\nversion = "99.0.0"\n');
  expect(read('python/trojanscope/__init__.py')).toContain('__version__ = "99.0.0"');
  expect(read('CITATION.cff')).toMatch(/\nversion: 99\.0\.0\ndate-released: \d{4}-\d\d-\d\d\n/);
  expect(read('CHANGELOG.md')).toMatch(/\n## Unreleased\n\n## 99\.0\.0 \(\d{4}-\d\d-\d\d\)\n\n### Added\n/);
  expect(read('packages/schema/released.graphql')).toBe(read('packages/schema/schema.graphql'));
  expect(read('release/notes.md')).toMatch(/^# trojanscope 99\.0\.0\n\n### Added\n/);
  expect(JSON.parse(read('release/bom.cdx.json')).metadata.component.version).toBe('99.0.0');

  expect(release('99.0.1')).toMatchObject({ status: 1, said: expect.stringContaining('Commit first') });
  git('commit', '-qam', 'Release 99.0.0');
  expect(git('status', '--porcelain')).toBe('');
  expect(release('99.0.0')).toMatchObject({ status: 1, said: expect.stringContaining('has 99.0.0 already') });
  expect(release('99.0.1')).toMatchObject({ status: 1, said: expect.stringContaining('found nothing') });
}, 60_000);
