import { execFile, spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The Python that tests run, with the package as it stands here, and what it needs where CI installed that. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
const python = process.env.TROJANSCOPE_PARITY_PYTHON ?? 'python3';
const paths = [`${root}python`, process.env.TROJANSCOPE_PYTHON_PACKAGES, process.env.PYTHONPATH];
const ENV = { ...process.env, PYTHONPATH: paths.filter(Boolean).join(delimiter), PYTHONWARNINGS: 'ignore' };

/** Whether these modules are there; says so where they are not. */
export function has(...modules) {
  const { status } = spawnSync(python, ['-c', `import ${modules}`], { env: ENV });
  if (status !== 0)
    console.warn(
      `Python has not all of ${modules.join(', ')} (pip install): tests that need them are skipped.`,
    );
  return status === 0;
}

/** What a program printed. Fails with what it said where it fails. */
export async function run(args, env = {}, options = {}) {
  const how = { env: { ...ENV, ...env }, cwd: root, maxBuffer: 2 ** 26, ...options };
  try {
    const { stdout, stderr } = await promisify(execFile)(python, args, how);
    return { stdout, stderr };
  } catch (error) {
    throw new Error(`python ${args.join(' ')}\n${error.stdout}\n${error.stderr}`);
  }
}
