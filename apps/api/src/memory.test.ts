import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../drills/memory.mjs', import.meta.url));

// Only Linux tells the largest that a process ever was.
test.runIf(existsSync('/proc/self/status'))(
  'large images take no more memory than small ones may',
  {
    timeout: 240_000,
  },
  () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--short'], { encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
    expect(stdout).toContain('No process took');
  },
);
