import path from 'node:path';
import { count } from '../archives/sourceFile.js';
import { hashFile, listHash } from './hashes.js';
import { decodeImage } from './imageFile.js';
import { type FolderSamples, imageFolderSamples } from './imageFolderSamples.js';
import { checkFree, checkOwnId, install, type Place } from './install.js';
import { type Manifest, readManifest } from './manifest.js';
import { type Imported, writePackedInfo } from './packedWriter.js';
import { packImages, type Sample, type Watch } from './packImages.js';
import { openSource, type Source } from './source.js';

export interface ImageFolderImport extends Place, Watch {
  /** Folder with a manifest.json and a folder of images for each class, or a zip archive of it. */
  from: string;
  /** How the record names the source; else by the folder's or archive's name. */
  origin?: string;
}

/**
 * Makes a data set of a folder of images, which may be packed.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importImageFolder(job: ImageFolderImport): Promise<Imported> {
  checkOwnId(job.id);
  checkFree(job);
  const source = await openSource(job.from);
  try {
    const manifest = await readManifest(source.where, source.files);
    const samples = imageFolderSamples(source.where, source.files, manifest);
    return await install(job, (folder) => pack(folder, manifest, samples, source, job));
  } finally {
    await source.close();
  }
}

async function pack(
  folder: string,
  { title, description, source, size, channels, classNames }: Manifest,
  samples: FolderSamples,
  { archive }: Source,
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
  const name = job.origin ?? path.basename(path.resolve(job.from));
  const imported = {
    from: `The ${archive ? 'archive' : 'folder'} ${name}: ${count(total)} images of ${samples.classFolders.length} classes.`,
    files: [
      archive
        ? await fileRecord(name, archive)
        : { name: `${name}, ${count(total)} images`, ...read.digest() },
    ],
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

async function fileRecord(name: string, archive: string): Promise<Imported['files'][number]> {
  const { bytes, sha256 } = await hashFile(archive);
  return { name, bytes, sha256 };
}
