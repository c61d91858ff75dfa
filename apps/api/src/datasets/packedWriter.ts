import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  type ClassOrder,
  datasets,
  type ImageShape,
  PACKED_FORMAT,
  type SplitName,
  writeWhole,
} from '@trojanscope/core';
import { count, damaged } from '../archives/sourceFile.js';
import type { Picture } from './ppm.js';

/** What `dataset.json` records of where a data set came from. */
export interface Imported {
  /** A sentence for people. */
  from: string;
  files: { name: string; bytes: number; sha256: string }[];
  /** Files that were left out because they cannot be read, where there were any. */
  skipped?: { name: string; reason: string }[];
  /** What else was left out, or assumed, in sentences, where there is something to say. */
  notes?: string[];
  /** ISO time. */
  at: string;
}

/** `dataset.json` */
export interface PackedInfo {
  format: typeof PACKED_FORMAT;
  title: string;
  description: string;
  source: { citation: string; url: string };
  /** What a network sees by default; the images here have sizes of their own. */
  shape: ImageShape;
  classNames: readonly string[];
  /** Where its classes are folders, how these were numbered. */
  classOrder?: ClassOrder;
  /** The folders of the classes, where they are called otherwise. */
  classFolders?: readonly string[];
  counts: Record<SplitName, number>;
  imported: Imported;
}

export interface SplitIndex {
  heights: number[];
  widths: number[];
  labels: number[];
  names: string[];
}

export interface SplitWriter {
  add(picture: Picture, label: number, name: string): Promise<void>;
  /** Writes the index and flushes. */
  finish(): Promise<void>;
  /** Gives the file back, finished or not. */
  close(): Promise<void>;
}

/** Writes go out in pieces of this size: a call for every small image would take longer than the image. */
const PIECE = 2 ** 20;

/** A split is read into memory as a whole. */
const MAX_SPLIT_BYTES = 4 * 2 ** 30;

/** `<split>.pixels` with all images' samples one after the other, `<split>.json` with sizes, labels and names. */
export async function createSplitWriter(
  folder: string,
  split: SplitName,
  maxBytes = MAX_SPLIT_BYTES,
): Promise<SplitWriter> {
  const handle: FileHandle = await open(path.join(folder, `${split}.pixels`), 'wx');
  const index: SplitIndex = { heights: [], widths: [], labels: [], names: [] };
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let bytes = 0;
  const flush = async () => {
    const piece = Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
    await handle.writeFile(piece);
  };
  return {
    async add({ height, width, pixels }, label, name) {
      bytes += pixels.length;
      if (bytes > maxBytes)
        throw damaged(
          name,
          `expected at most ${count(maxBytes)} bytes of pixels in the ${split} split, with this image there are more. ` +
            'Make the images smaller.',
        );
      index.heights.push(height);
      index.widths.push(width);
      index.labels.push(label);
      index.names.push(name);
      pending.push(pixels);
      pendingBytes += pixels.length;
      if (pendingBytes >= PIECE) await flush();
    },
    async finish() {
      await flush();
      await handle.sync();
      await writeWhole(path.join(folder, `${split}.json`), JSON.stringify(index));
    },
    close: () => handle.close(),
  };
}

/** Takes a split away that was written, to write it anew. */
export async function removeSplit(folder: string, split: SplitName): Promise<void> {
  for (const kind of ['pixels', 'json']) await rm(path.join(folder, `${split}.${kind}`));
}

/** The last file to be written: without it a folder is not a data set. */
export const writePackedInfo = (folder: string, info: Omit<PackedInfo, 'format'>) =>
  writeWhole(
    path.join(folder, 'dataset.json'),
    `${JSON.stringify({ format: PACKED_FORMAT, ...info }, null, 2)}\n`,
  );

/** The same for one that is known by its id, whose definition says all but what came. @returns what is recorded of that */
export async function recordImport(
  folder: string,
  id: 'gtsrb' | 'fashion-mnist' | 'cifar-10',
  counts: Record<SplitName, number>,
  from: Omit<Imported, 'at' | 'notes'> & Required<Pick<Imported, 'notes'>>,
): Promise<Imported> {
  const { notes, ...rest } = from;
  const imported = { ...rest, ...(notes.length > 0 && { notes }), at: new Date().toISOString() };
  const { title, description, source, shape, classNames, ...definition } = datasets[id];
  const classFolders = 'classFolders' in definition ? { classFolders: definition.classFolders } : {};
  await writePackedInfo(folder, {
    ...{ title, description, source, shape, classNames, ...classFolders, counts, imported },
  });
  return imported;
}
