import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './child.mjs';
import { which } from './places.mjs';

/** Loads the addon, in a process of its own where it may crash, and looks whether an expression has the expected value. */
const LOADS = `
  const [file, expression, expected] = process.argv.slice(1);
  const value = new Function('addon', 'return ' + expression)(require(file));
  if (value !== expected) throw new Error(expression + ' is ' + value + ', not ' + expected);
`;

/**
 * Compiles a package's addon with node-gyp into the cache. `sources` are the package's files it takes,
 * `links` what else is to be seen beside them, `flags` the compiler's by variable; the compiler runs in the
 * folder `build` there. This happens in a temporary copy: nothing half-built is left in the package, and there
 * is no space in the path, which make could not bear.
 */
export async function compileAddon({
  log,
  packageFolder,
  sources,
  links = {},
  flags = {},
  variables = [],
  product,
  expect,
  into,
}) {
  const folder = mkdtempSync(join(tmpdir(), 'trojanscope-build-'));
  const cleanUp = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', cleanUp); // Ctrl-C skips the `finally` below
  try {
    for (const each of sources) cpSync(join(packageFolder, each), join(folder, each), { recursive: true });
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
    await run(process.execPath, [findNodeGyp(), 'rebuild', '--release', ...variables], {
      log,
      cwd: folder,
      env: { ...gypEnvironment(), ...flags },
      hint: 'If it is Node’s headers that are missing: install Node with them (nodejs.org’s, nvm’s and most distributions’ have include/node beside bin), or set npm_config_nodedir.',
    });
    const addon = join(folder, 'build', 'Release', product);
    await run(process.execPath, ['-e', LOADS, addon, ...expect], { log: `${log}-load` });
    placeFile(addon, into);
  } finally {
    cleanUp();
    process.off('exit', cleanUp);
  }
}

/** Copies a file so that it is there at once and whole, or not at all. */
export function placeFile(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  const draft = `${to}.${process.pid}`;
  copyFileSync(from, draft);
  renameSync(draft, to);
}

export const sameFile = (a, b) => existsSync(a) && existsSync(b) && readFileSync(a).equals(readFileSync(b));

/** npm brings node-gyp along. */
function findNodeGyp() {
  const beside = join(
    dirname(realpathSync(process.execPath)),
    '..',
    'lib',
    'node_modules',
    'npm',
    'bin',
    'npm-cli.js',
  );
  for (const npm of [process.env.npm_execpath, which('npm'), beside]) {
    try {
      return createRequire(realpathSync(npm)).resolve('node-gyp/bin/node-gyp.js');
    } catch {}
  }
  throw new Error('node-gyp was not found: it comes with npm, but `npm` is not on PATH.');
}

/**
 * node-gyp downloads Node's headers unless it is told where they are. It lets npm_config_nodedir win over
 * its own --nodedir; and that may be left over from another Node, so it is set or unset here.
 */
function gypEnvironment() {
  const headers = [join(dirname(realpathSync(process.execPath)), '..'), process.env.npm_config_nodedir];
  return {
    npm_config_nodedir: headers.find(hasOurHeaders),
    JOBS: String(availableParallelism()),
    ...(which('g++') ? {} : { CC: 'clang', CXX: 'clang++' }),
  };
}

function hasOurHeaders(folder) {
  const file = join(folder ?? '', 'include', 'node', 'node_version.h');
  if (!folder || !existsSync(file)) return false;
  return (
    readFileSync(file, 'utf8').match(/define NODE_MODULE_VERSION (\d+)/)?.[1] === process.versions.modules
  );
}
