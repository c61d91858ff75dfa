import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../../drills/kill.mjs', import.meta.url));

test('worker and server, killed at random moments, lose, double and change nothing', {
  timeout: 240_000,
}, () => {
  // The restart's time limit is for a machine that does nothing else; here other tests run.
  const options = ['--rounds', '3', '--reference', inject('smoke').data, '--ready-limit', '30'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...options], { encoding: 'utf8' });
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  expect(stdout).toContain('Nothing lost, doubled or changed.');
});
