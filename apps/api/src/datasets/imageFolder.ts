import path from 'node:path';
import { SPLITS } from '@trojanscope/core';
import { withoutOuterFolder } from '../archives/readZip.js';
import { count, damaged, several } from '../archives/sourceFile.js';
import { hashFile, listHash } from './hashes.js';
import { decodeImage } from './imageFile.js';
import { type FolderSamples, imageFolderSamples } from './imageFolderSamples.js';
import { checkFree, checkOwnId, install, type Place } from './install.js';
import { type Manifest, readManifest } from './manifest.js';
import { type Imported, removeSplit, writePackedInfo } from './packedWriter.js';
import { packImages, refuseUnreadable, type Sample, type Unreadable, type Watch } from './packImages.js';
import { openSource, type Source } from './source.js';

export interface ImageFolderImport extends Place, Watch {
  /** Folder with a manifest.json and a folder of images for each class, or a zip archive of it. */
  from: string;
  /** How the record names the source; else by the folder's or archive's name. */
  origin?: string;
  /** Leave out what cannot be read, and record that, instead of refusing it all. */
  skipUnreadable?: boolean;
}

/**
 * Makes a data set of a folder of images, which may be packed.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError BAD_USER_INPUT, DATA_MISSING, DATA_DAMAGED, CONFLICT, ABORTED
 */
export async function importImageFolder(job: ImageFolderImport): Promise<Imported> {
  checkOwnId(job.id);
  await checkFree(job);
  const opened = await openSource(job.from);
  const source = { ...opened, files: withoutOuterFolder(opened.files) };
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
  manifest: Manifest,
  samples: FolderSamples,
  source: Source,
  job: ImageFolderImport,
): Promise<Imported> {
  const { title, description, source: citation, size, channels, classNames: titles, classOrder } = manifest;
  const { archive, where } = source;
  const packed = await packAll(folder, samples, channels, job);
  const unreadable = [...samples.unreadable, ...packed.unreadable].sort(byName);
  let [kept, { read }] = [samples, packed];
  if (unreadable.length > 0) {
    if (!job.skipUnreadable) throw refuseUnreadable(where, unreadable, HINT);
    kept = samplesWithout(unreadable, samples, source, manifest);
    if (packed.unreadable.length > 0) {
      for (const split of SPLITS) await removeSplit(folder, split);
      const again = await packAll(folder, kept, channels, job);
      if (again.unreadable.length > 0) throw refuseUnreadable(where, again.unreadable);
      read = again.read;
    }
  }
  const counts = { train: kept.train.length, test: kept.test.length };
  const total = counts.train + counts.test;
  const left = unreadable.length > 0 ? ` Left out as unreadable: ${count(unreadable.length)}.` : '';
  const name = job.origin ?? path.basename(path.resolve(job.from));
  const notes = [...source.notes, ...kept.notes];
  const imported = {
    from: `The ${archive ? 'archive' : 'folder'} ${name}: ${count(total)} images of ${kept.classFolders.length} classes.${left}`,
    files: [
      archive
        ? await fileRecord(name, archive)
        : { name: `${name}, ${count(total)} images`, ...read.digest() },
    ],
    ...(unreadable.length > 0 && {
      skipped: unreadable.map(({ file, reason }) => ({ name: file.name, reason })),
    }),
    ...(notes.length > 0 && { notes }),
    at: new Date().toISOString(),
  };
  const { classFolders } = kept;
  const classNames = classFolders.map((name) => titles?.[name] ?? name);
  await writePackedInfo(folder, {
    title,
    description,
    source: citation,
    shape: { height: size, width: size, channels },
    classNames,
    classOrder: typeof classOrder === 'string' ? classOrder : 'listed',
    ...(titles && { classFolders }),
    counts,
    imported,
  });
  return imported;
}

const HINT = ' To leave out what cannot be read, add --skip-unreadable (over the API, skipUnreadable: true).';

const byName = (a: Unreadable, b: Unreadable) => (a.file.name < b.file.name ? -1 : 1);

/** @returns what of them was read, and what cannot be */
async function packAll(folder: string, samples: FolderSamples, channels: 1 | 3, watch: Watch) {
  const read = listHash();
  const decode = async (bytes: Buffer, { file }: Sample) => {
    const picture = await decodeImage(bytes, file.where, channels);
    read.add(file.name, bytes);
    return picture;
  };
  return { read, unreadable: await packImages(folder, samples, decode, watch) };
}

/**
 * The samples as if what cannot be read had never been there: a test that is drawn is drawn of the others.
 * @throws TrojanscopeError DATA_DAMAGED where a class is left without images
 */
function samplesWithout(
  unreadable: readonly Unreadable[],
  { classFolders, train }: FolderSamples,
  { where, files }: Source,
  manifest: Manifest,
): FolderSamples {
  const left = new Set(unreadable.map(({ file }) => file));
  const kept = imageFolderSamples(
    where,
    files.filter((file) => !left.has(file)),
    manifest,
  );
  const empty = classFolders.filter((name) => !kept.classFolders.includes(name));
  if (empty.length > 0) throw damaged(where, `no image can be read of the classes ${several(empty)}.`);
  if (train.length > 0 && kept.train.length === 0) throw damaged(where, 'no image to train on can be read.');
  return kept;
}

async function fileRecord(name: string, archive: string): Promise<Imported['files'][number]> {
  const { bytes, sha256 } = await hashFile(archive);
  return { name, bytes, sha256 };
}
