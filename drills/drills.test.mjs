import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';

/**
 * Every drill and the benchmark in a form of seconds, so that none breaks unseen. Their figures say nothing here, where
 * other tests run beside them: where only figures are at fault, it is enough that they come to their end. `kill`,
 * `subscribers` and `memory` have tests of their own beside the API.
 */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const { data } = inject('smoke');
const has = (program, ...args) => spawnSync(program, args).status === 0;
const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const hasPeer = has(python, '-c', 'import numpy, torch, PIL');
if (!hasPeer) console.log(`skipped: the benchmark, as ${python} has no torch, numpy and Pillow`);

/** Name, arguments, what it says at its end, whether it may be short of its figures, what it needs. */
const DRILLS = [
  ['backup', ['--models', '5', '--data', data], /All of it is there\./, false, true],
  [
    'load',
    ['--clients', '2', '--models', '20', '--seconds', '1', '--data', data],
    /Quick enough|FAILURES/,
    true,
    true,
  ],
  ['volume', ['--models', '20'], /largest heap|nodes/i, true, true],
  ['soak', ['--minutes', '0.3', '--warm-up', '0.1'], /server|FAILURES/, true, true],
  ['freeze', [], /the frozen worker is gone, the job SUCCEEDED/, true, true],
  ['diskFull', [], /Nothing lost/, false, has('unshare', '--user', '--map-root-user', '--mount', 'true')],
  ['clock', ['--data', data], /\w/, false, has('faketime', '--version')],
  ['outgoing', ['--requests', '20'], /connections tried +0\n/, true, has('strace', '--version')],
  ['fuzz', ['--examples', '1', '--data', data], /\w/, true, has(python, '-c', 'import schemathesis')],
];

function run(script, args, env = {}) {
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

for (const [name, args, ends, mayFallShort, there] of DRILLS)
  test.concurrent.runIf(there)(`${name} ${args.join(' ').replace(data, 'DATA')}`, async () => {
    const { code, said } = await run(here(`${name}.mjs`), args);
    expect(said).toMatch(ends);
    expect(said).not.toMatch(/(Reference|Type|Syntax)Error|ERR_MODULE_NOT_FOUND|\n\s+at /);
    if (!mayFallShort) expect(code, said).toBe(0);
  });

test.concurrent.runIf(hasPeer)('the benchmark, one pair of each task', async () => {
  const bench = createRequire(import.meta.url).resolve('../apps/api/bench/bench.mjs');
  const { code, said } = await run(bench, ['--short', '--json'], { PYTHON: python });
  expect(code, said).toBe(0);
  const { results } = JSON.parse(said.slice(said.indexOf('\n{') + 1));
  expect(results).toHaveLength(12);
  for (const { ours, peer } of results) expect(Math.min(ours, peer)).toBeGreaterThan(0);
});
