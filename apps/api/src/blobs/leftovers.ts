import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

const DAY_MS = 24 * 3_600_000;

/** Where files and folders are written beside their place; of data sets the next import clears what was left. */
const FOLDERS = ['artifacts', 'checkpoints', 'models', 'uploads'];

/**
 * Removes what a kill left half written in a data folder. For the start of its server: of itself nothing is being written
 * then, no upload either, but a worker that outlived the last server or an import by command may be at it.
 */
export async function removeLeftovers(dataFolder: string): Promise<void> {
  for (const folder of FOLDERS.map((name) => path.join(dataFolder, name))) {
    for (const name of await namesIn(folder)) {
      if (!name.endsWith('.part')) continue;
      const [, pid] = /\.(\d+)\.[0-9a-f]{8}\.part$/.exec(name) ?? [];
      const left = path.join(folder, name);
      if (!pid || !(await isBeingWritten(left, Number(pid))))
        await rm(left, { recursive: true, force: true });
    }
  }
}

/** Whether a process of this number may be writing there. Numbers are reused: anything older than a day is a leftover. */
export async function isBeingWritten(place: string, pid: number): Promise<boolean> {
  if (pid === process.pid || !isRunning(pid)) return false;
  const { mtimeMs } = await stat(place).catch(orNothing({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < DAY_MS;
}

/** Names beside a folder, hidden by their dot: being written or deleted (part), or being replaced (old). */
export const leftoverName = (name: string, what: 'part' | 'old') =>
  `.${name}.${process.pid}.${randomUUID().slice(0, 8)}.${what}`;

const namesIn = (folder: string) => readdir(folder).catch(orNothing([] as string[]));

/** For a place that is not there, or no more. */
export const orNothing =
  <T>(nothing: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return nothing;
    throw error;
  };

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
