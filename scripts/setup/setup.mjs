import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { betterSqlite3 } from './betterSqlite3.mjs';
import { dashboard, server } from './build.mjs';
import { EXIT_CONFIG, lockFile, StepError, stopChildren } from './child.mjs';
import { binding, chooseEngine, discardIfDamaged, libtensorflow, rememberEngine } from './engine.mjs';
import { underLock } from './lock.mjs';
import { packages } from './packages.mjs';
import { root, state } from './places.mjs';
import { checkNode, prerequisites } from './prerequisites.mjs';
import { runSteps } from './steps.mjs';

/** Each step with those it waits for. */
const STEPS = [
  [prerequisites],
  [packages, prerequisites],
  [libtensorflow, prerequisites],
  [betterSqlite3, packages],
  [binding, packages, libtensorflow],
  [server, packages],
  [dashboard, packages, server],
];

/**
 * Brings this clone up, as far as it is not; then it takes milliseconds and says nothing. Ends the process
 * with a message when that fails.
 *
 * @param {object} wanted
 * @param {'cpu' | 'gpu'} [wanted.engine] decided by the hardware when left out
 * @param {boolean} [wanted.dashboard] false where the pages are not needed
 * @param {boolean} [wanted.thorough] compare the engine's libraries with their hashes
 */
export async function setUp({ engine: asked, dashboard: pages = true, thorough = false } = {}) {
  try {
    checkNode();
    const options = { engine: chooseEngine(asked) };
    const steps = STEPS.filter(([step]) => pages || step !== dashboard);
    mkdirSync(state, { recursive: true });
    // A clone that is set up may belong to somebody else.
    if (!existsSync(join(state, '.gitignore'))) writeFileSync(join(state, '.gitignore'), '*\n');
    if (thorough) {
      const damaged = await discardIfDamaged(options);
      if (damaged) console.error(`${damaged} is not what was unpacked: it is fetched again.`);
    }
    if (steps.some(([step]) => step !== prerequisites && !step.isDone(options))) {
      await stoppable(() =>
        underLock(lockFile, sayWaiting, () =>
          runSteps(new Map(steps.map(([step, ...after]) => [step, after])), options),
        ),
      );
    }
    rememberEngine(options.engine);
  } catch (error) {
    const said = error instanceof StepError ? error : refusedBySystem(error);
    if (!said) throw error;
    console.error(said.message);
    process.exit(said.status);
  }
}

/** What has to be set up and may not be: in a clone of somebody else, or mounted read-only; or without room. */
function refusedBySystem({ code, path }) {
  if (['EACCES', 'EPERM', 'EROFS'].includes(code))
    return new StepError(
      `Something has to be set up, and ${path} cannot be written (${code}): run \`npm start\` once as the owner of ${root}, with this Node.`,
      EXIT_CONFIG,
    );
  if (code === 'ENOSPC') return new StepError(`The disk is full at ${path}. Make room, then start again.`);
}

function sayWaiting() {
  console.error(
    `Another start is setting this clone up: waiting for it. (If there is none, delete ${lockFile}.)`,
  );
}

/** Ctrl-C stops what set-up has started, too. The lock stays behind until the last of that is gone, and no longer. */
async function stoppable(work) {
  const stop = (signal) => {
    stopChildren();
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  try {
    await work();
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Continues as another script of this clone: same process, so signals and the exit code are its own. */
export async function become(script, args) {
  const path = join(root, script);
  process.argv.splice(1, process.argv.length, path, ...args);
  await import(pathToFileURL(path).href);
}
