import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { compileAddon, placeFile, sameFile } from './addon.mjs';
import { EXIT_CONFIG, run, StepError } from './child.mjs';
import { cache, lockedVersion, platform, root, sha256, state, which, workFolder } from './places.mjs';

// tfjs-node's own install script fetches libtensorflow 2.9.1 of 2022. The wheels that Python's users get are
// current, and hold the same C library. One file in engine/ pins the wheels, with their hashes, of each
// variant; where there is none (macOS, Windows), the package's own script has to do.

const TENSORFLOW = '2.21.0';
const ENGINES = ['cpu', 'gpu'];
const DOWNLOAD_MB = { cpu: 274, gpu: 3400 };
const LIBRARIES = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
};

const package_ = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
const choiceFile = join(state, 'engine');

const pins = (engine) => fileURLToPath(new URL(`engine/${engine}-${platform}.txt`, import.meta.url));
const hasWheels = (engine) => existsSync(pins(engine));

/** What was asked for, else what this clone was set up with, else what the hardware suggests. */
export function chooseEngine(asked = process.env.TROJANSCOPE_ENGINE) {
  if (asked && !ENGINES.includes(asked)) {
    throw new StepError(`--engine takes ${ENGINES.join(' or ')}; it got "${asked}".`, EXIT_CONFIG);
  }
  if (asked === 'gpu' && !hasWheels('gpu') && hasWheels('cpu')) {
    throw new StepError(
      `There is no GPU engine for ${platform}: leave --engine out, or say --engine cpu.`,
      EXIT_CONFIG,
    );
  }
  const remembered = existsSync(choiceFile) && readFileSync(choiceFile, 'utf8').trim();
  return (
    asked ||
    (ENGINES.includes(remembered) && remembered) ||
    (hasWheels('gpu') && hasNvidiaGpu() ? 'gpu' : 'cpu')
  );
}

export function rememberEngine(engine) {
  if (existsSync(choiceFile) && readFileSync(choiceFile, 'utf8').trim() === engine) return;
  writeFileSync(choiceFile, `${engine}\n`);
}

