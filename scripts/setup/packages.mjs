import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.mjs';
import { root, which } from './places.mjs';

export const packages = {
  title: () => 'Installing the npm packages, without their scripts',
  isDone: () => isInstalled(root),
  async run() {
    const [command, ...npm] = npmCommand();
    // Builds need the development packages, whatever NODE_ENV says.
    const flags = ['--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    await run(command, [...npm, 'ci', ...flags, '--no-update-notifier', '--no-progress'], {
      log: 'packages',
      hint: 'The packages come from the npm registry: is it reachable from here (network, proxy, `npm ping`)?',
    });
  },
};

/**
 * npm writes node_modules/.package-lock.json last, as a record of what it has installed; an install that
 * was cut off has none. It is what the lock file asks for when each of its packages is the locked one and
 * nothing is missing but what is optional here (binaries for other systems).
 */
export function isInstalled(folder, os = process.platform, cpu = process.arch) {
  const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).packages;
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) return false;
  const locked = read('package-lock.json');
  const installed = read('node_modules/.package-lock.json');
  const same = ([path, { version, integrity, os: systems, cpu: cpus }]) =>
    locked[path]?.version === version &&
    locked[path]?.integrity === integrity &&
    (systems ?? [os]).includes(os) && // else these are another system's packages, in a shared folder
    (cpus ?? [cpu]).includes(cpu);
  const present = ([path, entry]) =>
    path === '' || path in installed || entry.optional || entry.devOptional || entry.peer;
  return Object.entries(installed).every(same) && Object.entries(locked).every(present);
}

/** The npm that started us, else the one on PATH: `[program, ...arguments]`. */
export function npmCommand() {
  const cli = process.env.npm_execpath;
  return cli && /npm-cli\.[cm]?js$/.test(cli) ? [process.execPath, cli] : [which('npm') ?? 'npm'];
}
