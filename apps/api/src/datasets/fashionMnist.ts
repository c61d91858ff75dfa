import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { datasets, type SplitName, TrojanscopeError } from '@trojanscope/core';
import { count, damaged, type SourceFile } from '../archives/sourceFile.js';
import { hashFile, listHash } from './hashes.js';
import { checkFree, install, type Place } from './install.js';
import { type Imported, recordImport } from './packedWriter.js';
import { packImages, type Watch } from './packImages.js';
import { openSource, type Source } from './source.js';

/** Where Debian's package `dataset-fashion-mnist` puts the four files. */
const SYSTEM_FOLDER = '/usr/share/datasets/fashion-mnist';

/** Where a data set lies that the system has, whether or not it is there; undefined for all others. */
export const systemFolder = (id: string): string | undefined =>
  id === 'fashion-mnist' ? SYSTEM_FOLDER : undefined;

export interface IdxFile {
  name: string;
  /** Of what is in it, unpacked: how it is packed differs from place to place. */
  sha256: string;
}
type IdxFiles = Record<SplitName, { images: IdxFile; labels: IdxFile }>;

/**
 * The four files; what is in them was measured on archives with the MD5s that
 * https://github.com/zalandoresearch/fashion-mnist names.
 */
const OFFICIAL: IdxFiles = {
  train: {
    images: {
      name: 'train-images-idx3-ubyte',
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
  },
  test: {
    images: {
      name: 't10k-images-idx3-ubyte',
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
};

export interface FashionMnistImport extends Omit<Place, 'id'>, Watch {
  /** Folder or zip archive with the four files, each packed with gzip or not. */
  from: string;
  /** How the record names the source; else by its name. */
  origin?: string;
  /** For tests with small files. */
  official?: IdxFiles;
  counts?: Record<SplitName, number>;
}

/**
 * Imports Fashion-MNIST as its authors publish it.
 * @returns what was imported, also recorded in `dataset.json`
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED for anything but the official files, CONFLICT, ABORTED
 */
export async function importFashionMnist(job: FashionMnistImport): Promise<Imported> {
  const place = { ...job, id: 'fashion-mnist' };
  await checkFree(place);
  if (job.from === SYSTEM_FOLDER && !existsSync(SYSTEM_FOLDER))
    throw new TrojanscopeError(
      'DATA_MISSING',
      `${SYSTEM_FOLDER} is not there. Run \`apt install dataset-fashion-mnist\`, or name the folder of the four ` +
        'files with --from.',
    );
  const source = await openSource(job.from);
  try {
    return await install(place, (folder) => pack(folder, source, job));
  } finally {
    await source.close();
  }
}

async function pack(folder: string, source: Source, job: FashionMnistImport): Promise<Imported> {
  const { official = OFFICIAL, counts = datasets['fashion-mnist'].counts } = job;
  const { height, width } = datasets['fashion-mnist'].shape;
  const read = listHash();
  const samplesOf = async (split: SplitName) => {
    const { images, labels } = official[split];
    const pixels = await readIdx(source, images, [counts[split], height, width], read);
    const kinds = await readIdx(source, labels, [counts[split]], read);
    return Array.from(kinds, (label, i) => {
      const name = `${images.name}/${i}`;
      const bytes = pixels.subarray(i * height * width, (i + 1) * height * width);
      return { label, name, file: { name, where: name, read: async () => bytes } };
    });
  };
  const samples = { train: await samplesOf('train'), test: await samplesOf('test') };
  await packImages(folder, samples, (pixels) => ({ height, width, channels: 1, pixels }), job);
  const name = job.origin ?? path.basename(path.resolve(job.from));
  return recordImport(folder, 'fashion-mnist', counts, {
    from: `The ${source.archive ? 'archive' : 'folder'} ${name}; the official files, by the SHA-256 of what is in them.`,
    files: [await hashOf()],
    notes: source.notes,
  });

  async function hashOf() {
    if (!source.archive) return { name: `${name}, 4 files, unpacked`, ...read.digest() };
    const { bytes, sha256 } = await hashFile(source.archive);
    return { name, bytes, sha256 };
  }
}

/** What is in an IDX file of bytes after its header: a magic number and a big-endian int32 for each size. */
async function readIdx(
  source: Source,
  { name, sha256 }: IdxFile,
  sizes: readonly number[],
  read: ReturnType<typeof listHash>,
): Promise<Buffer> {
  const file = findFile(source, name);
  const header = 4 + 4 * sizes.length;
  const expected = header + sizes.reduce((product, size) => product * size, 1);
  const packed = await file.read();
  const bytes = packed[0] === 0x1f && packed[1] === 0x8b ? unpacked(packed, expected, file.where) : packed;
  const hash = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== expected || hash !== sha256)
    throw damaged(
      file.where,
      `expected ${count(expected)} bytes with SHA-256 ${sha256}, unpacked, got ${count(bytes.length)} with ${hash}. ` +
        'Is it MNIST’s, whose files have the same names?',
    );
  read.add(name, bytes);
  return bytes.subarray(header);
}

function findFile({ files, where }: Source, name: string): SourceFile {
  const found = files.filter((file) => [name, `${name}.gz`].includes(path.posix.basename(file.name)));
  if (found.length === 1) return found[0]!;
  const got = found.length === 0 ? 'none' : found.map((file) => file.name).join(' and ');
  throw damaged(where, `expected one file ${name} or ${name}.gz, got ${got}.`);
}

/** @throws TrojanscopeError DATA_DAMAGED, for one that unpacks to more than `expected` bytes too */
function unpacked(bytes: Buffer, expected: number, where: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: expected });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'ERR_BUFFER_TOO_LARGE' ? `it unpacks to more than ${count(expected)} bytes` : message;
    throw damaged(where, `expected a gzip archive of ${count(expected)} bytes: ${what}.`);
  }
}
