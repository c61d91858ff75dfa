import path from 'node:path';
import { listFolder } from './folder.js';
import { listHash } from './hashes.js';
import { decodeImage } from './imageFile.js';
import { type FolderSamples, imageFolderSamples } from './imageFolderSamples.js';
import { checkFree, checkOwnId, install, type Place } from './install.js';
import { type Manifest, readManifest } from './manifest.js';
import { type Imported, writePackedInfo } from './packedWriter.js';
import { packImages, type Sample, type Watch } from './packImages.js';
import { count } from './sourceFile.js';

export interface ImageFolderImport extends Place, Watch {
  /** Folder with a manifest.json and a folder of images for each class. */
  from: string;
}

/**
 * Makes a data set of a folder of images.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importImageFolder(job: ImageFolderImport): Promise<Imported> {
  checkOwnId(job.id);
  checkFree(job);
  const files = await listFolder(job.from);
  const manifest = await readManifest(job.from, files);
  const samples = imageFolderSamples(job.from, files, manifest);
  return install(job, (folder) => pack(folder, manifest, samples, job));
}

async function pack(
  folder: string,
  { title, description, source, size, channels, classNames }: Manifest,
  samples: FolderSamples,
  job: ImageFolderImport,
): Promise<Imported> {
  const counts = { train: samples.train.length, test: samples.test.length };
  const total = counts.train + counts.test;
  const read = listHash();
  const decode = (bytes: Buffer, { file }: Sample) => {
    read.add(file.name, bytes);
    return decodeImage(bytes, file.where, channels);
  };
  await packImages(folder, samples, decode, job);
  const name = path.basename(path.resolve(job.from));
  const imported = {
    from: `The folder ${name}: ${count(total)} images of ${samples.classFolders.length} classes.`,
    files: [{ name: `${name}, ${count(total)} images`, ...read.digest() }],
    at: new Date().toISOString(),
  };
  await writePackedInfo(folder, {
    title,
    description,
    source,
    shape: { height: size, width: size, channels },
    classNames: samples.classFolders.map((name) => classNames?.[name] ?? name),
    counts,
    imported,
  });
  return imported;
}
