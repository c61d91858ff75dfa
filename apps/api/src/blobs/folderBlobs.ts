import { mkdir, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { TrojanscopeError } from '@trojanscope/core';
import type { Blobs } from './blobs.js';
import { leftoverName, orNothing, removeLeftovers } from './leftovers.js';

/** Blobs in a data folder of this machine, each at the path that is its key. */
export function createFolderBlobs(dataFolder: string): Blobs {
  const placeOf = (key: string) => path.join(dataFolder, ...key.split('/'));
  return {
    read: (key) =>
      readFile(placeOf(key)).catch((error) => {
        orNothing(undefined)(error);
        throw new TrojanscopeError('DATA_MISSING', `${key} is not there.`);
      }),
    localPath: async (key) => placeOf(key),
    async put(key, write) {
      const place = placeOf(key);
      await mkdir(path.dirname(place), { recursive: true });
      return write(place);
    },
    version: (key) =>
      stat(placeOf(key)).then(({ mtimeMs, ino }) => `${mtimeMs}/${ino}`, orNothing(undefined)),
    async list(folder) {
      const names = await readdir(placeOf(folder)).catch(orNothing([] as string[]));
      return names.filter((name) => !name.startsWith('.')).sort();
    },
    async remove(key) {
      const place = placeOf(key);
      const there = await stat(place).catch(orNothing(undefined));
      if (!there?.isDirectory()) return rm(place, { force: true }).catch(orNothing(undefined));
      // Aside first: a kill in the middle of the removal leaves no half folder.
      const aside = path.join(path.dirname(place), leftoverName(path.basename(place), 'part'));
      await rename(place, aside).catch(orNothing(undefined));
      await rm(aside, { recursive: true, force: true });
    },
    async freeBytes() {
      const { bavail, bsize } = await statfs(dataFolder);
      return bavail * bsize;
    },
    removeLeftovers: () => removeLeftovers(dataFolder),
  };
}
