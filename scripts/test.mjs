// npm test [-- VITEST ARGUMENTS]: brings this clone up, then runs all tests once, a real browser's included.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { offline } from './setup/offline.mjs';
import { root, state } from './setup/places.mjs';
import { findChromium, missingMessage } from './setup/prerequisites.mjs';
import { setUp } from './setup/setup.mjs';

const RESULTS = join(state, 'test-results');
const SUMMARY = join(state, 'test-summary'); // the last line below, for CI

const chromium = findChromium();
if (!chromium) {
  console.error(
    `The tests drive a real browser.\n${missingMessage(['chromium'])}\n(Or set CHROMIUM to its path.)`,
  );
  process.exit(1);
}
rmSync(SUMMARY, { force: true });
rmSync(RESULTS, { force: true });
await setUp();

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULTS}`];
// What a test or a page asks of another host fails, where that can be had.
const alone = offline();
console.log(alone.length > 0 ? 'The tests run without a network.' : 'The tests run with the network.');
const [program, ...words] = [
  ...alone,
  process.execPath,
  vitest,
  'run',
  ...reporters,
  ...process.argv.slice(2),
];
const child = spawn(program, words, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, CHROMIUM: chromium },
});
// Ctrl-C reaches vitest by itself; wait for it. What is sent to us alone is passed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('close', (code) => {
  const { passed, failed, skipped } = count(code);
  const summary = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  writeFileSync(SUMMARY, `${summary}\n`);
  console.log(summary);
  process.exitCode = failed > 0 || passed === 0 ? 1 : (code ?? 1);
});

/** A file that cannot be loaded holds no tests, and an error between tests belongs to none: both count as failed. */
function count(code) {
  try {
    const results = JSON.parse(readFileSync(RESULTS, 'utf8'));
    const broken = results.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    const failed = results.numFailedTests + broken.length;
    return {
      passed: results.numPassedTests,
      failed: code !== 0 ? Math.max(1, failed) : failed,
      skipped: results.numPendingTests + results.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
