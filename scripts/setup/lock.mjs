import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while no other start works in the same clone. The lock file names the processes that work
 * under it, one per line; it is stale as soon as none of them lives, so a killed start blocks nobody,
 * while an `npm ci` that outlived its start is waited for.
 */
export async function underLock(file, onWait, work) {
  mkdirSync(dirname(file), { recursive: true });
  for (let waits = false; !take(file); ) {
    if (removeIfStale(file)) continue;
    if (!waits) onWait();
    waits = true;
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A process id alone may mean another process after a reboot: where /proc tells, its start time is added. */
export function identify(pid) {
  try {
    return `${pid} ${readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')[19]}`;
  } catch {
    return `${pid}`;
  }
}

function take(file) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${identify(process.pid)}\n`);
  try {
    linkSync(draft, file); // creates the lock with its content, or fails: there is no moment in between
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeIfStale(file) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    const holders = readFileSync(file, 'utf8');
    if (holders.trim().split('\n').some(holds)) return false;
    renameSync(file, aside); // of several starts that wait, one gets it
    // If another start took over since it was read, this is that one's lock: give it back.
    if (readFileSync(aside, 'utf8') !== holders) linkSync(aside, file);
    rmSync(aside);
    return true;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EEXIST') return true; // it has just changed hands: look again
    throw error;
  }
}

const holds = (holder) =>
  isAlive(Number.parseInt(holder, 10)) && identify(Number.parseInt(holder, 10)) === holder;