function hasNvidiaGpu() {
  // Not /proc/driver/nvidia: a container sees that of its host, whether it may use the GPU or not.
  const lists = () => /^GPU 0/.test(spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8' }).stdout);
  return existsSync('/dev/nvidia0') || (which('nvidia-smi') !== undefined && lists());
}

/** <engine>/deps/{lib,include,nvidia} from the wheels, <engine>/tfjs-node-gpu-4.22.0/napi-v8/tfjs_binding.node */
const engineFolder = (engine) => join(cache, `libtensorflow-${TENSORFLOW}-${engine}-${platform}`);

export const libtensorflow = {
  title: ({ engine }) => `Getting TensorFlow ${TENSORFLOW} for the ${engine.toUpperCase()}`,
  isDone: ({ engine }) => !hasWheels(engine) || isIntact(engineFolder(engine), pins(engine)),
  async run({ engine }, report) {
    const folder = engineFolder(engine);
    const work = workFolder(`libtensorflow-${engine}`);
    const [wheels, unpacked] = ['wheels', 'unpacked'].map((name) => join(work, name));
    const watch = setInterval(() => {
      if (existsSync(unpacked)) report('unpacking');
      else report(`${Math.min(megabytesIn(work), DOWNLOAD_MB[engine])} of ${DOWNLOAD_MB[engine]} MB`);
    }, 500);
    try {
      mkdirSync(join(work, 'tmp'));
      await run('python3', ['-m', 'pip', ...pipDownload(pins(engine), wheels)], {
        log: 'libtensorflow',
        // A small /tmp may not hold this; and that nothing is installed needs no virtual environment.
        env: { TMPDIR: join(work, 'tmp'), PIP_REQUIRE_VIRTUALENV: '0', PIP_DISABLE_PIP_VERSION_CHECK: '1' },
        hint: 'The engine comes from PyPI: is it reachable from here (network, proxy, `pip config list`)?',
      });
      mkdirSync(unpacked);
      const script = fileURLToPath(new URL('engine/unpack.py', import.meta.url));
      await run('python3', [script, wheels, join(unpacked, 'deps')], {
        log: 'libtensorflow-unpack',
        hint: 'Is there enough room on the disk? This takes 2 GB, with CUDA 10 GB.',
      });
      for (const [name, target] of Object.entries(LIBRARIES))
        symlinkSync(target, join(unpacked, 'deps', 'lib', name));
      await writeManifest(unpacked, pins(engine));
      if (isIntact(folder, pins(engine))) return; // another clone was faster
      if (existsSync(folder)) renameSync(folder, join(work, 'damaged'));
      renameSync(unpacked, folder);
    } finally {
      clearInterval(watch);
      rmSync(work, { recursive: true, force: true });
    }
  },
};

/** The wheels' hashes decide what is accepted; which Python the user has does not matter to the C library. */
function pipDownload(requirements, into) {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const platforms = ['_2_27', '_2_25', '_2_17', '2014', '_2_12', '2010'].map(
    (glibc) => `manylinux${glibc}_${machine}`,
  );
  return [
    ...['download', '--no-deps', '--only-binary=:all:', '--require-hashes', '-r', requirements, '-d', into],
    ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'],
    ...platforms.flatMap((each) => ['--platform', each]),
  ];
}

export const binding = {
  title: (options) =>
    `${binding.isCached(options) ? 'Placing' : 'Compiling'} the TensorFlow binding (tfjs-node)`,
  isCached: ({ engine }) => !hasWheels(engine) || existsSync(cachedBinding(engine)),
  isDone({ engine }) {
    if (!hasWheels(engine)) return existsSync(installedBinding());
    return (
      linkTarget(join(package_, 'deps')) === join(engineFolder(engine), 'deps') &&
      sameFile(cachedBinding(engine), installedBinding())
    );
  },
  async run({ engine }, report) {
    if (!hasWheels(engine)) return runOwnInstallScript(report);
    const deps = join(engineFolder(engine), 'deps');
    if (!binding.isCached({ engine })) {
      await compileAddon({
        log: 'tfjs-binding',
        packageFolder: package_,
        sources: ['binding.gyp', 'binding'],
        links: { deps },
        variables: [
          '--module_name=tfjs_binding',
          '--module_path=bound',
          `--napi_build_version=${napiVersion()}`,
        ],
        product: 'tfjs_binding.node',
        expect: ['addon.TF_Version', TENSORFLOW],
        into: cachedBinding(engine),
      });
    }
    // The binding finds the libraries by its own place: ../../deps/lib.
    rmSync(join(package_, 'deps'), { recursive: true, force: true });
    symlinkSync(deps, join(package_, 'deps'));
    placeFile(cachedBinding(engine), installedBinding());
  },
};

function cachedBinding(engine) {
  const version = lockedVersion('@tensorflow/tfjs-node-gpu');
  return join(
    engineFolder(engine),
    `tfjs-node-gpu-${version}`,
    `napi-v${napiVersion()}`,
    'tfjs_binding.node',
  );
}

const installedBinding = () => join(package_, 'lib', `napi-v${napiVersion()}`, 'tfjs_binding.node');

/** tfjs-node declares Node-API 3 to 8; of these it looks for the newest that this Node has. */
const napiVersion = () => Math.min(8, Number(process.versions.napi));

async function runOwnInstallScript(report) {
  report(`TensorFlow ${TENSORFLOW} is not to be had for ${platform}: the package fetches its own, older one`);
  await run(process.execPath, ['scripts/install.js', 'cpu', 'download'], {
    log: 'tfjs-install',
    cwd: package_,
    hint: 'The package fetches TensorFlow from a server of its own: is it reachable from here?',
  });
}

/** The manifest is written last. Its quick check is by size and date; the thorough one by hash. */
export async function writeManifest(folder, requirements) {
  const files = [];
  for (const file of filesIn(join(folder, 'deps')).filter((path) => /\.so(\.|$)/.test(path))) {
    const { size, mtime } = statSync(file);
    files.push({
      path: file.slice(folder.length + 1),
      size,
      changed: inSeconds(mtime),
      sha256: await hashOf(file),
    });
  }
  const manifest = { requirements: sha256(readFileSync(requirements)), files };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest, null, 2));
}

export function isIntact(folder, requirements) {
  const manifest = readManifest(folder);
  if (manifest?.requirements !== sha256(readFileSync(requirements))) return false;
  return manifest.files.every(({ path, size, changed }) => {
    const found = statSync(join(folder, path), { throwIfNoEntry: false });
    return found?.size === size && inSeconds(found.mtime) === changed;
  });
}

/** An archive of the cache would keep no more of a date than this. */
const inSeconds = (date) => Math.floor(date.getTime() / 1000);

/** Hashes the cached libraries (a second or two); a folder that fails is forgotten, so that it is fetched anew. */
export async function discardIfDamaged({ engine }, folder = engineFolder(engine)) {
  for (const { path, sha256: expected } of readManifest(folder)?.files ?? []) {
    const file = join(folder, path);
    if (existsSync(file) && (await hashOf(file)) === expected) continue;
    rmSync(join(folder, 'manifest.json'));
    return file;
  }
}

function readManifest(folder) {
  const file = join(folder, 'manifest.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

async function hashOf(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function megabytesIn(folder) {
  try {
    return Math.round(filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0) / 1e6);
  } catch {
    return 0; // pip has just moved something
  }
}

function linkTarget(path) {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
