import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** A temporary folder. */
export async function temporaryFolder() {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'trojanscope-data-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Contents by their path in a folder or archive. */
export type Files = Record<string, Uint8Array | string>;

/** Writes files below a folder, which is made. @returns the folder */
export async function writeFiles(folder: string, files: Files): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

/** What lies where data sets are kept, hidden folders too. */
export const datasetsIn = (dataFolder: string): Promise<string[]> =>
  readdir(path.join(dataFolder, 'datasets')).catch(() => []);
