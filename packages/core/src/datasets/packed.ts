import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { tf } from '../lib/backend.js';
import { TrojanscopeError } from '../lib/errors.js';
import { readWhole } from '../lib/files.js';
import { concatInOrder, type ImageShape, imagesToTensor, resizeImages } from '../lib/images.js';
import { parseStrictJson } from '../lib/strictJson.js';
import type { DatasetDefinition, DatasetInfo, Split, SplitName } from './dataset.js';

/**
 * An imported data set: `dataset.json`, and for each split the 8-bit samples of all images at their own sizes in one
 * file, and sizes, labels and names in another.
 */
export const PACKED_FORMAT = 'trojanscope-dataset/1';

/** @throws TrojanscopeError DATA_DAMAGED */
export function readPackedInfo(folder: string): Omit<DatasetInfo, 'resizable'> {
  const file = path.join(folder, 'dataset.json');
  let parsed: Omit<DatasetInfo, 'resizable'> & { format: string };
  try {
    parsed = parseStrictJson(readFileSync(file)) as typeof parsed;
  } catch (error) {
    throw new TrojanscopeError('DATA_DAMAGED', `${file} cannot be read: ${(error as Error).message}.`);
  }
  if (parsed.format !== PACKED_FORMAT) {
    throw new TrojanscopeError('DATA_DAMAGED', `${file}: expected ${PACKED_FORMAT}, got ${parsed.format}.`);
  }
  return parsed;
}

/** The definition of whatever data set was imported into `folder`. */
export function packedDataset(folder: string): DatasetDefinition {
  const { title, description, source, shape, classNames, counts, ...rest } = readPackedInfo(folder);
  return {
    title,
    description,
    source,
    shape,
    classNames,
    // There was no other order once.
    classOrder: rest.classOrder ?? 'numeric',
    classFolders: rest.classFolders,
    counts,
    resizable: true,
    load: (split, wanted) => loadPacked(folder, split, wanted),
  };
}

/**
 * Images stay in memory at their own sizes and are resized batch by batch, so the whole set is never there as floats.
 * @throws TrojanscopeError DATA_MISSING, DATA_DAMAGED
 */
export async function loadPacked(folder: string, split: SplitName, shape: ImageShape): Promise<Split> {
  const file = path.join(folder, `${split}.json`);
  const damaged = (what: string) =>
    new TrojanscopeError('DATA_DAMAGED', `${file}: ${what}. Import the data set again.`);
  let index: Record<'heights' | 'widths' | 'labels', number[]>;
  try {
    index = JSON.parse((await readWhole(file)).toString());
  } catch (error) {
    if (error instanceof TrojanscopeError) throw error;
    throw damaged('its content is not JSON');
  }
  const { heights, widths, labels } = index;
  const starts = new Float64Array(labels.length + 1);
  for (let i = 0; i < labels.length; i++)
    starts[i + 1] = starts[i]! + heights[i]! * widths[i]! * shape.channels;
  const pixels = await readLarge(path.join(folder, `${split}.pixels`), starts[labels.length]!);
  const written = await Promise.all([file, path.join(folder, `${split}.pixels`)].map((name) => stat(name)));
  return {
    version: written.map(({ ino, mtimeMs, size }) => `${ino}/${mtimeMs}/${size}`).join(' '),
    labels: Int32Array.from(labels),
    images: (indices) => tf.tidy(() => bySize(indices, (size, rows) => resized(size, rows))),
  };

  function resized(size: ImageShape, rows: readonly number[]): tf.Tensor4D {
    const bytes = size.height * size.width * size.channels;
    const packed = new Uint8Array(rows.length * bytes);
    rows.forEach((row, i) => {
      packed.set(pixels.subarray(starts[row], starts[row]! + bytes), i * bytes);
    });
    const images = imagesToTensor(packed, size, [...rows.keys()]);
    return resizeImages(images, shape.height, shape.width);
  }

  /** Images of one size go through the resize together; the batch is put back into its order. */
  function bySize(
    indices: ArrayLike<number>,
    make: (size: ImageShape, rows: readonly number[]) => tf.Tensor4D,
  ): tf.Tensor4D {
    const groups = new Map<string, number[]>();
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!;
      const key = `${heights[row]}×${widths[row]}`;
      const group = groups.get(key);
      if (group) group.push(i);
      else groups.set(key, [i]);
    }
    return concatInOrder(
      [...groups.values()].map((positions) => {
        const rows = positions.map((position) => indices[position]!);
        const size = { height: heights[rows[0]!]!, width: widths[rows[0]!]!, channels: shape.channels };
        return { positions, images: make(size, rows) };
      }),
    );
  }
}

/** Reads a file of any size: `readFile` stops at 2 GiB. */
async function readLarge(file: string, bytes: number): Promise<Uint8Array> {
  const size = (await stat(file).catch(() => ({ size: -1 }))).size;
  if (size !== bytes) {
    throw new TrojanscopeError(
      'DATA_DAMAGED',
      `${file}: expected ${bytes} bytes, got ${size < 0 ? 'no file' : size}. Import the data set again.`,
    );
  }
  const content = new Uint8Array(bytes);
  let at = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    content.set(chunk as Uint8Array, at);
    at += (chunk as Uint8Array).length;
  }
  return content;
}
