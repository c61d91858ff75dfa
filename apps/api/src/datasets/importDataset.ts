import { datasets, TrojanscopeError } from '@trojanscope/core';
import { importCifar10 } from './cifar10.js';
import { importFashionMnist } from './fashionMnist.js';
import { importGtsrb } from './gtsrb.js';
import { type ImageFolderImport, importImageFolder } from './imageFolder.js';
import type { Imported } from './packedWriter.js';

/** Data sets that trojanscope knows by itself and that have to be imported; any other id is one of a folder of images. */
const IMPORTERS = {
  'fashion-mnist': importFashionMnist,
  gtsrb: importGtsrb,
  'cifar-10': importCifar10,
} satisfies Partial<Record<keyof typeof datasets, (job: ImageFolderImport) => Promise<Imported>>>;

const importerOf = (id: string) =>
  Object.hasOwn(IMPORTERS, id) ? IMPORTERS[id as keyof typeof IMPORTERS] : undefined;

export const isImporter = (id: string): id is keyof typeof IMPORTERS => importerOf(id) !== undefined;

/** @throws TrojanscopeError BAD_USER_INPUT where a data set that is defined by its images would lose some */
export function checkSkipping(id: string, skipUnreadable?: boolean): void {
  if (skipUnreadable && isImporter(id))
    throw new TrojanscopeError(
      'BAD_USER_INPUT',
      `${datasets[id].title} is all of its images: none can be left out. Import them as a folder of images, under another id.`,
      ['skipUnreadable'],
    );
}

/**
 * Imports a data set by its id: its own files where trojanscope knows it, else a folder of images.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export const importDataset = (job: ImageFolderImport): Promise<Imported> =>
  (importerOf(job.id) ?? importImageFolder)(job);
