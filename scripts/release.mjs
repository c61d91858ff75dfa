// npm run release -- VERSION
// Writes a version down wherever it stands, closes the changelog's section, keeps the schema as the released one, and
// leaves in release/ what goes with the tag: the section, the schemas and a bill of materials. Commits nothing.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from './setup/billOfMaterials.mjs';
import { root } from './setup/places.mjs';
import { isOlder } from './setup/supplyChain.mjs';

const UNRELEASED = '## Unreleased';
const SCHEMA = 'packages/schema/schema.graphql';

const refuse = (why) => {
  console.error(why);
  process.exit(1);
};
const at = (name) => join(root, name);
const read = (name) => readFileSync(at(name), 'utf8');

const [version, ...more] = process.argv.slice(2);
const { version: before } = JSON.parse(read('package.json'));
if (!/^\d+\.\d+\.\d+$/.test(version ?? '') || more.length > 0)
  refuse(`Expected npm run release -- VERSION, such as 1.2.3; this is ${before}.`);
if (isOlder(version, before)) refuse(`${version} is older than ${before}.`);

const changed = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
if (changed) refuse(`Commit first, or take back:\n${changed.trimEnd()}`);

const changelog = read('CHANGELOG.md');
if (changelog.includes(`\n## ${version} `)) refuse(`CHANGELOG.md has ${version} already.`);
const section = changelog.split(`${UNRELEASED}\n`)[1]?.split(/^## /m)[0].trim();
if (!section) refuse(`CHANGELOG.md: expected what has changed under “${UNRELEASED}”, found nothing.`);

const today = new Date().toISOString().slice(0, 10);
const lock = JSON.parse(read('package-lock.json'));
const workspaces = Object.keys(lock.packages).filter((path) => path && !path.includes('node_modules'));

/** Every place that has the version, with how it stands there. */
const places = [
  ...['', ...workspaces.map((path) => `${path}/`)].map((path) => [
    `${path}package.json`,
    '"version": "',
    '"',
  ]),
  ['python/pyproject.toml', '\nversion = "', '"'],
  ['python/trojanscope/__init__.py', '__version__ = "', '"'],
  ['CITATION.cff', '\nversion: ', '\n'],
];
for (const [name, opening, closing] of places) {
  const [had, has] = [before, version].map((one) => `${opening}${one}${closing}`);
  if (!read(name).includes(had)) refuse(`${name}: expected ${had.trim()}, as package.json has it.`);
  write(name, read(name).replace(had, has));
}
for (const path of ['', ...workspaces]) lock.packages[path].version = version;
lock.version = version;
write('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
const dated = read('CITATION.cff').replace(/^date-released: .*\n/m, '');
write(
  'CITATION.cff',
  dated.replace(`version: ${version}\n`, `version: ${version}\ndate-released: ${today}\n`),
);
write('CHANGELOG.md', changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## ${version} (${today})`));
cpSync(at(SCHEMA), at('packages/schema/released.graphql'));

rmSync(at('release'), { recursive: true, force: true });
mkdirSync(at('release'));
write('release/notes.md', `# trojanscope ${version}\n\n${section}\n`);
write('release/bom.cdx.json', billOfMaterials(root));
for (const name of ['schema.graphql', 'study.schema.json'])
  cpSync(at(`packages/schema/${name}`), at(`release/${name}`));

console.log(`This is ${version} now. To do:
  npm run check
  git commit -am "Release ${version}" && git tag v${version}
  with the tag: release/notes.md, schema.graphql, study.schema.json, bom.cdx.json`);

function write(name, text) {
  writeFileSync(at(name), text);
}
