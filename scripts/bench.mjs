import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup/setup.mjs';

/** Sets up what is missing, then measures side by side with PyTorch + Pillow: apps/api/bench/bench.mjs. */
await setUp();
const bench = fileURLToPath(new URL('../apps/api/bench/bench.mjs', import.meta.url));
process.exitCode =
  spawnSync(process.execPath, [bench, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1;
