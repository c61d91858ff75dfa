import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { backup } from './backup.js';
import { DEMO_ARCHIVE, DEMO_PRESET } from './demo.js';

/** `npm run make-demo`: runs the preset from nothing, some minutes, and writes what it came to over the demo's archive. */
const folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-make-demo-'));
process.once('SIGINT', () => {});
try {
  const cli = fileURLToPath(new URL('../cli.js', import.meta.url));
  const run = spawn(process.execPath, [cli, 'study', 'run', DEMO_PRESET, '--data', folder], {
    stdio: 'inherit',
  });
  const [code] = await once(run, 'exit');
  if (code === 0) {
    await mkdir(path.dirname(DEMO_ARCHIVE), { recursive: true });
    const bytes = await backup({ dataFolder: folder, to: DEMO_ARCHIVE, replace: true });
    // A backup is its owner's alone; this one is everybody's.
    await chmod(DEMO_ARCHIVE, 0o644);
    console.log(`${DEMO_ARCHIVE} is made anew, ${(bytes / 1e6).toFixed(1)} MB.`);
  }
  process.exitCode = code ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
