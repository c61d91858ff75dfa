import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CheckedPlugins,
  hashOfPlugin,
  PLUGINS,
  PLUGINS_CHECKED,
  pluginNames,
  wordsOf,
} from '@trojanscope/core/pluginFolder';
import type { FromTrial } from './trialProcess.js';

const TRIAL = fileURLToPath(new URL('./trialProcess.js', import.meta.url));
/** For one module to load, or one check to end. */
const DEADLINE_MS = 60_000;

/** One check of a definition; `error` where it did not pass. */
export type TriedCheck = Extract<FromTrial, { type: 'checked' }>;

/**
 * Loads plugins in a process of their own and holds what they define against the contract of such definitions, so that
 * what is faulty, never ends or ends its process is found out there.
 * @param dataFolder whose data sets' ids are taken
 */
export async function tryPlugins(
  folder: string,
  { dataFolder, onCheck = () => {} }: { dataFolder?: string; onCheck?(check: TriedCheck): void } = {},
): Promise<CheckedPlugins> {
  const found: CheckedPlugins = { files: {}, leftOut: {} };
  for (const name of pluginNames(folder)) {
    try {
      found.files[name] = hashOfPlugin(folder, name);
      if (process.platform !== 'win32' && (statSync(path.join(folder, name)).mode & 0o002) !== 0)
        found.leftOut[name] =
          'everybody may write to it, and it would run with the server’s rights; run chmod o-w on it';
    } catch (error) {
      found.leftOut[name] = wordsOf(error);
    }
  }
  // Each time at least one more is left out.
  while (!(await trial(folder, found, dataFolder, onCheck)));
  return found;
}

/** @returns whether it came to its end; what is to be left out is noted in `found` */
async function trial(
  folder: string,
  found: CheckedPlugins,
  dataFolder: string | undefined,
  onCheck: (check: TriedCheck) => void,
): Promise<boolean> {
  const child: ChildProcess = fork(TRIAL, dataFolder === undefined ? [] : [dataFolder], {
    env: { ...process.env, [PLUGINS]: folder, [PLUGINS_CHECKED]: JSON.stringify(found) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let [trying, done, late]: [string | undefined, boolean, boolean] = [undefined, false, false];
  let timer: NodeJS.Timeout | undefined;
  child.on('message', (message: FromTrial) => {
    if (message.type === 'trying') {
      trying = message.what;
      clearTimeout(timer);
      timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, DEADLINE_MS);
    } else if (message.type === 'leftOut') found.leftOut[message.what] ??= message.why;
    else if (message.type === 'checked') onCheck(message);
    else done = true;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  if (done) return true;
  if (!trying || found.leftOut[trying])
    throw new Error(`Plugins cannot be tried: the process for it ended (${signal ?? `exit ${code}`}).`);
  found.leftOut[trying] = late
    ? `it did not come to an end within ${DEADLINE_MS / 1_000} s`
    : `it ended the process that it was tried in (${signal ?? `exit ${code}`})`;
  return false;
}
