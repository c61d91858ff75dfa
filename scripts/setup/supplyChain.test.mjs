import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { billOfMaterials } from './billOfMaterials.mjs';
import { root } from './places.mjs';
import { complaintsAbout } from './supplyChain.mjs';

const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));
const lock = read('package-lock.json');

it('the lock is whole, names no addresses, and holds no scripts or versions that nobody allowed', () => {
  expect(Object.keys(lock.packages).length).toBeGreaterThan(500);
  expect(complaintsAbout(lock, read)).toEqual([]);
});

it('the bill of materials has all of the lock', () => {
  const { components } = JSON.parse(billOfMaterials(root));
  const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl.split('?')[0])));
  const locked = Object.entries(lock.packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  );
  const missing = locked
    .map(([path, { name, version }]) => `pkg:npm/${name ?? path.split('node_modules/').at(-1)}@${version}`)
    .filter((purl) => !listed.has(purl));
  expect(missing).toEqual([]);
});

it('what is amiss is found', () => {
  const packages = {
    '': { dependencies: { a: '^1.0.0' } },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '1.0.0', integrity: 'sha512-b', resolved: 'https://registry.example/b.tgz' },
    'node_modules/c': { version: '1.0.0', integrity: 'sha512-c', hasInstallScript: true },
    'node_modules/b/node_modules/yauzl': { version: '2.10.0', integrity: 'sha512-y' },
  };
  expect(complaintsAbout({ packages }, () => ({ dependencies: { a: '^2.0.0' } }))).toEqual([
    'node_modules/a has no SHA-512.',
    'node_modules/b names where it comes from.',
    'node_modules/c has an install script.',
    'node_modules/b/node_modules/yauzl is 2.10.0; expected 3.3.0 or newer.',
    'the root: a is not locked as asked for.',
  ]);
});
