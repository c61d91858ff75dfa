import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { betterSqlite3 } from './betterSqlite3.mjs';
import { EXIT_CONFIG, StepError } from './child.mjs';
import { binding, libtensorflow } from './engine.mjs';
import { which } from './places.mjs';

export const OLDEST_NODE = '20.11.0';

/** Who needs it, and what each system calls it. A macOS entry without `brew` comes with Xcode's tools. */
const TOOLS = {
  python: { name: 'python3', apt: 'python3', dnf: 'python3' },
  pip: { name: "python3's pip", apt: 'python3-pip', dnf: 'python3-pip', brew: 'python' },
  compiler: { name: 'a C++ compiler (g++ or clang++)', apt: 'g++', dnf: 'gcc-c++' },
  make: { name: 'make', apt: 'make', dnf: 'make' },
  chromium: { name: 'Chromium or Chrome', apt: 'chromium', dnf: 'chromium', brew: 'google-chrome' },
};

/** Needed only to get and compile what is not in the user's cache yet. */
export const prerequisites = {
  title: () => 'Looking for python3, pip, a C++ compiler and make',
  isDone: (options) => libtensorflow.isDone(options) && binding.isCached(options) && betterSqlite3.isCached(),
  run(options) {
    const missing = missingTools({ pip: !libtensorflow.isDone(options) });
    if (missing.length > 0) throw new StepError(missingMessage(missing));
  },
};

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new StepError(
    `This is Node ${version}; trojanscope needs Node ${OLDEST_NODE} or newer (20, 22 and 24 are tried): from nodejs.org, or \`nvm install 22\`.`,
    EXIT_CONFIG,
  );
}

export function missingTools({ pip }) {
  const works = (command, ...args) =>
    which(command) && spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  // On macOS these programs are always on PATH, as stubs that ask for Xcode's tools.
  if (process.platform === 'darwin' && !works('xcode-select', '-p')) return ['python', 'compiler', 'make'];
  const missing = [];
  if (!works('python3', '-c', '')) missing.push('python');
  if (pip && !works('python3', '-m', 'pip', '--version')) missing.push('pip');
  if (!which('g++') && !which('clang++')) missing.push('compiler');
  if (!which('make')) missing.push('make');
  return missing;
}

/** The Chromium that the tests drive, or undefined. */
export function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const apps = ['Google Chrome', 'Chromium'].map((app) => [`/Applications/${app}.app/Contents/MacOS`, app]);
  return (
    process.env.CHROMIUM ||
    names.map((name) => which(name)).find(Boolean) ||
    apps.map(([folder, app]) => which(app, folder)).find(Boolean)
  );
}

export function missingMessage(missing, system = thisSystem()) {
  return [
    'Missing:',
    ...missing.map((tool) => `    ${TOOLS[tool].name}`),
    'Install with:',
    ...installCommands(missing, system).map((command) => `    ${command}`),
  ].join('\n');
}

function installCommands(missing, system) {
  const packages = (manager) =>
    [...new Set(missing.map((tool) => TOOLS[tool][manager]).filter(Boolean))].join(' ');
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  const commands = {
    debian: `${sudo}apt install ${packages('apt')}`,
    ubuntu: `${sudo}apt install ${packages('apt').replace('chromium', 'chromium-browser')}`,
    fedora: `${sudo}dnf install ${packages('dnf')}`,
    macos: [
      missing.some((tool) => !TOOLS[tool].brew) && 'xcode-select --install',
      packages('brew') && `brew install ${packages('brew')}`,
    ]
      .filter(Boolean)
      .join(' && '),
  };
  if (commands[system]) return [commands[system]];
  return [
    `${commands.debian}    (Debian, Ubuntu)`,
    `${commands.fedora}    (Fedora)`,
    `${commands.macos}    (macOS)`,
  ];
}

function thisSystem() {
  if (process.platform === 'darwin') return 'macos';
  try {
    const release = readFileSync('/etc/os-release', 'utf8');
    const ids = [...release.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)/gm)].flatMap(([, value]) =>
      value.split(' '),
    );
    return ['ubuntu', 'debian', 'fedora'].find((known) => ids.includes(known)) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
