import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './setup/places.mjs';

/** No build checks them. */
const bin = (name) => join(root, 'node_modules', '.bin', name);
test.each([
  ['of all that Node runs, tests too', '.', bin('tsc'), []],
  ['of the dashboard', 'apps/web', bin('tsc'), ['--noEmit']],
  ['of what the dashboard asks', 'apps/web', bin('gql.tada'), ['check']],
])(
  'types hold: %s',
  (_, folder, command, words) => {
    const { status, stdout, stderr } = spawnSync(command, words, {
      cwd: join(root, folder),
      encoding: 'utf8',
    });
    expect(status, `${stdout}${stderr}`).toBe(0);
  },
  300_000,
);
