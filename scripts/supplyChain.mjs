// node scripts/supplyChain.mjs
// What comes from others: the lock against the lists below, then a CycloneDX bill of materials of everything installed,
// by a program that npx fetches. The first half runs with npm test. Needs a build (npm start or npm test makes one).
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createFindings } from '@trojanscope/testing/findings';
import { root } from './setup/places.mjs';
import { complaintsAbout } from './setup/supplyChain.mjs';

const SBOM = '@cyclonedx/cyclonedx-npm@4';

const { check, end } = createFindings();
const read = (name) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8'));
const lock = read('package-lock.json');
for (const complaint of complaintsAbout(lock, read)) check(false, complaint);

const { status, stdout, stderr } = spawnSync(
  'npx',
  ['--yes', SBOM, '--package-lock-only', '--output-format', 'JSON', '--output-file', '-'],
  { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
);
if (check(status === 0, `${SBOM} ended with ${status}: ${stderr.slice(-500)}`)) {
  const { components } = JSON.parse(stdout);
  const listed = new Set(
    components
      .flatMap(all)
      .map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`),
  );
  const missing = locked().filter((name) => !listed.has(name));
  check(missing.length === 0, `Not in the bill of materials: ${missing.slice(0, 10).join(', ')}.`);
  end(
    { 'packages in the lock, in the bill of materials': `${locked().length}, ${listed.size}` },
    'Nothing that is not known.',
  );
}
end({}, 'Nothing that is not known.');

/** A component with those inside it. */
function all(component) {
  return [component, ...(component.components ?? []).flatMap(all)];
}

function locked() {
  const entries = Object.entries(lock.packages).filter(
    ([path, { link }]) => path.includes('node_modules/') && !link,
  );
  return [
    ...new Set(
      entries.map(([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`),
    ),
  ];
}
